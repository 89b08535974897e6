"""Tests of `screening.publishing`."""
