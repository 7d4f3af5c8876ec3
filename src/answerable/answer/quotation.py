"""The exact span of a passage that a sentence rests on."""

from __future__ import annotations

from datetime import date

from answerable.core.answer import Citation
from answerable.core.passage import Passage
from answerable.text.facts import facts
from answerable.text.sentences import sentences
from answerable.text.stems import stems


def cite(passage: Passage, sentence: str, *, n: int, language: str, today: date) -> Citation:
    """A citation whose quote is the passage's sentence that carries most of this one: text[start:end] == quote."""
    start, end = _best_span(passage, sentence, language)
    return point(passage, start, end, n=n, today=today)


def point(passage: Passage, start: int, end: int, *, n: int, today: date) -> Citation:
    """A citation of passage.chunk.text[start:end]."""
    return Citation(
        n=n,
        chunk_id=passage.chunk.id,
        document_id=passage.chunk.document_id,
        quote=passage.chunk.text[start:end],
        start=passage.chunk.start + start,
        end=passage.chunk.start + end,
        title=passage.title,
        section=passage.section_at(start),
        uri=passage.uri,
        source=passage.source,
        language=passage.language,
        updated_at=passage.updated_at,
        version=passage.version,
        stale=is_stale(passage, today),
    )


def is_stale(passage: Passage, today: date) -> bool:
    """Past its review date."""
    return passage.review_by is not None and passage.review_by < today


def _best_span(passage: Passage, sentence: str, language: str) -> tuple[int, int]:
    text = passage.chunk.text
    place = text.find(sentence)
    if place >= 0:
        return place, place + len(sentence)
    spans = sentences(text, passage.language) or [(0, len(text))]
    wanted = frozenset(stems(sentence, language))
    known = {reading for number in facts(sentence, language).numbers for reading in number}

    def likeness(span: tuple[int, int]) -> tuple[int, float]:
        piece = text[span[0] : span[1]]
        found = frozenset(stems(piece, passage.language))
        held = {reading for number in facts(piece, passage.language).numbers for reading in number}
        return len(wanted & found) + 2 * len(known & held), -len(found)

    return max(spans, key=likeness)
