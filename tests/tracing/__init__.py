"""The treatment page held against the rules, and a first draft made from it."""
