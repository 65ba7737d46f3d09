"""What every service stands on: settlement, Kafka, MongoDB, HTTP, auth, clock, metrics."""
