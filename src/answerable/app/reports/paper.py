"""A report of headings, paragraphs and tables: as Markdown, and as one file of HTML for a screen and for A4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from answerable.text.page import render_page

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """`lines` are paragraphs; `rows` are of `columns`."""

    title: str
    lines: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    nothing: str = ""  # what is said where there is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole report."""

    title: str
    below: str  # the line below the title
    chapters: Sequence[Chapter]


def to_markdown(paper: Paper) -> str:
    """What strangers wrote stays text: no mark-up of theirs counts."""
    out = [f"# {_plain(paper.title)}", "", _plain(paper.below), ""]
    for one in paper.chapters:
        out += [f"## {_plain(one.title)}", ""]
        out += [line for text in one.lines for line in (_plain(text), "")]
        if one.rows:
            out += [_row(one.columns), _row(["---"] * len(one.columns)), *(map(_row_of, one.rows)), ""]
        elif not one.lines:
            out += [_plain(one.nothing or "Nothing."), ""]
    return "\n".join(out)


def to_page(paper: Paper) -> str:
    """No script, no address, no other file; every value is escaped."""
    return render_page(resources.files("answerable.app") / "templates", "paper", {"paper": paper})


def to_lines(paper: Paper) -> list[str]:
    """For a terminal: tables with their columns aligned."""
    out = [paper.title, paper.below]
    for one in paper.chapters:
        out += ["", one.title, *(f"  {text}" for text in one.lines)]
        if one.rows:
            table = [list(one.columns), *map(list, one.rows)]
            widths = [max(len(row[n]) for row in table) for n in range(len(one.columns))]
            for row in table:
                out.append(
                    "  " + "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip()
                )
        elif not one.lines:
            out.append(f"  {one.nothing or 'Nothing.'}")
    return out


def _row_of(cells: Sequence[str]) -> str:
    return _row([_plain(cell) for cell in cells])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
