"""How a document was cut, drawn for a terminal: each chunk's span, size, headings and reason over its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from answerable.core.document import SECTIONS, Chunk
from answerable.ingest.boundaries import Boundary, boundaries, cut_sentences
from answerable.ingest.marks import AUTO, MARKS, curve_of

_WIDTH = 100  # columns of a rule
_LEVELS = ("sentences", "paragraph", "section")
_BARS = "▁▂▃▄▅▆▇█"


def describe(text: str, chunks: Sequence[Chunk]) -> list[str]:
    """Lines: a rule before each chunk of the searched level, its text, and what it shares with the one before.

    Parents stand as rules over their first child. Text that no chunk holds is shown as such; blanks are not.
    """
    return list(_lines(text, chunks))


def summary(text: str, chunks: Sequence[Chunk]) -> list[str]:
    """How many chunks of what size, how many cuts inside a sentence, and what `auto` chose."""
    found = boundaries(text, chunks)
    tokens = [one.chunk.tokens for one in found]
    lines = [f"{len(found)} chunks of {len(text)} characters{_spread(tokens)}"]
    if inside := cut_sentences(found):
        lines.append(f"{inside} of {len(found) - 1} boundaries are inside a sentence")
    levels = [sum(chunk.level == level for chunk in chunks) for level in range(1, len(_LEVELS))]
    if any(levels):
        lines.append(f"above them: {levels[0]} paragraphs in {levels[1]} sections")
    if chosen := next((chunk.meta[AUTO] for chunk in chunks if AUTO in chunk.meta), ""):
        lines.append(f"chosen for this document: {chosen}")
    return lines


def _lines(text: str, chunks: Sequence[Chunk]) -> Iterator[str]:
    yield from summary(text, chunks)
    known = {chunk.id: chunk for chunk in chunks}
    shown, end = set[str](), 0
    for n, one in enumerate(boundaries(text, chunks), start=1):
        yield from _outside(one.skipped)
        yield from _above(one.chunk, known, shown)
        yield from _chunk(n, one)
        end = max(end, one.chunk.end)
    yield from _outside(text[end:].strip())


def _above(chunk: Chunk, known: Mapping[str, Chunk], shown: set[str]) -> Iterator[str]:
    """The rules of the parents that begin here, outermost first."""
    parents = list[Chunk]()
    while chunk.parent and (parent := known.get(chunk.parent)) and parent.id not in shown:
        parents.append(parent)
        shown.add(parent.id)
        chunk = parent
    for parent in reversed(parents):
        name = _LEVELS[parent.level] if parent.level < len(_LEVELS) else f"level {parent.level}"
        facts = [name, parent.id, f"{parent.start}-{parent.end}", f"{parent.tokens} tokens"]
        yield _ruled("═" * parent.level * 2, [*facts, parent.heading])


def _chunk(n: int, one: Boundary) -> Iterator[str]:
    chunk = one.chunk
    facts = [f"{n}", chunk.id, f"{chunk.start}-{chunk.end}", f"{chunk.tokens} tokens", one.why, chunk.heading]
    said = [f"{key}={value}" for key, value in chunk.meta.items() if key != SECTIONS and key not in MARKS]
    yield _ruled("──", [*facts, *said])
    if one.repeated:
        yield f"   the first {one.repeated} characters repeat the end of the chunk before"
    if points := curve_of(chunk):
        values = [cosine for _, cosine in points]
        yield f"   similarity {sparkline(values)}  {min(values):.2f} to {max(values):.2f}"
    yield from chunk.text.splitlines()


def sparkline(values: Sequence[float]) -> str:
    """A bar a value; the lowest is 0 or less, the highest 1."""
    return "".join(_BARS[min(len(_BARS) - 1, int(max(0.0, value) * len(_BARS)))] for value in values)


def _spread(tokens: Sequence[int]) -> str:
    return f", {min(tokens)} to {max(tokens)} tokens, {sum(tokens) / len(tokens):.0f} on average" if tokens else ""


def _ruled(lead: str, facts: Sequence[str]) -> str:
    return (f"{lead} " + " · ".join(fact for fact in facts if fact) + " ").ljust(_WIDTH, "─")


def _outside(kept: str) -> Iterator[str]:
    if kept:
        yield f"── in no chunk: {len(kept)} characters ".ljust(_WIDTH, "─")
        yield from kept.splitlines()
