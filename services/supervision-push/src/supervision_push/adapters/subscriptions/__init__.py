"""Subscriptions: their book, their secrets, the webhooks that are called for them."""
