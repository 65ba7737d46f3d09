"""Feeds: entries stored, read over HTTP and event streams, written to organisations' own topics."""
