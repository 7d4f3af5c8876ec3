"""Two versions of a prompt, each to its share of people."""
