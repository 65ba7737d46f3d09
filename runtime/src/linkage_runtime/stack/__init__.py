"""What starts things on one machine: broker, database, services, and their supervision."""
