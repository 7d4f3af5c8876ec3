"""The first repair on the path that makes the answer right is the cause; else the evidence decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from answerable.core.answer import Answer, Withheld
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.evals.diagnosis.bench import Other, Page, Part, Place, Tried, Variant
from answerable.evals.diagnosis.diagnose import diagnose
from answerable.evals.diagnosis.stages import EXPLAINED, Stage

URI = "returns.md"
CASE = EvalCase(
    id="returns",
    question="How long can I return it?",
    expect=Expectation(
        outcome=Outcome.ANSWERED, must=("30 days",), spans=(GoldSpan(document=URI, quote="within 30 days"),)
    ),
)
NOTHING = replace(CASE, expect=Expectation(outcome=Outcome.ABSTAINED))
WRONG, RIGHT = "Within 14 days.", "Within 30 days."
THERE = Page(uri=URI, quote="within 30 days", listed=True, document="doc_1", in_index=True, whole=True)
FOUND = Place(
    uri=URI, dense=1, lexical=1, fused=1, reranked=1, kept=True, fits=True, dense_by_itself=1, lexical_by_itself=1
)
LOST = replace(FOUND, reranked=None, kept=False, fits=False)
WRITTEN = {"generate": {}}


@dataclass
class FakeBench:
    """Right in the variants that `cures` says; every question is remembered."""

    cures: Callable[[Variant], bool] = lambda variant: False
    page: Page = THERE
    place: Place = FOUND
    parts: tuple[Part, ...] = ()
    neighbors: tuple[Other, ...] = ()
    live: Tried = field(
        default_factory=lambda: Tried(answer=an_answer(WRONG), steps={"answerable": ESTIMATE, **WRITTEN})
    )
    words: str = "within 30 days"
    keep: int = 5
    asked: list[Variant] = field(default_factory=list)

    @property
    def deviations(self) -> frozenset[Part]:
        return frozenset(self.parts)

    async def gold(self, case):
        return (self.page,) if case.expect.spans else ()

    async def places(self, case):
        return (self.place,) if case.expect.spans and self.page.document else ()

    async def others(self, case, tried):
        return self.neighbors

    async def examine(self, case, other):
        return other

    async def says(self, case, wanted):
        return wanted in self.words

    async def ask(self, case, variant):
        self.asked.append(variant)
        return replace(self.live, answer=an_answer(RIGHT)) if self.cures(variant) else self.live


ESTIMATE = {"probability": 0.4, "threshold": 0.3}


def an_answer(text: str, outcome: Outcome = Outcome.ANSWERED, **more) -> Answer:
    return Answer(id="an", trace_id="tr", text=text, outcome=outcome, **more)


async def wrong(case: EvalCase, answer: Answer) -> str:
    return "" if answer.text == RIGHT else "must: missing: 30 days"


async def stage_of(bench: FakeBench, case: EvalCase = CASE) -> Stage:
    return (await diagnose(case, bench.live.answer, bench, wrong=wrong)).stage


def shipped(part: Part) -> Callable[[Variant], bool]:
    return lambda variant: part in variant.shipped


def without(part: Part) -> Callable[[Variant], bool]:
    return lambda variant: part in variant.without


def given(form: str) -> Callable[[Variant], bool]:
    return lambda variant: variant.given == form


async def test_an_answer_that_is_right_when_asked_again_has_no_stage() -> None:
    bench = FakeBench(cures=lambda variant: True)
    assert await stage_of(bench) is Stage.NONE
    assert bench.asked == [Variant()]


@pytest.mark.parametrize(
    ("page", "stage"),
    [
        (replace(THERE, document="", in_index=False, listed=False), Stage.CORPUS_MISSING),
        (replace(THERE, document="", in_index=False), Stage.STALE_INDEX),
        (replace(THERE, document="", in_index=False, error="encrypted"), Stage.PARSE),
        (replace(THERE, in_index=False, in_source=True), Stage.STALE_INDEX),
        (replace(THERE, in_index=False, in_source=False, in_bytes=True), Stage.PARSE),
        (replace(THERE, in_index=False, in_source=False, in_bytes=False), Stage.EXPECTATION),
        (replace(THERE, hidden_by=("acl staff",)), Stage.ACL),
        (replace(THERE, hidden_by=("filter language=de, it has en",)), Stage.FILTER),
        (replace(THERE, whole=False, cut_as_shipped=False), Stage.CHUNKING),
        (replace(THERE, marked="overeager"), Stage.GUARD),
    ],
)
async def test_what_is_wrong_with_the_page_is_the_cause_where_the_page_alone_makes_it_right(page, stage) -> None:
    assert await stage_of(FakeBench(cures=given("gold"), page=page)) is stage


async def test_a_cut_that_does_no_harm_is_not_the_cause() -> None:
    page = replace(THERE, whole=False, cut_as_shipped=False)
    bench = FakeBench(cures=lambda one: bool(one.given), page=page, place=LOST)
    assert await stage_of(bench) is Stage.RERANKER


@pytest.mark.parametrize(
    ("place", "stage"),
    [
        (replace(LOST, fused=2, reranked=9), Stage.RERANKER),
        (replace(LOST, dense=2, lexical=40, fused=12, reranked=12), Stage.FUSION),
        (replace(LOST, dense=60, lexical=40, fused=55, reranked=55), Stage.RETRIEVAL),
        (replace(LOST, dense=2, lexical=None, fused=12, lexical_by_itself=None), Stage.RETRIEVAL),
        (replace(LOST, kept=True), Stage.CONTEXT),
    ],
)
async def test_a_page_that_is_found_and_lost_is_lost_where_its_ranks_say(place, stage) -> None:
    assert await stage_of(FakeBench(cures=given("gold"), place=place)) is stage


async def test_an_arm_that_misleads_the_estimate_is_broken_though_the_other_arm_finds_the_page() -> None:
    live = Tried(answer=an_answer("I don't know.", Outcome.ABSTAINED), steps={"answerable": ESTIMATE})
    place = replace(FOUND, dense=80, dense_by_itself=None)
    cures = lambda one: one.given == "gold" or Part.THRESHOLD in one.without  # noqa: E731
    assert await stage_of(FakeBench(cures=cures, place=place, live=live)) is Stage.RETRIEVAL


@pytest.mark.parametrize(
    ("part", "stage"),
    [
        (Part.RETRIEVAL, Stage.RETRIEVAL),
        (Part.FUSION, Stage.FUSION),
        (Part.RERANKER, Stage.RERANKER),
        (Part.LIMITS, Stage.CONTEXT),
    ],
)
async def test_a_part_of_the_search_whose_repair_helps_goes_before_the_ranks(part, stage) -> None:
    bench = FakeBench(
        cures=lambda one: one.given == "gold" or part in one.shipped, place=replace(LOST, fused=90), parts=(part,)
    )
    assert await stage_of(bench) is stage


@pytest.mark.parametrize(
    ("part", "stage"),
    [
        (Part.VERIFICATION, Stage.VERIFICATION),
        (Part.PROMPT, Stage.PROMPT),
        (Part.MODEL, Stage.MODEL),
        (Part.CONFLICTS, Stage.CONFLICT),
    ],
)
async def test_with_the_page_in_the_context_the_repair_that_helps_names_the_stage(part, stage) -> None:
    assert await stage_of(FakeBench(cures=shipped(part), parts=(part, Part.MODEL))) is stage


async def test_a_part_that_is_as_it_ships_is_not_tried() -> None:
    bench = FakeBench(cures=shipped(Part.PROMPT), parts=())
    assert await stage_of(bench) is Stage.MODEL
    assert not any(one.shipped for one in bench.asked)


async def test_an_answer_that_was_held_back_before_it_was_written_is_the_estimates_fault() -> None:
    live = Tried(answer=an_answer("I don't know.", Outcome.ABSTAINED), steps={"answerable": ESTIMATE})
    assert await stage_of(FakeBench(cures=without(Part.THRESHOLD), live=live)) is Stage.ABSTENTION


async def test_an_answer_that_should_have_been_held_back_and_would_be_as_it_ships_is_too() -> None:
    bench = FakeBench(cures=shipped(Part.THRESHOLD), parts=(Part.THRESHOLD,))
    assert await stage_of(bench, NOTHING) is Stage.ABSTENTION


async def test_a_sentence_withheld_though_right_is_the_checks_fault() -> None:
    kept = an_answer("I don't know.", Outcome.ABSTAINED, withheld=(Withheld(text=RIGHT, reason="number"),))
    live = Tried(answer=kept, steps={"answerable": ESTIMATE, **WRITTEN})
    assert await stage_of(FakeBench(cures=without(Part.VERIFICATION), live=live)) is Stage.VERIFICATION


@pytest.mark.parametrize("step", ["guard_question", "generate"])
async def test_a_guard_whose_absence_makes_it_right_is_the_cause(step) -> None:
    hit = {"name": "pii", "action": "mask", "rule": "PHONE", "reason": ""}
    live = Tried(answer=an_answer(WRONG), steps={"answerable": ESTIMATE, **WRITTEN, step: {"verdicts": [hit]}})
    found = await diagnose(CASE, live.answer, FakeBench(cures=without(Part.GUARDS), live=live), wrong=wrong)
    assert found.stage is Stage.GUARD
    assert "pii mask (PHONE)" in found.why


@pytest.mark.parametrize(
    ("other", "stage"),
    [
        (Other(document="d2", uri="b.md", cited=True, planted=("orders",)), Stage.POISONED),
        (Other(document="d2", uri="b.md", cited=True, status="draft"), Stage.FILTER),
        (Other(document="d2", uri="b.md", cited=True, widened="public"), Stage.ACL),
        (Other(document="d2", uri="b.md", cited=True, current=False), Stage.STALE_INDEX),
        (Other(document="d2", uri="b.md", cited=True, contradicts=True), Stage.CONFLICT),
    ],
)
@pytest.mark.parametrize("case", [CASE, NOTHING], ids=["answered", "abstained"])
async def test_a_page_whose_absence_makes_it_right_is_told_by_what_is_wrong_with_it(other, stage, case) -> None:
    bench = FakeBench(cures=lambda one: "d2" in one.hide, neighbors=(other,))
    assert await stage_of(bench, case) is stage


async def test_of_several_pages_the_one_that_leads_away_is_named() -> None:
    good = Other(document="d1", uri="a.md", cited=True, current=True)
    bad = Other(document="d2", uri="b.md", cited=False, contradicts=True)
    bench = FakeBench(cures=lambda one: "d2" in one.hide, neighbors=(good, bad))
    found = await diagnose(CASE, bench.live.answer, bench, wrong=wrong)
    assert (found.stage, "b.md" in found.why) == (Stage.CONFLICT, True)


async def test_a_case_that_asks_for_what_its_page_does_not_say_is_itself_wrong() -> None:
    assert await stage_of(FakeBench(words="within 14 days")) is Stage.EXPECTATION


async def test_a_fault_that_hides_another_does_not_stop_the_search_for_it() -> None:
    """The page is lost, and the model is wrong even with it: only another model helps."""
    cures = lambda one: one.given == "gold" and Part.MODEL in one.shipped  # noqa: E731
    assert await stage_of(FakeBench(cures=cures, place=LOST, parts=(Part.MODEL,))) is Stage.MODEL


async def test_where_the_gold_alone_is_not_enough_it_is_put_before_what_was_found() -> None:
    bench = FakeBench(cures=given("added"), page=replace(THERE, hidden_by=("acl staff",)))
    assert await stage_of(bench) is Stage.ACL


async def test_every_experiment_is_told_with_what_came_of_it() -> None:
    found = await diagnose(CASE, an_answer(WRONG), FakeBench(cures=given("gold"), place=LOST), wrong=wrong)
    asked = [(one.what, one.right) for one in found.experiments if one.right is not None]
    assert asked == [
        ("asked again, nothing changed", False),
        ("with the gold in the context, unmarked, alone", True),
    ]
    assert "dense 1, lexical 1, fused 1, reranked not found" in " ".join(one.result for one in found.experiments)


def test_every_stage_is_explained_and_says_what_to_do() -> None:
    assert set(EXPLAINED) == set(Stage)
    assert all(meaning and fix for meaning, fix in EXPLAINED.values())
