"""Ratios of speed, each measured in one run: `make bench` measures longer and larger."""
