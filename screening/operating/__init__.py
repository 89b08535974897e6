"""What an operator asks and what runs by itself beside the pages; it knows no pages."""
