"""What staff do with a request, below the staff door, on both engines."""
