"""The command line: one file a noun; parsing and printing only."""
