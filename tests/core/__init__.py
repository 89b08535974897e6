"""The core, through its public face."""
