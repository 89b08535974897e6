"""The `screening` command, as an operator runs it."""
