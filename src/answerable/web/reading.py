"""Text cut into what a page may show: sentences as trees, documents as runs with the marked passage. No HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.web.markdown import Node, plain

_HEADING = re.compile(r"#{1,6} ")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of a document; the cited passage when `marked`."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One claim of an answer, ready to show. `breaks` says that a new paragraph begins here."""

    nodes: list[Node]
    kind: str = "fact"
    support: str = "supported"
    breaks: bool = False
    item: bool = False  # of a list; its `- ` is left out


def simpler(words: Sequence[str], texts: Mapping[str, str]) -> list[str]:
    """What a reader should know of the cheaper forms an answer took, each once; other words are for traces."""
    said = (texts.get(f"degraded.{word}") for word in words)
    return list(dict.fromkeys(text for text in said if text))


def sentences(record: Mapping[str, Any]) -> list[Sentence]:
    """The sentences of an answer object; its whole text as one note when it has no claims."""
    text: str = record["text"]
    known = {source["n"] for source in record["sources"]}
    if not record["claims"]:
        return [
            Sentence(nodes=plain(part, known), kind="note", support="not_applicable", breaks=place > 0)
            for place, part in enumerate(_BLANK_LINE.split(text))
            if part.strip()
        ]
    shown: list[Sentence] = []
    end = 0
    for claim in record["claims"]:
        start = claim["span"][0]
        words = text[start : claim["span"][1]]
        shown.append(
            Sentence(
                nodes=claim["nodes"] if "nodes" in claim else plain(words.removeprefix("- "), known),
                kind=claim["kind"],
                support=claim["support"],
                breaks=bool(shown) and "\n" in text[end:start],
                item=words.startswith("- "),
            )
        )
        end = claim["span"][1]
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A part of a document between blank lines. `sign` is the mark of a Markdown heading, such as `## `."""

    runs: tuple[Run, ...]
    sign: str = ""
    level: int = 0  # 1..6 for a heading, else 0


def heading_levels(chunks: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The depth of each heading that the chunks of a document stand under, 1..6."""
    levels: dict[str, int] = {}
    for chunk in chunks:
        for depth, heading in enumerate(chunk["headings"], start=1):
            levels.setdefault(heading, min(depth, 6))
    return levels


def paragraphs(
    text: str, span: tuple[int, int] | None, headings: Mapping[str, int] | None = None
) -> list[Paragraph]:
    """A document's paragraphs, with the characters of [start, end) marked wherever they fall.

    A paragraph is a heading by its Markdown sign, or because it is one of `headings` (text → level).
    """
    shown: list[Paragraph] = []
    for start, end in _paragraph_spans(text):
        heading = _HEADING.match(text, start, end)
        begin = heading.end() if heading else start
        runs = tuple(_marked_runs(text, begin, end, span))
        sign = heading.group() if heading else ""
        level = len(sign) - 1 if sign else (headings or {}).get(text[start:end].strip(), 0)
        shown.append(Paragraph(runs=runs, sign=sign, level=level))
    return shown


def _paragraph_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _BLANK_LINE.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if text[start:].strip():
        yield start, len(text)


def _marked_runs(text: str, start: int, end: int, span: tuple[int, int] | None) -> Iterator[Run]:
    if span is None or span[1] <= start or span[0] >= end:
        yield Run(text=text[start:end])
        return
    low, high = max(start, span[0]), min(end, span[1])
    for begin, stop, marked in ((start, low, False), (low, high, True), (high, end, False)):
        if stop > begin:
            yield Run(text=text[begin:stop], marked=marked)


def valid_span(text: str, start: int | None, end: int | None) -> tuple[int, int] | None:
    """[start, end) when it lies in the text and is not empty."""
    if start is None or end is None or not 0 <= start < end <= len(text):
        return None
    return start, end


def support_counts(claims: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """(supported, checked) over the claims that state facts."""
    facts = [claim for claim in claims if claim["kind"] == "fact"]
    return sum(claim["support"] == "supported" for claim in facts), len(facts)
