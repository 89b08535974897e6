"""Ratios of speed, each measured in one run: `pytest -m bench`."""
