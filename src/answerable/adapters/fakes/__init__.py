"""Deterministic stand-ins for models and services: what users, and our own tests, test with."""
