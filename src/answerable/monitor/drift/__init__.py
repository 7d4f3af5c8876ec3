"""Drift: what changed in production, since when, and through whom."""
