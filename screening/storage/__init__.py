"""What is kept: tables, sealing, drafts, requests. Imports `core` only."""
