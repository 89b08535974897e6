"""Tests are claims; actors are fixtures."""
