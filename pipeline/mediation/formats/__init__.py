"""One module for each format: how one of its records is read, and how its files are cut into records."""
