"""The patient's door, used as a patient uses it: over HTTP, without scripts."""
