"""Structure in plain text: headings, lists and paragraphs told apart by how the lines look."""

from __future__ import annotations

import re
from itertools import pairwise

from answerable.adapters.parsers.pieces import Out

_RULE = re.compile(r"([=\-~^#*+\"'`_.:])\1{2,}\s*\Z")
_ITEM = re.compile(r"(\s*)(?:([-*•–·])|(\(?\d{1,3}[.)]|[a-z][.)]))\s+(?=\S)")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+\S")
_MAX_HEADING = 70  # characters
_NARROWEST = 45  # characters a line: programs break at 60 to 80, shorter lines are the author's own


def write_prose(text: str, out: Out, *, headings: bool = True) -> None:
    """Paragraphs stand apart by blank lines. `headings` False: short lines are paragraphs too, as in mail."""
    groups = _groups(text)
    for at, lines in enumerate(groups):
        following = groups[at + 1] if at + 1 < len(groups) else []
        level = _heading_level(lines, following, first=at == 0) if headings else 0
        if level:
            out.heading(lines[0].strip(), level)
        _write_group(lines[2:] if level else lines, out)


def _groups(text: str) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for line in text.expandtabs(4).split("\n"):
        if line.strip():
            groups[-1].append(line.rstrip())
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _heading_level(lines: list[str], following: list[str], *, first: bool) -> int:
    """0: no heading."""
    line = lines[0].strip()
    if len(lines) > 1:
        underlined = _RULE.match(lines[1]) and len(lines[1].strip()) >= 0.6 * len(line) and not _RULE.match(line)
        return (1 if lines[1].startswith("=") else 2) if underlined and len(line) <= 2 * _MAX_HEADING else 0
    if len(line) > _MAX_HEADING or line[-1] in ".,;:!?…" or not (line[0].isupper() or line[0].isdigit()):
        return 0
    if not any(char.isalpha() for char in line) or (_ITEM.match(lines[0]) and not _NUMBERED.match(line)):
        return 0
    if not first and sum(map(len, following)) <= _MAX_HEADING and not (following and _ITEM.match(following[0])):
        return 0
    numbered = _NUMBERED.match(line)
    return min(1 + numbered.group(1).count(".") + 1, 6) if numbered else 1 if first else 2


def _write_group(lines: list[str], out: Out) -> None:
    if lines and all(line.startswith("    ") for line in lines):
        out.add("code", _dedented(lines))
        return
    start = next((at for at, line in enumerate(lines) if _ITEM.match(line)), len(lines))
    listed = start + 1 < len(lines) or start == 0
    start = start if listed else len(lines)
    out.add("paragraph", unwrapped([line for line in lines[:start] if not _RULE.match(line)]))
    out.add("list", "\n".join(_items(lines[start:])))


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        match = _ITEM.match(line)
        if match:
            items.append(f"{match.group(1)}{match.group(3) or '-'} {line[match.end() :].strip()}")
        else:
            items[-1] += " " + line.strip()
    return items


def unwrapped(lines: list[str]) -> str:
    """One paragraph's lines, joined where a program broke them to fit a width: where the next word had no room."""
    stripped = [line.strip() for line in lines]
    width = max(map(len, stripped), default=0)
    text = stripped[0] if stripped else ""
    for line, following in pairwise(stripped):
        full = width >= _NARROWEST and len(line) + 1 + len(following.split(" ", 1)[0]) > width
        text += (" " if full or goes_on(line, following) else "\n") + following
    return text


def goes_on(line: str, following: str) -> bool:
    """Whether a sentence runs over the line's end, to all appearance."""
    return line[-1:] not in ".!?:;" and following[:1].islower()


def _dedented(lines: list[str]) -> str:
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return "\n".join(line[margin:] for line in lines)
