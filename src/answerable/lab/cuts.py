"""What a way of cutting does to documents before anybody searches: sizes, spans and sentences cut apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from answerable.core.document import Chunk, Document
from answerable.lab.question import Gold, Question, Span
from answerable.text.sentences import sentences

SHARES = (0.1, 0.5, 0.9)
BINS = 24  # of the size distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Of the searched chunks of one way of cutting."""

    chunks: int
    tokens: tuple[int, ...]  # p10, p50, p90 and the largest
    histogram: tuple[tuple[int, int], ...]  # (from how many tokens on, chunks)
    spans: int  # gold spans
    cut_spans: int  # of them in no chunk as a whole
    ends: int  # chunks that end before their document does
    mid_sentence: int  # of them inside a sentence

    @property
    def cut_share(self) -> float | None:
        """Of the gold spans; None without any."""
        return self.cut_spans / self.spans if self.spans else None

    @property
    def mid_sentence_share(self) -> float | None:
        """Of the ends; None without any."""
        return self.mid_sentence / self.ends if self.ends else None


def look_at(cut: Sequence[tuple[Document, Sequence[Chunk]]], questions: Iterable[Question]) -> Cuts:
    """Every document with its chunks; those above level 0 do not count."""
    searched = {doc.uri: [one for one in chunks if one.level == 0] for doc, chunks in cut}
    sizes = sorted(one.tokens for chunks in searched.values() for one in chunks)
    golds = [gold for one in questions for gold in one.gold]
    ends = [_ends(doc, searched[doc.uri]) for doc, _ in cut]
    return Cuts(
        chunks=len(sizes),
        tokens=tuple(sizes[min(len(sizes) - 1, int(share * len(sizes)))] for share in (*SHARES, 1.0))
        if sizes
        else (),
        histogram=_histogram(sizes),
        spans=len(golds),
        cut_spans=sum(not is_whole(gold, searched) for gold in golds),
        ends=sum(count for count, _ in ends),
        mid_sentence=sum(inside for _, inside in ends),
    )


def is_whole(gold: Gold, searched: Mapping[str, Sequence[Chunk]]) -> bool:
    """Whether one chunk holds one of the places from end to end."""
    return any(
        chunk.start <= start and end <= chunk.end
        for chunk in searched.get(gold.uri, ())
        for start, end in gold.places
    )


def _histogram(sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    if not sizes:
        return ()
    width = max(1, -(-sizes[-1] // BINS))
    counts = [0] * (sizes[-1] // width + 1)
    for size in sizes:
        counts[size // width] += 1
    return tuple((n * width, count) for n, count in enumerate(counts))


def _ends(document: Document, chunks: Sequence[Chunk]) -> tuple[int, int]:
    """How many chunks end before the document does, and how many of those inside a sentence."""
    last = len(document.text.rstrip())
    ends = [chunk.end for chunk in chunks if chunk.end < last]
    whole = _sentences(document)
    starts = [start for start, _ in whole]
    inside = 0
    for end in ends:
        n = bisect_right(starts, end - 1) - 1
        inside += n >= 0 and end < whole[n][1]
    return len(ends), inside


def _sentences(document: Document) -> list[Span]:
    """Sentences of each prose block; the other blocks are one each; without blocks, of the whole text."""
    if not document.blocks:
        return sentences(document.text, document.language)
    found: list[Span] = []
    for block in document.blocks:
        if block.kind in ("paragraph", "quote", "message"):
            text = document.text[block.start : block.end]
            found.extend((block.start + a, block.start + b) for a, b in sentences(text, document.language))
    return sorted(found)
