"""Reading a model's text sentence by sentence, whole or in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.answer.draft import DraftReader, DraftSentence, read_draft

TEXT = (
    "You can return it within 30 days. [1] Purchases with SUMMER20 get store credit [2][3]. "
    "**Bold** thing [9, 2].\n"
    "- first point [1]\n- second point. [2]\nNo mark at all"
)


def test_marks_belong_to_the_sentence_before_them():
    read = read_draft(TEXT)
    assert [one.cited for one in read] == [(1,), (2, 3), (9, 2), (1,), (2,), ()]
    assert read[0].text == "You can return it within 30 days."
    assert read[2].text == "Bold thing."


def test_bullets_are_known_as_such():
    assert [one.bullet for one in read_draft(TEXT)] == [False, False, False, True, True, False]


@given(st.lists(st.integers(1, len(TEXT)), max_size=30))
def test_pieces_read_as_the_whole(cuts):
    reader, found, last = DraftReader(), [], 0
    for cut in [*sorted(cuts), len(TEXT)]:
        found += reader.feed(TEXT[last:cut])
        last = cut
    assert [*found, *reader.finish()] == read_draft(TEXT)


def test_a_sentence_waits_for_marks_that_may_follow():
    reader = DraftReader()
    assert reader.feed("It is blue. ") == []
    assert reader.feed("[1") == []
    assert reader.feed("] It is round.") == [DraftSentence(text="It is blue.", cited=(1,))]
    assert reader.finish() == [DraftSentence(text="It is round.")]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    for sentence in read_draft(text):
        assert any(char.isalnum() for char in sentence.text)
        assert all(0 <= number <= 999 for number in sentence.cited)


@pytest.mark.parametrize("text", ["a." + " " * 20000 + "b", "a" + "." * 20000, "a." + '"' * 20000 + "b"])
def test_a_long_run_of_blanks_or_dots_is_read_at_once(text):
    """With a rule that goes over a run from each of its places, this takes minutes."""
    assert read_draft(text)[0].text.startswith("a.")
