"""A chat as messages: by its blocks, or by its lines where a plain text has `[10:32] Ann: …` and the like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from answerable.core.document import Block, Document
from answerable.ingest.parts import Part, part_of, parts_of
from answerable.ingest.ruler import Ruler

MESSAGE = "message"  # Block.kind
_CLOCK = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})?[T, ]{0,3}"
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?Z?"
)
_WHO = r"[^\W\d_][\w .'@-]{0,38}"
_SAID = rf"[<*]*(?P<who>{_WHO})[>*]{{0,8}}\s{{0,8}}(?:[\[(](?P<c>{_CLOCK})[\])])?\s{{0,8}}:\**\s+(?=\S)"
# At the beginning of a line; with a clock in brackets inside one, too: parsers join lines that look wrapped.
_BEFORE = (
    rf"[\[(](?P<a>{_CLOCK})[\])]\s{{0,8}}[-–]?\s{{0,8}}"
    rf"|(?P<b>{_CLOCK})(?:\s{{0,8}}[-–])?\s{{1,8}}"
)
_OPENING = re.compile(rf"(?:^|(?<=\s)(?=[\[(]\d))(?:{_BEFORE})?{_SAID}", re.M)


def is_chat(document: Document) -> bool:
    """Whether the parser found messages."""
    return any(block.kind == MESSAGE for block in document.blocks)


def chat_share(text: str) -> tuple[float, int, int]:
    """(share of the filled lines that open a message, how many do, how many speakers take turns) in a text."""
    who = [opening["who"] for opening in _OPENING.finditer(text)]
    lines = sum(bool(line.strip()) for line in text.splitlines())
    again = {one for one in who if who.count(one) > 1}
    return len(who) / max(lines, len(who), 1), len(who), len(again)


def chat_parts(document: Document, ruler: Ruler) -> list[Part]:
    """Every non-blank character in exactly one part; each message a part of its own."""
    parts = parts_of(document, ruler)
    return parts if is_chat(document) else list(_by_lines(document.text, parts, ruler))


def _by_lines(text: str, parts: Iterable[Part], ruler: Ruler) -> Iterator[Part]:
    meta: Mapping[str, str] | None = None
    for part in parts:
        start = part.start
        for opening in _OPENING.finditer(text[part.start : part.end]):
            at = part.start + opening.start()
            yield from _piece(text, start, at, part.block, meta, ruler)
            start, meta = at, _said(opening)
        yield from _piece(text, start, part.end, part.block, meta, ruler)


def _said(opening: re.Match[str]) -> Mapping[str, str]:
    time = opening["a"] or opening["b"] or opening["c"] or ""
    return {key: value.strip() for key, value in (("speaker", opening["who"]), ("time", time)) if value.strip()}


def _piece(
    text: str, start: int, end: int, block: Block, meta: Mapping[str, str] | None, ruler: Ruler
) -> Iterator[Part]:
    own = block if meta is None else replace(block, kind=MESSAGE, meta={**block.meta, **meta})
    if part := part_of(text, start, end, block=own, ruler=ruler):
        yield part
