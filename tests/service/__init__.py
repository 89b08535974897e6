"""What runs beside the doors: the library of rule sets, and delivery of notices."""
