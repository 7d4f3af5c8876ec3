"""Pieces of a template between an opening and a closing mark, found in one pass: a hostile text costs no more."""

from __future__ import annotations

from collections.abc import Iterator

COMMENTS = (("{#", "#}"), ("<!--", "-->"))
EXPRESSIONS = (("{{", "}}"), ("{%", "%}"))


def spans(text: str, opening: str, closing: str) -> Iterator[tuple[int, int]]:
    """Each [start, end), marks included; what is opened and not closed is none."""
    end = 0
    while (start := text.find(opening, end)) >= 0:
        close = text.find(closing, start + len(opening))
        if close < 0:
            return
        end = close + len(closing)
        yield start, end


def blanked(text: str, places: Iterator[tuple[int, int]]) -> str:
    """The text with blanks for these places, line ends kept: every offset stays what it is."""
    parts, last = [], 0
    for start, end in places:
        parts += [text[last:start], "".join("\n" if char == "\n" else " " for char in text[start:end])]
        last = end
    return "".join([*parts, text[last:]])


def sometimes(text: str) -> Iterator[tuple[int, int]]:
    """What is sent only under a condition: from an innermost `if` without an `else` to its end."""
    begin = -1
    for start, end in spans(text, "{%", "%}"):
        word = text[start + 2 : end - 2].strip("- \n").partition(" ")[0]
        if word == "if":
            begin = start
        elif word in ("else", "elif"):
            begin = -1
        elif word == "endif" and begin >= 0:
            yield begin, end
            begin = -1
