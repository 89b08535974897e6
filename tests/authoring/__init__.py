"""The tools of authors."""
