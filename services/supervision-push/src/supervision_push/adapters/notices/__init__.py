"""Digests for liaisons: their book, their wording, the gateways that send them."""
