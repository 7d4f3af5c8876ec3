"""People reading a fair sample."""
