"""Judges against people: what is counted, what can gate, and what a report may say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered, Label, Score, Status
from answerable.core.model_names import family, floats
from answerable.evals.judges.accord import Accord, Pair, accord
from answerable.evals.judges.fitness import FitnessRecord, fitness, keep_records, read_records, record_of
from answerable.evals.judges.identity import identity_of
from answerable.evals.judges.judgment import Judgment
from answerable.evals.judges.model_names import concerns
from answerable.evals.judges.rates import rate
from answerable.prompts.collection import load_library
from tests.unit.evals.judges.bench import GROUNDED

YES, NO, UNSURE = Answered.YES, Answered.NO, Answered.UNSURE
IDENTITY = identity_of(GROUNDED, load_library("judge"), "openai-compatible http://judge judge-1")


def label(item: str, verdict: Answered, rater: str = "ana", **more: float) -> Label:
    return Label(item=item, criterion="grounded", rater=rater, verdict=verdict, probability=more.get("p"))


def said(verdict: Answered | None) -> tuple[Judgment, ...]:
    return (Judgment(verdict=verdict, error="" if verdict else "down"),)


def found_of(counts: dict[tuple[Answered | None, Answered], int]) -> Accord:
    """So many items of which the judge and people said this."""
    every = [pair for pair, count in counts.items() for _ in range(count)]
    labels = [label(f"i{n}", people) for n, (_, people) in enumerate(every)]
    return accord("grounded", labels, {f"i{n}": said(judge) for n, (judge, _) in enumerate(every)})


def record(counts: dict[tuple[Answered | None, Answered], int]) -> FitnessRecord:
    return record_of(found_of(counts), IDENTITY, languages=(), labels_sha256="0" * 64, today=date(2026, 11, 22))


# Cohen 1960's kappa by hand: (0.9 − 0.5) / (1 − 0.5) = 0.8
GOOD = {(YES, YES): 45, (NO, NO): 45, (YES, NO): 5, (NO, YES): 5}


def test_agreement_is_counted_over_what_both_have_judged() -> None:
    found = found_of({**GOOD, (UNSURE, YES): 3, (None, NO): 2, (YES, UNSURE): 4})
    assert found.kappa is not None
    assert found.agreement is not None
    assert found.detection.sensitivity is not None
    assert found.detection.specificity is not None
    assert (found.n, found.unsure, found.failed, found.unsettled) == (100, 3, 2, 4)
    assert found.kappa.value == pytest.approx(0.8)
    assert (found.agreement.value, found.detection.sensitivity.value) == (0.9, 0.9)
    assert found.measured == pytest.approx(100 / 105)
    assert found.people_kappa is None


def test_most_people_decide_and_people_are_held_against_each_other() -> None:
    labels = [
        *(label("a", verdict, rater) for rater, verdict in (("ana", YES), ("ben", YES), ("eva", NO))),
        *(label("b", verdict, rater) for rater, verdict in (("ana", NO), ("ben", NO))),
        *(label("tie", verdict, rater) for rater, verdict in (("ana", YES), ("ben", NO))),
        label("other", YES),
        Label(item="a", criterion="safe", rater="ana", verdict=NO),
    ]
    found = accord("grounded", labels, {item: said(YES) for item in ("a", "b", "tie")})
    assert found.pairs == (Pair(judge=True, people=True), Pair(judge=True, people=False))
    assert found.unsettled == 1
    assert found.people_kappa is not None
    assert found.people_kappa.n == 3 + 1 + 1  # pairs of people
    assert found.people_alpha is not None
    assert found.people_alpha.n == 3


def test_flips_are_items_that_were_not_judged_the_same_each_time() -> None:
    again = {
        "a": (*said(YES), *said(YES), *said(NO)),
        "b": (*said(YES), *said(YES), *said(YES)),
        "c": (*said(YES), *said(None), *said(None)),
    }
    found = accord("grounded", [label(item, YES) for item in again], again)
    assert found.flips is not None
    assert (found.flips.value, found.flips.n) == (0.5, 2)
    assert accord("grounded", [label("a", YES)], {"a": said(YES)}).flips is None


@pytest.mark.parametrize(
    ("counts", "can_gate", "why"),
    [
        (GOOD, True, "κ 0.80 on 100 answers"),
        ({**GOOD, (YES, YES): 44}, False, "99 labeled answers, at least 100 are needed: 1 more"),
        ({(YES, YES): 60, (NO, NO): 20, (YES, NO): 20}, False, "κ 0.55, at least 0.6 is needed"),
        ({(YES, YES): 150}, False, "people and judge said only one thing"),
        ({**GOOD, (UNSURE, YES): 30}, False, "a verdict on 77% of the answers"),
    ],
)
def test_a_judge_gates_only_when_people_bear_it_out(
    counts: dict[tuple[Answered | None, Answered], int], can_gate: bool, why: str
) -> None:
    found = fitness([record(counts)], criterion="grounded", judge=IDENTITY.digest)
    assert (found.can_gate, why in found.why) == (can_gate, True), found.why


def test_thresholds_are_the_readers_and_another_judge_was_never_checked() -> None:
    records = [record(GOOD)]
    assert not fitness(records, criterion="grounded", judge=IDENTITY.digest, min_kappa=0.9).can_gate
    assert not fitness(records, criterion="grounded", judge=IDENTITY.digest, min_labels=200).can_gate
    assert "never checked against people; grounded@1.0.0 by judge-1 was" in (
        fitness(records, criterion="grounded", judge="another").why
    )
    assert fitness(records, criterion="safe", judge=IDENTITY.digest).why == "this judge was never checked"


def test_records_are_kept_in_a_file_the_newer_instead_of_the_older(tmp_path: Path) -> None:
    path = tmp_path / "evals" / "judge-fitness.json"
    assert read_records(path) == []
    other = record(GOOD).model_copy(update={"criterion": "safe"})
    keep_records([record({(YES, YES): 3}), other], path)
    keep_records([record(GOOD)], path)
    assert read_records(path) == [record(GOOD), other]
    assert read_records(path)[0].labeled().count(Pair(judge=True, people=False)) == 5
    path.write_text('{"judges": [{"criterion": 3}]}')
    with pytest.raises(ConfigError, match=r"judge-fitness\.json: judges\.0\.criterion"):
        read_records(path)


def scores(yes: int, no: int, errors: int = 0) -> list[Score]:
    made = [Score(name="judge:grounded", value=value) for value in [1.0] * yes + [0.0] * no]
    made += [Score(name="judge:grounded", status=Status.ERROR)] * errors
    return [*made, Score(name="judge:grounded", status=Status.NOT_APPLICABLE)]


def test_the_judges_own_rate_is_never_alone() -> None:
    alone = rate("grounded", scores(80, 20, errors=3), [])
    assert alone.estimate is None
    assert alone.text == "no rate (nobody has labeled answers for it); judge: 80 of 100, 3 unmeasured"
    few = rate(
        "grounded", scores(80, 20), [Pair(judge=True, people=True)] * 8 + [Pair(judge=True, people=False)] * 2
    )
    assert few.text == "people: 8 of 10; judge: 80 of 100, 0 unmeasured"
    labeled = record(GOOD).labeled()
    people = rate("grounded", scores(50, 50), labeled)
    assert people.estimate is not None
    assert people.text == "50 % (95%: 40–60 %, human sample, Wilson, 100 labels); judge: 50 of 100, 0 unmeasured"
    shifted = rate("grounded", scores(95, 5), labeled)
    assert shifted.estimate is not None
    assert shifted.estimate.method == "Rogan-Gladen"
    many = rate("grounded", scores(500, 500), labeled * 2, shifted=False)
    assert many.estimate is not None
    assert (many.estimate.method, many.estimate.n) == ("PPI++", 200)


def test_labels_count_by_how_likely_they_were_drawn_only_when_all_were() -> None:
    drawn = [Pair(judge=True, people=True, probability=0.1)] * 20 + [
        Pair(judge=False, people=False, probability=0.9)
    ] * 20
    weighted = rate("grounded", scores(5, 5), drawn, shifted=False)
    mixed = rate("grounded", scores(5, 5), [*drawn, Pair(judge=True, people=True)], shifted=False)
    assert weighted.estimate is not None
    assert mixed.estimate is not None
    assert weighted.estimate.value == pytest.approx(0.9)
    assert mixed.estimate.value == pytest.approx(21 / 41)


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("gpt-4.1-2026-04-14", "openai"), ("o3-mini", "openai"), ("claude-sonnet-5-20260901", "anthropic"),
        ("org/Qwen3-32B", "alibaba"), ("mixtral-8x7b", "mistral"), ("scripted-first", "scripted"), ("7b", "7b"),
    ],
)  # fmt: skip
def test_a_name_gives_its_family_away(model: str, maker: str) -> None:
    assert family(model) == maker


@pytest.mark.parametrize(
    ("model", "vendor", "floating"),
    [
        ("gpt-4.1", True, True), ("gpt-4.1-2026-04-14", True, False), ("claude-x-latest", False, True),
        ("claude-x-20260901", True, False), ("qwen3-32b", False, False), ("gpt-5-preview", True, True),
    ],
)  # fmt: skip
def test_a_name_that_may_be_another_model_tomorrow_floats(model: str, vendor: bool, floating: bool) -> None:
    assert floats(model, vendor=vendor) is floating


def test_a_judge_in_its_own_case_is_a_concern() -> None:
    assert concerns({"gpt-4.1-2026-04-14": True}, ["claude-x-20260901"]) == []
    assert "judges its own answers" in concerns({"a-1": False}, ["a-1"])[0]
    assert "same family" in concerns({"o3-2026-01-01": True}, ["gpt-4.1"])[0]
    assert "pin a version" in concerns({"judge-latest": False}, [])[0]


def test_an_adjudicators_word_is_the_last_and_no_agreement_among_people() -> None:
    labels = [
        label("a", verdict, rater) for rater, verdict in (("ana", YES), ("ben", YES), ("adjudicator:eva", NO))
    ]
    labels += [
        label("b", verdict, rater) for rater, verdict in (("ana", UNSURE), ("ben", NO), ("adjudicator:eva", YES))
    ]
    found = accord("grounded", labels, {item: said(NO) for item in ("a", "b")})
    assert found.pairs == (Pair(judge=False, people=False), Pair(judge=False, people=True))
    assert found.people_kappa is not None
    assert found.people_kappa.n == 2
