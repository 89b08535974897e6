"""What must survive when machines fail."""
