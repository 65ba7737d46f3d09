"""双公示 tables as departments really export them, read row by row into what the APIs take."""
