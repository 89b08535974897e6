"""Tests of `screening.preview`."""
