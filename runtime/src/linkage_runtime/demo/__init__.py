"""`linkage demo`: sample data and stand-alone clients around both loops, and what came out."""
