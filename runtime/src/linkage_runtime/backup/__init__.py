"""A stack's folder as one file, and the folder again from it."""
