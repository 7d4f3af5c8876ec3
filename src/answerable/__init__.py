"""Answers you can check, from your own documents."""
