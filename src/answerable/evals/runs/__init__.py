"""Asking every case, keeping every row, and reporting."""
