"""Results of supervision as they come in and are kept."""
