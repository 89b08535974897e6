"""Tools for the people who write rule sets. Imports `core` only."""
