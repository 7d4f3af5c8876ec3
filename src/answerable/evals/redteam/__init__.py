"""Attacks as dated data, what a captured model would say to each, and whether anything of it left."""
