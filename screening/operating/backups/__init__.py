"""Backups: all rows of one moment and all keys, sealed to a backup key; restored into an empty place."""
