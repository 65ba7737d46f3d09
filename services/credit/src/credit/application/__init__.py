"""What the service does, one verb a file: gather facts, rate parties, answer, repair."""
