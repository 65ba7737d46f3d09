"""MongoDB, HTTP and metrics behind the ports."""
