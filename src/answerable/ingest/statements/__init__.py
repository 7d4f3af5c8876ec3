"""Comparing what all pages of a corpus say: from a page to its statements, from statements to contradictions."""
