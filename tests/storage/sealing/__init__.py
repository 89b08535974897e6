"""The cryptography, against its published vectors and against spoilt input."""
