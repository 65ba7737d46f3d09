"""The sheet of pending work: written, read back, answered row by row."""
