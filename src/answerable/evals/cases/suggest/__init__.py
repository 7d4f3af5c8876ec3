"""Proposing cases: twins of those there are, facts in documents, questions in the log. A person decides each."""
