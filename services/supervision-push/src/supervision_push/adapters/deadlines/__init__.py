"""Clocks, escalations, supplements and findings: what runs out, as stored and shown."""
