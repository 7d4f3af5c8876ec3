"""Metrics of production, by version."""
