"""Headings that a text carries in itself: `== Section ==`, as wikis write them and no parser reads them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from answerable.core.document import Block, Document

_LINE = re.compile(
    r"^[^\S\n]*(?P<open>(?:=[ \t]?){1,6})(?P<text>[^\s=][^\n]{0,118}?)[ \t]*(?P<close>(?:[ \t]?=){1,6})[^\S\n]*$",
    re.M,
)


def with_headings(document: Document) -> Document:
    """The document with its wiki headings as blocks; itself where its parser found headings, or it has none."""
    if "=" not in document.text or any(block.kind == "heading" for block in document.blocks):
        return document
    headings = list(_headings(document.text))
    if not headings:
        return document
    begins = [heading.start for heading in headings]
    blocks = [piece for block in document.blocks for piece in _parted(block, headings, begins)]
    return replace(document, blocks=tuple(sorted([*headings, *blocks], key=lambda one: one.start)))


def _headings(text: str) -> Iterator[Block]:
    path: list[str] = []
    for found in _LINE.finditer(text):
        level = found["open"].count("=")
        if level != found["close"].count("="):
            continue
        path = [*path[: level - 1], found["text"].strip()]
        start = found.start("open")
        yield Block(kind="heading", start=start, end=found.end("close"), level=level, headings=tuple(path))


def _parted(block: Block, headings: Sequence[Block], begins: Sequence[int]) -> Iterator[Block]:
    """The block between the headings inside it, each piece under the last heading before it."""
    inside = headings[bisect_left(begins, block.start) : bisect_left(begins, block.end)]
    start = block.start
    for heading in inside:
        if heading.start > start:
            yield replace(block, start=start, end=heading.start, headings=_path(start, headings, begins))
        start = max(start, heading.end)
    if start < block.end:
        yield replace(block, start=start, headings=_path(start, headings, begins))


def _path(at: int, headings: Sequence[Block], begins: Sequence[int]) -> tuple[str, ...]:
    before = bisect_right(begins, at)
    return headings[before - 1].headings if before else ()
