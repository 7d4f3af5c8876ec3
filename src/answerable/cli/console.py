"""Printing: results on standard output, everything else on standard error; no color without a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from answerable.text.printable import printable

_WIDE = 200  # columns where nobody looks at a screen: a pipe, a file, a test


class _Inert(Console):
    """Shows what files, people and models wrote, whatever is in it: nothing of it steers the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else printable(text), style, control)


# No emoji: `:x:` within an answer, a name or `module:x:` is what it is.
out = _Inert(soft_wrap=True, highlight=False, emoji=False, width=None if sys.stdout.isatty() else _WIDE)
err = _Inert(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def say(text: str) -> None:
    """A plain line of result."""
    out.print(text, markup=False)


def note(text: str) -> None:
    """A line about the work, not its result."""
    err.print(text, style="dim", markup=False)


def write(text: str) -> None:
    """A whole text, to the letter where a file or a program takes it: Markdown, CSV, a prompt."""
    out.file.write(printable(text) if out.is_terminal else text)


def emit_json(value: Any) -> None:
    """The result as JSON, whole and alone on standard output; what would steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    out.file.write("".join(map(_escaped, text)) if printable(text) != text else text)
    out.file.write("\n")


def _escaped(char: str) -> str:
    return char if printable(char) == char else f"\\u{ord(char):04x}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table without borders. `right` are the columns of numbers."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(str(cell)) for cell in row))
    out.print(drawn, soft_wrap=False)
