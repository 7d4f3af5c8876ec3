"""Printing: results on standard output, everything else on standard error; no color without a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDE = 200  # columns where nobody looks at a screen: a pipe, a file, a test

# No emoji: `:x:` within an answer, a name or `module:x:` is what it is.
out = Console(soft_wrap=True, highlight=False, emoji=False, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def say(text: str) -> None:
    """A plain line of result."""
    out.print(text, markup=False)


def note(text: str) -> None:
    """A line about the work, not its result."""
    err.print(text, style="dim", markup=False)


def emit_json(value: Any) -> None:
    """The result as JSON, whole and alone on standard output."""
    out.file.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table without borders. `right` are the columns of numbers."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(str(cell)) for cell in row))
    out.print(drawn, soft_wrap=False)
