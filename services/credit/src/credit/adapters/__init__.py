"""Where the use cases meet MongoDB, files, metrics and the log."""
