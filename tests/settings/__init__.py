"""Settings: what an operator may say, and time at the clinic as it follows from that."""
