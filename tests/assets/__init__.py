"""What the browser is given."""
