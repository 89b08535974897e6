"""What must hold against people who mean harm: a row of docs' guarantees each."""
