"""What changed, since when, and through whom."""
