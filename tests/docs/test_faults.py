"""The page of the fault matrix is what the matrix says, and every cell of the matrix is asked somewhere."""

from __future__ import annotations

from answerable.core.degraded import MEANINGS
from answerable.testing.faults import CELLS
from tests.docs.faults import PAGE, page


def test_the_page_is_the_matrix():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.docs.faults --write"


def test_every_cell_stands_in_the_page():
    text = page()
    for one in CELLS:
        assert f"| {one.fault} | {one.like} | {one.gets} |" in text


def test_every_word_of_the_matrix_is_explained():
    assert {word for one in CELLS for word in one.degraded} <= MEANINGS.keys()
