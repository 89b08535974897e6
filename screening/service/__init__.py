"""What patients do and what runs by itself: drafts, requests, the rule sets in use, notices."""
