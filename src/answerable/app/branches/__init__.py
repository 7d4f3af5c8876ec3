"""A branch held to where it began."""
