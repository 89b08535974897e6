"""What both doors share: headers, failures, health, components, questions as forms and pages."""
