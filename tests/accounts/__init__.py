"""Who gets in and who does not: signing in, guessing, forged forms, roles."""
