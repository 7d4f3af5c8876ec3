"""Certified abstention: a promise about the answers that are given."""
