"""Databases as earlier versions left them, and whether the present one opens them."""
