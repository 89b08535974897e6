"""The author's door: a rule set as patients would see it."""
