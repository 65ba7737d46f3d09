"""Pushes as stored, shown, counted and acted on over HTTP."""
