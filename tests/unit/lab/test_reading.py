"""What a budget pays for, and what that is worth."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from answerable.core.evaluation import GoldSpan
from answerable.core.pairs import Pair
from answerable.lab.cuts import look_at
from answerable.lab.question import Gold, Question, questions
from answerable.lab.reading import merged, read, within
from tests.unit.lab.making import a_document, asking, cut_at, passages

TEXT = "aaa bbb ccc ddd. Eee fff ggg hhh."
DOC = a_document(TEXT)
FIRST, SECOND = cut_at(DOC, 17)
SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda one: (min(one), max(one))), max_size=8
)


def test_the_budget_ends_inside_a_passage():
    found = read(asking((17, 33)), passages(DOC, [FIRST, SECOND]), budget=6)
    assert found.recall == 0.5, "four tokens are spent on the first, two of four are left for the second"
    assert read(asking((17, 33)), passages(DOC, [FIRST, SECOND]), budget=8).recall == 1.0
    assert read(asking((17, 33)), passages(DOC, [FIRST, SECOND]), budget=4).recall == 0.0


def test_precision_and_iou_count_characters():
    found = read(asking((0, 17)), passages(DOC, [FIRST, SECOND]), budget=8)
    assert (found.recall, found.precision, found.iou) == (1.0, 17 / 33, 17 / 33)


def test_ranks_gain_once_a_place_and_only_where_half_of_it_is_held():
    found = read(asking((20, 24), (0, 3)), passages(DOC, [SECOND, FIRST]), budget=8)
    assert (found.mrr, found.ndcg) == (1.0, 1.0)
    late = read(asking((0, 3)), passages(DOC, [SECOND, FIRST]), budget=8)
    assert late.mrr == 0.5
    straddling = read(asking((14, 33)), passages(DOC, [FIRST]), budget=8)
    assert straddling.mrr == 0.0


def test_of_several_places_the_best_found_counts():
    question = Question(
        id="q", text="", language="en", cluster="q", gold=(Gold(uri="a.md", places=((0, 3), (17, 20))),)
    )
    assert read(question, passages(DOC, [SECOND]), budget=4).recall == 1.0


def test_another_document_with_the_same_places_is_not_it():
    assert read(asking((0, 17), uri="b.md"), passages(DOC, [FIRST]), budget=8).recall == 0.0


@given(SPANS)
def test_merging_keeps_every_character_once(spans):
    found = merged(spans)
    assert {at for a, b in spans for at in range(a, b)} == {at for a, b in found for at in range(a, b)}
    assert all(one[1] < other[0] for one, other in pairwise(found))


def test_nothing_is_shown_without_a_budget():
    assert within(passages(DOC, [FIRST]), 0) == {}


def test_cuts_are_counted_through_spans_and_through_sentences():
    found = look_at([(DOC, cut_at(DOC, 8))], [asking((4, 11)), asking((0, 7))])
    assert (found.spans, found.cut_spans, found.cut_share) == (2, 1, 0.5)
    assert (found.ends, found.mid_sentence) == (1, 1)
    between = look_at([(DOC, cut_at(DOC, 16))], [asking((4, 11))])
    assert (between.cut_spans, between.mid_sentence) == (0, 0)
    assert sum(count for _, count in found.histogram) == found.chunks == 2


def test_a_pair_is_measured_only_if_every_quote_is_there():
    def pair(name, *quotes):
        return Pair(id=name, question="?", spans=tuple(GoldSpan(document=d, quote=q) for d, q in quotes))

    found = questions(
        [pair("one", ("docs/a.md", "bbb ccc")), pair("two", ("a.md", "bbb"), ("a.md", "zzz"))],
        {"a.md": TEXT},
        source="docs",
    )
    assert [(one.id, one.gold[0].uri, one.gold[0].places) for one in found.usable] == [("one", "a.md", ((4, 11),))]
    assert found.left_out == ("two: a.md does not say “zzz”",)
