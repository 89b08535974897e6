"""The treatment page held against the rules: what it states, which rule stands for it, what has changed."""
