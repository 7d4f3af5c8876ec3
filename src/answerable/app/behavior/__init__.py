"""Behavior cases of prompts, put to models."""
