"""Read models made again from the log beside the running ones, compared, and put in their place."""
