"""One use case, one file, one function; what they work with stands in ``ports``."""
