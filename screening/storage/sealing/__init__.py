"""All the cryptography and nothing else: what is sealed, with which key, and how it is found again."""
