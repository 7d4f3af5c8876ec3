"""The red team of a project: its own system attacked, and nothing of it left behind."""
