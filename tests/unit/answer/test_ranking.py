"""Which passages are kept: each part's evidence among them, copies once, contradictions never collapsed."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.rerankers.proximity import KeepOrder
from answerable.answer.copies import collapse
from answerable.answer.decomposition import Part
from answerable.answer.merging import merge, mergeable, share_wanted
from answerable.answer.ranking import Ranked, capped, keep, rank
from answerable.answer.retrieval import Found, Group
from answerable.answer.smoothing import smooth
from answerable.core.errors import IntegrityError
from answerable.core.query import Query
from tests.unit.answer.making import make_passage

LONG = (
    "Over-ear headphones can be returned within 30 days of delivery, even if the box of the item has been opened "
    "before"
)


def page(n, text="Some words here.", **more):
    return make_passage(text, uri=f"{n}.md", **more)


# --- copies ------------------------------------------------------------------------------------------------


def test_a_text_with_a_few_plain_words_more_takes_the_place_of_the_shorter():
    short, longer = page(1, LONG + ".", score=0.9), page(2, LONG + " today.", score=0.5)
    (one,) = collapse([short, longer])
    assert one.chunk.text == longer.chunk.text
    assert one.score == 0.9


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("marks", [{"trust": "public"}, {"meta": {"suspicion": "0.9"}}])
def test_a_copy_that_anybody_may_have_written_never_takes_the_place_of_its_page(marks, first):
    ours, theirs = page(1, LONG + "."), page(2, LONG + " today.")
    theirs = replace(theirs, trust=marks.get("trust", "internal"))
    theirs = replace(theirs, chunk=replace(theirs.chunk, meta=marks.get("meta", {})))
    (one,) = collapse([theirs, ours] if first else [ours, theirs])
    assert one.uri == "1.md"


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace("30", "14"),
        LONG.replace("can be", "can not be"),
        LONG.replace("can be", "can only be"),
        LONG.replace("can be", "must be"),
        LONG.replace("headphones", "earphones"),
        LONG + " until 5 May 2026",
        LONG + " in the Aurora set",
        LONG + " and this goes on with a good deal of quite other words about something else that matters as well",
    ],
)
def test_texts_that_differ_in_what_they_state_both_stay(other):
    assert len(collapse([page(1, LONG), page(2, other)])) == 2


# --- parts -------------------------------------------------------------------------------------------------


def group(text, best, weights):
    return Group(part=Part(text=text, kind="question"), passages=(best,), weights=weights)


def test_a_part_that_no_kept_passage_covers_gets_the_last_place():
    found = [page(n, "Returns of headphones take long.") for n in range(6)]
    coupon = page(9, "SUMMER20 is refunded as store credit.")
    ranked = Ranked(passages=tuple(found), groups=(group("bought with SUMMER20", coupon, {"summer20": 5.0}),))
    kept = keep(ranked, limit=5)
    assert [one.uri for one in kept] == ["0.md", "1.md", "2.md", "3.md", "9.md"]


def test_a_part_that_is_covered_changes_nothing():
    found = [page(n, "SUMMER20 coupons and returns.") for n in range(6)]
    ranked = Ranked(
        passages=tuple(found), groups=(group("SUMMER20", page(9, "SUMMER20 only."), {"summer20": 5.0}),)
    )
    assert keep(ranked, limit=5) == found[:5]


def test_the_first_passage_of_the_whole_question_is_never_pushed_out():
    found = [page(1, "Returns.")]
    groups = tuple(group(str(n), page(10 + n, f"word{n}x"), {f"word{n}x": 1.0}) for n in range(4))
    kept = keep(Ranked(passages=tuple(found), groups=groups), limit=2)
    assert [one.uri for one in kept] == ["1.md", "10.md"]


async def test_each_part_is_ranked_by_its_own_words():
    asked = []

    class Recording(KeepOrder):
        async def rerank(self, query, passages, *, limit):
            asked.append(query.text)
            return await super().rerank(query, passages, limit=limit)

    found = Found(passages=(page(1),), text="read so", groups=(group("a part", page(2), {}),))
    ranked = await rank(Recording(), Query(text="raed so", tenant="t"), found, limit=5)
    assert asked == ["read so", "a part"]
    assert [one.uri for one in ranked.groups[0].passages] == ["2.md"]


async def test_a_suspicious_page_does_not_take_the_place_of_a_parts_own():
    planted = page(1, "word1x word1x")
    planted = replace(planted, chunk=replace(planted.chunk, meta={"suspicion": "override"}))
    part = replace(group("word1x", planted, {"word1x": 1.0}), passages=(planted, page(2, "word1x")))
    found = Found(passages=(page(3), page(4)), groups=(part,))
    ranked = await rank(KeepOrder(), Query(text="q", tenant="t"), found, limit=5)
    assert [one.uri for one in keep(ranked, limit=2)] == ["3.md", "2.md"]


async def test_parts_are_ranked_at_once_within_one_budget():
    waiting = asyncio.Barrier(3)

    class Together(KeepOrder):
        async def rerank(self, query, passages, *, limit):
            await waiting.wait()
            return await super().rerank(query, passages, limit=limit)

    parts = tuple(group(f"part {n}", page(n), {}) for n in range(2))
    async with asyncio.timeout(5):
        ranked = await rank(
            Together(), Query(text="q", tenant="t"), Found(passages=(page(9),), groups=parts), limit=5
        )
    assert [one.passages[0].uri for one in ranked.groups] == ["0.md", "1.md"]


async def test_a_reranker_that_breaks_says_so_itself():
    class Broken(KeepOrder):
        async def rerank(self, query, passages, *, limit):
            raise IntegrityError("broken")

    with pytest.raises(IntegrityError, match="broken"):
        await rank(Broken(), Query(text="q", tenant="t"), Found(passages=(page(9),)), limit=5)


# --- caps, suspicion ---------------------------------------------------------------------------------------


def test_a_document_above_its_share_waits_behind_the_others():
    found = [page(1), page(1, "b"), page(1, "c"), page(2)]
    assert [one.uri for one in capped(found, 2)] == ["1.md", "1.md", "2.md", "1.md"]
    assert capped(found, None) == found


def test_a_suspicious_passage_falls_back_and_never_stands_for_a_part():
    bad = page(1, "word1x")
    bad = replace(bad, chunk=replace(bad.chunk, meta={"suspicion": "override"}))
    kept = keep(Ranked(passages=(bad, page(2)), groups=(group("x", bad, {"word1x": 1.0}),)), limit=1)
    assert [one.uri for one in kept] == ["2.md"]


# --- smoothing ---------------------------------------------------------------------------------------------


def line(scores):
    """Chunks of one document, one after the other."""
    return [make_passage("x" * 10, start=12 * n, score=score) for n, score in enumerate(scores)]


def test_a_passage_between_good_ones_rises():
    first = smooth([*line([0.6, 0.55, 0.6]), page(2, "y", score=0.55)], weight=0.5)
    assert first[0].chunk.start == 12


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 1))
def test_smoothing_keeps_every_passage_and_the_scale(scores, weight):
    found = smooth(line(scores), weight=weight)
    assert len(found) == len(scores)
    assert all(0 <= one.score <= 1 for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


# --- auto-merge --------------------------------------------------------------------------------------------


def child(n, parent="ch_parent", siblings="3"):
    one = make_passage(f"sentence {n}", start=100 * n, score=1 - n / 10)
    return replace(one, chunk=replace(one.chunk, parent=parent, meta={"siblings": siblings}))


def test_half_of_a_section_is_enough_to_explain_and_a_lookup_wants_all():
    children = [child(1), child(2)]
    assert mergeable(children, share=share_wanted("Explain the returns policy")) == {"ch_parent"}
    assert mergeable(children, share=share_wanted("How many days do I have?")) == frozenset()
    assert mergeable(children[:1], share=0.1) == frozenset()
    sections = [replace(one, chunk=replace(one.chunk, level=1)) for one in children]
    assert mergeable(sections, share=0.1) == frozenset(), "what was merged is not merged again"
    assert mergeable([page(1), page(1)], share=0.1) == frozenset()


def test_the_section_stands_at_the_place_of_its_best_piece():
    section = make_passage("sentence 1 sentence 2", start=100, score=0.0)
    merged = merge([page(5), child(1), page(6), child(2)], {"ch_parent": section})
    assert [one.chunk.text for one in merged] == ["Some words here.", section.chunk.text, "Some words here."]
    assert merged[1].score == child(1).score
