"""The `linkage` command: one file for each subcommand."""
