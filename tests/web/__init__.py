"""What both doors share: headers, failures, health and components."""
