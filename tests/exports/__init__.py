"""The ways out, each by what it must never let through."""
