"""Criteria, and models that answer them with YES, NO or UNSURE."""
