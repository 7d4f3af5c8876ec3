"""Chunks along topics: cut where the sentences before and after a place are least alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from answerable.core.document import Chunk, Document
from answerable.core.ports import SentenceVectors, Tokenizer
from answerable.ingest.groups import chunks_of, joined
from answerable.ingest.marks import BOUNDARY, CURVE, curve_value, marked
from answerable.ingest.parts import Part, parts_of
from answerable.ingest.ruler import Ruler
from answerable.ingest.sections import merge_small, sections_of
from answerable.ingest.splits import Splitter
from answerable.ingest.topics import Bounds, Curve, cut_topics, similarity_curve
from answerable.ingest.wiki_headings import with_headings

_WHOLE = frozenset({"table", "code"})
_HIGHEST = 99.0  # no cosine comes near it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What may be cut by topic: sentences of one section, quotes apart; why it begins; its similarity curve."""

    units: Sequence[Part]
    why: str
    curve: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticChunker:
    """Topics of up to `max_tokens`; a new heading and a quote always begin a chunk, tables and code stay whole.

    A boundary lies where the similarity of its two sides is lower than the document's mean by `spread` standard
    deviations, or where the chunk would be too long otherwise. Every chunk keeps the curve over its own text and
    the reason of its beginning. docs/decisions/0088-semantic-chunks.md has the figures.
    """

    tokenizer: Tokenizer
    vectors: SentenceVectors
    max_tokens: int = 200
    small_tokens: int = 40
    window: int = 3  # sentences on each side of a gap
    spread: float = 0.5

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        shape = f"{self.max_tokens}/{self.small_tokens}/{self.window}/{self.spread:g}"
        return f"semantic-1/{shape}/{self.vectors.key}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks in order; only blanks lie between them. Raises Unreachable where vectors do."""
        document = with_headings(document)
        ruler = Ruler(document.text, self.tokenizer)
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        runs = self._measured(document.text, list(self._runs(document, splitter)))
        every = np.concatenate([run.curve for run in runs]) if runs else np.zeros(0)
        threshold = float(every.mean() - self.spread * every.std()) if every.size else 0.0
        return [chunk for run in runs for chunk in self._cut(document, run, threshold)]

    def _runs(self, document: Document, splitter: Splitter) -> Iterator[tuple[str, list[Part]]]:
        sections = sections_of(parts_of(document, splitter.ruler))
        merged = merge_small(sections, limit=self.max_tokens, small=self.small_tokens)
        for n, section in enumerate(merged):
            why = "heading" if n or section.parts[0].kind == "heading" else "start"
            units, quoted = list[Part](), section.parts[0].kind == "quote"
            for part in section.parts:
                if units and (part.kind == "quote") != quoted and part.kind != "heading":
                    yield why, units
                    units, why = [], "quote" if part.kind == "quote" else "end of a quote"
                    quoted = part.kind == "quote"
                units.extend(self._units(part, splitter))
            yield why, units

    def _units(self, part: Part, splitter: Splitter) -> list[Part]:
        if part.kind in _WHOLE or part.kind == "heading":
            return splitter.fit(part, self.max_tokens)
        return splitter.sentences(part, self.max_tokens)

    def _measured(self, text: str, runs: Sequence[tuple[str, list[Part]]]) -> list[_Run]:
        """All sentences of the document in one call, so that they can be embedded in full batches."""
        units = [unit for _, run in runs for unit in run]
        if not units:
            return []
        vectors = self.vectors.vectors([text[unit.start : unit.end] for unit in units])
        measured, at = list[_Run](), 0
        for why, run in runs:
            curve = similarity_curve(vectors[at : at + len(run)], self.window)
            measured.append(_Run(units=run, why=why, curve=curve))
            at += len(run)
        return measured

    def _cut(self, document: Document, run: _Run, threshold: float) -> Iterator[Chunk]:
        edges = [(unit.first, unit.last) for unit in run.units]
        bounds = Bounds(most=self.max_tokens, least=min(self.small_tokens, self.max_tokens // 2))
        starts = cut_topics(edges, _bound(run), threshold=threshold, bounds=bounds)
        for left, right in zip(starts, [*starts[1:], len(run.units)], strict=True):
            units = run.units[left:right]
            (chunk,) = chunks_of(document, [[joined(units)]])
            points = [(run.units[n].start - chunk.start, run.curve[n - 1]) for n in range(max(1, left), right)]
            yield marked(chunk, {BOUNDARY: _reason(run, left, threshold), CURVE: curve_value(points)})


def _bound(run: _Run) -> Curve:
    """A heading is not parted from what it announces unless it must be: no gap is as high as the one after it."""
    kept = [_HIGHEST if unit.kind == "heading" else one for unit, one in zip(run.units, run.curve, strict=False)]
    return np.asarray(kept, dtype=np.float64)


def _reason(run: _Run, at: int, threshold: float) -> str:
    if at == 0:
        return run.why
    similarity = float(run.curve[at - 1])
    if similarity < threshold:
        return f"topic: similarity {similarity:.2f} is below {threshold:.2f}"
    return f"size: similarity {similarity:.2f} is the lowest that keeps to the limit"
