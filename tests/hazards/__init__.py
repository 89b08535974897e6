"""The hazard log, what shows its controls, and the papers."""
