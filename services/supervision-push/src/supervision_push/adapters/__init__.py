"""MongoDB, Kafka and HTTP as this service uses them."""
