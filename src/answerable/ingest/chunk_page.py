"""How a document was cut, as one HTML file that needs nothing else: its boundaries and its similarity curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

from answerable.core.document import SECTIONS, Chunk
from answerable.ingest.boundaries import Boundary, boundaries
from answerable.ingest.describe import summary
from answerable.ingest.marks import MARKS, curve_of
from answerable.text.page import render_page

_WIDTH, _HEIGHT = 1000.0, 100.0  # of the drawing, in its own units


def write_page(title: str, text: str, chunks: Sequence[Chunk]) -> str:
    """The whole file. Every word in it is escaped, and no script runs in it: the text is other people's."""
    known = {chunk.id: chunk for chunk in chunks}
    found, shown = boundaries(text, chunks), set[str]()
    points = [(one.chunk.start + offset, cosine) for one in found for offset, cosine in curve_of(one.chunk)]
    end = max((one.chunk.end for one in found), default=0)
    values = {
        "title": title,
        "summary": summary(text, chunks),
        "rows": [_row(one, known, shown) for one in found],
        "rest": text[end:].strip(),
        "curve": " ".join(f"{_across(at, text):.1f},{_down(cosine):.1f}" for at, cosine in points),
        "cuts": [f"{_across(one.chunk.start, text):.1f}" for one in found[1:]],
    }
    return render_page(resources.files(__package__) / "templates", "chunks", values)


def _row(one: Boundary, known: Mapping[str, Chunk], shown: set[str]) -> dict[str, Any]:
    chunk = one.chunk
    said = [f"{key}={value}" for key, value in chunk.meta.items() if key != SECTIONS and key not in MARKS]
    facts = [chunk.id, f"{chunk.start}-{chunk.end}", f"{chunk.tokens} tokens", chunk.heading, *said]
    return {
        "id": chunk.id,
        "above": list(reversed(list(_above(chunk, known, shown)))),
        "why": one.why,
        "facts": " · ".join(fact for fact in facts if fact),
        "again": chunk.text[: one.repeated],
        "text": chunk.text[one.repeated :],
        "skipped": one.skipped,
    }


def _above(chunk: Chunk, known: Mapping[str, Chunk], shown: set[str]) -> Iterator[str]:
    while chunk.parent and (parent := known.get(chunk.parent)) and parent.id not in shown:
        shown.add(parent.id)
        facts = [f"level {parent.level}", parent.id, f"{parent.start}-{parent.end}", f"{parent.tokens} tokens"]
        yield " · ".join([*facts, *([parent.heading] if parent.heading else [])])
        chunk = parent


def _across(at: int, text: str) -> float:
    return _WIDTH * at / max(len(text), 1)


def _down(cosine: float) -> float:
    return _HEIGHT * (1.0 - min(1.0, max(0.0, cosine)))
