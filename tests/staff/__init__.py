"""The staff door, used as staff use it: over HTTP, without scripts."""
