"""One rule set as a form on the author's own machine: every rule shown beside it, and nothing kept."""
