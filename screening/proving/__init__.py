"""Proves rule sets for all possible answers; runs at every start. Imports `core` only."""
