"""The author's bench: check, cases, generate, mutate, coverage, diff, show, schema."""
