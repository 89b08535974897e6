"""Who works here and how they sign in: accounts, sessions, second factors, and who may see what."""
