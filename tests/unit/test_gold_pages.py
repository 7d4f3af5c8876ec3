"""Whether passages hold what a case calls gold, also where a section took the place of its pieces."""

from __future__ import annotations

from dataclasses import replace

from answerable.app.gold_pages import Gold
from answerable.core.passage import Passage
from answerable.evals.diagnosis.bench import Page
from tests.unit.answer.making import make_passage


def gold(*pieces: Passage) -> Gold:
    page = Page(uri="a.md", quote="q", listed=True, in_index=True, whole=len(pieces) == 1)
    return Gold(page=page, indexed=pieces)


def test_a_section_holds_the_pieces_it_was_merged_from() -> None:
    first, second = make_passage("One.", start=0), make_passage("Two.", start=5)
    section = make_passage("One. Two.", start=0)
    section = replace(section, chunk=replace(section.chunk, level=1))
    assert gold(first).is_in([section])
    assert gold(first, second).is_in([section])
    assert not gold(first, make_passage("Three.", start=20)).is_in([section])


def test_another_page_or_a_chunk_that_overlaps_holds_nothing() -> None:
    piece = make_passage("One.", start=0)
    assert gold(piece).is_in([piece])
    assert not gold(piece).is_in([make_passage("One. Two.", start=0)])
    other = make_passage("One. Two.", start=0, uri="b.md")
    assert not gold(piece).is_in([replace(other, chunk=replace(other.chunk, level=1))])
