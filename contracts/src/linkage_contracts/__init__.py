"""The only language the services share: events, identities, topics, the catalogue. No I/O."""
