"""Text for a cell of a table that a spreadsheet opens: never a formula, and the same text again when it is read.

A spreadsheet computes a cell that begins with = + - or @, in full width too, and blanks or quotes before it do not
always stop it (OWASP, CSV Injection). Where it takes another separator than ours, a cell begins inside of ours,
so each piece between separators is looked at. Numbers and telephone numbers are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SEPARATORS = re.compile(r"([;|\t\r\n\x0b\x0c\x85\u2028\u2029])")
_FORMULA = re.compile(r"[\s\ufeff\"“”\x00-\x1f]*[=@+\-＝＠＋－−]")
_NUMBER = re.compile(r"\s*[+\-−]\s?\d[\d .,()/]*(?:[eE][+-]?\d+)?\s?%?\s*")


def cell(text: str) -> str:
    """The text with an apostrophe before each piece that a spreadsheet could compute."""
    if _NUMBER.fullmatch(text):
        return text
    return _each(text, lambda piece: f"'{piece}" if _FORMULA.match(piece.lstrip("'")) else piece)


def bare(text: str) -> str:
    """What `cell` was given: `bare(cell(text)) == text`."""
    return _each(
        text, lambda piece: piece[1:] if piece[:1] == "'" and _FORMULA.match(piece.lstrip("'")) else piece
    )


def _each(text: str, change: Callable[[str], str]) -> str:
    pieces = _SEPARATORS.split(text)
    pieces[::2] = [change(piece) for piece in pieces[::2]]
    return "".join(pieces)
