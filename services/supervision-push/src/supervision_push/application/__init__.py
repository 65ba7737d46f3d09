"""Use cases: one file, one function, named by its verb; collaborators come in as keyword ports."""
