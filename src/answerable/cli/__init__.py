"""The command line: one file a noun; parsing and printing only."""

from answerable.cli.main import main

__all__ = ["main"]
