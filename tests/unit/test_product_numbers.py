"""From counts and what people said to the product's numbers, and from two of them to what changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from answerable.adapters.postgres.tallies import DIMENSIONS, LABELED, ZERO_BIN
from answerable.app.metrics.combined import ratio_of, relative_reduction, sum_of
from answerable.app.metrics.comparing import change
from answerable.app.metrics.labels import Label, by_task, completed, harmful, label_of
from answerable.app.metrics.measured_parts import share
from answerable.app.metrics.rolling_up import REBUILT_DAYS, rebuilt_days
from answerable.app.metrics.sums import Sums, size_of, sums_by_key
from answerable.app.metrics.tallied import RECIPES
from answerable.app.metrics.task_parts import deflection, escalation, follow_ups, satisfaction, task_cost
from answerable.config.retention import RetentionSection
from answerable.core.event_names import checked
from answerable.evals.stats.corrected import Judged
from answerable.evals.stats.stratified import Stratum, stratified_rate
from answerable.monitor.definitions import METRICS, PRODUCT, VERSIONED
from answerable.monitor.measured import Measured
from answerable.monitor.past_events import past_events
from answerable.monitor.records import definition_record
from answerable.monitor.saying import interval_of, value_of

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def labels(n: int, yes: int, **changes: object) -> list[Label]:
    return [
        Label(task=f"ta_{i}", completed="yes" if i < yes else "no", score=0.8 if i < yes else 0.4, **changes)  # type: ignore[arg-type]
        for i in range(n)
    ]


def sums(**counts: int) -> Sums:
    return Sums(counts={name.replace("__", "."): n for name, n in counts.items()})


def numbers(found: list[Measured]) -> dict[str, Measured]:
    return {one.name: one for one in found}


def test_every_metric_has_a_way_to_be_measured_and_the_board_has_five():
    assert set(METRICS) == set(RECIPES) | set(VERSIONED)
    assert len(PRODUCT) == 5
    listed = definition_record(METRICS["completion"])
    assert listed["numbers"][4]["items"] == "answerable metric show completion --items failed"


def test_the_headline_is_peoples_word_until_there_are_200_labels():
    judged = Judged(n=5000, mean=0.75, variance=0.03)
    few = completed(labels(199, 150), judged)
    many = completed(labels(200, 150), judged)
    assert (few.kind, few.n, few.k, few.value) == ("people", 199, 150, pytest.approx(150 / 199))
    assert (many.kind, many.n, many.unmeasured) == ("corrected", 200, 4800)
    assert many.value is not None
    assert many.value > 0.75  # the score knows that the rest is a little better than the sample
    assert completed([], judged).value is None
    assert completed(labels(5, 5), None).value is None


def test_a_task_of_many_answers_weighs_no_more_than_one_of_one():
    twice = [Label(task="ta_1", answers=4, weight=10.0, completed="yes") for _ in range(2)]
    once = Label(task="ta_2", answers=1, weight=10.0, completed="no")
    found = by_task([*twice, once, Label(task="", completed="yes")])
    assert {one.task: one.weight for one in found} == {"ta_1": 5.0, "ta_2": 10.0}


def test_none_found_is_an_upper_bound_and_never_zero():
    read = [Label(outcome="answered", stratum="rest", harm="none") for _ in range(60)]
    none = harmful("harmful", read, lambda one: bool(one.harmful))
    assert (none.value, none.k, none.n) == (0.0, 0, 60)
    assert none.high == pytest.approx(1 - 0.05 ** (1 / 60), abs=1e-6)
    assert interval_of(none) == "[0.0–4.9] n=60"
    hidden = [Label(outcome="abstained", harm="incorrect"), Label(outcome="blocked", harm="damaging"), Label()]
    assert harmful("harmful", hidden, lambda one: bool(one.harmful)).value is None


def test_strata_count_by_their_share_of_all_and_not_by_how_much_was_read_of_them():
    found = stratified_rate(
        [Stratum(name="flagged", weight=1, n=100, found=50), Stratum(name="rest", weight=99, n=100, found=0)]
    )
    assert found is not None
    assert found.value == pytest.approx(0.005)
    assert found.interval.low < 0.005 < 0.01 < found.interval.high
    assert stratified_rate([Stratum(name="rest", weight=1, n=0, found=0)]) is None


def test_human_need_adds_what_was_missed_to_what_was_asked_for():
    counts = sums(task=1000, task__escalated=100, task__escalation__asked=60, task__escalation__failure=30)
    alone = [Label(task=f"ta_{i}", needed_person="yes" if i < 4 else "no") for i in range(40)]
    found = numbers(escalation(counts, alone))
    assert (found["failure"].value, found["policy"].value, found["missed"].k) == (0.03, 0.0, 4)
    assert found["human_need"].value == pytest.approx(0.06 + 0.03 + 0.9 * 0.1)
    assert found["human_need"].low < 0.15 < 0.20 < found["human_need"].high
    assert numbers(escalation(counts, []))["human_need"].value is None  # what was missed is not known


def test_a_few_votes_say_how_little_is_known():
    found = numbers(satisfaction(sums(task=500, task__answers=1000, task__up=60, task__down=40), []))
    assert (found["up"].value, found["rated"].value) == (0.6, 0.1)
    assert (value_of(found["worst"]), value_of(found["best"])) == ("6.0 %", "96.0 %")
    assert found["return_28"].value is None
    assert found["return_lift"].value is None


def test_rephrasing_is_corrected_for_the_detectors_errors():
    followed = {"task.follow.rephrase": 100, "task.follow.drill_down": 300}
    counts = Sums(counts={"task": 600, **followed}, totals={"task": 1000.0})
    pairs = [(True, True)] * 80 + [(False, True)] * 20 + [(True, False)] * 10 + [(False, False)] * 190
    found = numbers(follow_ups(counts, [], pairs=pairs))
    assert found["followed"].value == 0.4
    assert found["rephrased"].low < 0.4 * (0.25 + 0.95 - 1) / (0.8 + 0.95 - 1) < found["rephrased"].high
    assert numbers(follow_ups(counts, [], pairs=()))["rephrased"].value is None


def test_cost_is_by_days_and_a_completed_task_costs_more_than_a_task():
    rows = [
        {"counter": "task", "bin": 0, "n": 400, "total": 800.0, "of_day": None},
        {"counter": "task.state.confirmed", "bin": 0, "n": 100, "total": 0, "of_day": None},
        {"counter": "task.state.verified", "bin": 0, "n": 100, "total": 0, "of_day": None},
        {"counter": "task.state.escalated", "bin": 0, "n": 40, "total": 0, "of_day": None},
        *({"counter": "task.cost", "bin": 0, "n": 40, "total": 0.4 + 0.01 * d, "of_day": date(2026, 11, 1 + d)}
          for d in range(10)),
        {"counter": "task.cost_bin", "bin": -94, "n": 300, "total": 0, "of_day": None},
        {"counter": "task.cost_bin", "bin": ZERO_BIN, "n": 100, "total": 0, "of_day": None},
    ]  # fmt: skip
    (counts,) = sums_by_key(rows, ()).values()
    found = numbers(task_cost(counts, [], ticket=5.0))
    mean = (0.4 + 0.045) / 40
    assert found["per_task"].value == pytest.approx(mean)
    assert found["per_task"].low < mean < found["per_task"].high
    assert found["per_completed"].value == pytest.approx(mean / 0.5)
    assert found["with_people"].value == pytest.approx((mean + 0.1 * 5.0) / 0.5)
    assert found["median"].value == pytest.approx(size_of(-94))
    assert numbers(task_cost(counts, [], ticket=None))["with_people"].value is None


def test_a_causal_deflection_is_told_only_with_a_holdout():
    counts = sums(task=1000, task__ticket=80, task__holdout=500, task__holdout_ticket=50)
    found = numbers(deflection(counts, []))
    assert found["causal"].value == pytest.approx(0.2)
    assert found["causal"].low < 0.2 < found["causal"].high
    assert numbers(deflection(sums(task=10), []))["causal"].value is None
    assert relative_reduction("causal", 0, 100, 5, 100).low is None


def test_a_combination_of_what_is_not_known_is_not_known():
    known, unknown = share("a", 5, 50), share("b", 0, 0)
    assert sum_of("x", [(1.0, known), (1.0, unknown)]).value is None
    assert ratio_of("x", known, unknown).value is None
    halved = ratio_of("x", known, share("c", 25, 50))
    assert halved.value == pytest.approx(0.2)
    assert 0.05 < halved.low < 0.1 < 0.3 < halved.high < 0.6


def test_an_arrow_wants_an_interval_without_zero():
    sure = change(share("up", 500, 1000), share("up", 600, 1000))
    unsure = change(share("up", 50, 100), share("up", 55, 100))
    assert sure is not None
    assert unsure is not None
    assert (sure.arrow, unsure.arrow) == ("↑", "")
    assert sure.low == pytest.approx(0.0564, abs=2e-3)  # Newcombe's
    assert change(share("up", 5, 10), share("up", 600, 1000)) is None  # k of n has no percentage to compare
    assert change(None, share("up", 600, 1000)) is None


def test_a_label_is_read_by_the_dimensions_that_were_asked_for():
    row = [None] * len(DIMENSIONS) + [
        "ta_1",
        2,
        0.7,
        False,
        "answered",
        4.0,
        "rest",
        "yes",
        "no",
        "yes",
        "none",
        "",
    ]
    row[DIMENSIONS.index("language")] = "de"
    assert len(row) == len(DIMENSIONS) + len(LABELED)
    found = label_of(row, ("language",))
    assert (found.key, found.task, found.harmful, found.weight) == (("de",), "ta_1", False, 4.0)


def test_days_are_counted_anew_only_while_their_raw_rows_are_there():
    assert (
        rebuilt_days(RetentionSection(events=None, persons=None))
        == rebuilt_days(RetentionSection())
        == REBUILT_DAYS
    )
    assert rebuilt_days(RetentionSection(persons=30 * 86400.0)) == 29


def test_past_answers_leave_the_same_events_again_and_make_nothing_up():
    answer = {
        "answer": "an_1", "trace": "tr_1", "at": NOON, "outcome": "answered", "language": "en",
        "prompt_id": "answer", "prompt_version": "1", "prompt_sha256": "", "rollout": "", "model": "", "cache": "",
        "steps": ["no_rerank"], "total_ms": 900.4, "first_text_ms": None, "supported": 3, "unsupported": 1,
        "withheld": None, "citations": 2,
    }  # fmt: skip
    call = {
        "id": "cl_1", "trace": "tr_1", "at": NOON, "use": "answer", "outcome": "ok", "provider": "p", "model": "m",
        "reported": "m-1", "prompt_id": "answer", "prompt_version": "1", "prompt_sha256": "", "duration_ms": 700.0,
        "first_text_ms": None, "input": 10, "cached": 0, "output": 5, "cost": Decimal("0.01"), "currency": "USD",
    }  # fmt: skip
    said = {"id": 7, "at": NOON, "value": "down", "solved": "", "has_comment": True}
    told = past_events("acme", answer, [call], [said], person=b"p", talk="co_1")
    assert [one.name for one in told] == ["question.asked", "model.called", "answer.shown", "feedback.given"]
    assert [one.id for one in told] == [
        one.id for one in past_events("acme", answer, [call], [said], person=b"p", talk="co_1")
    ]
    assert [checked(one) for one in told] == told
    shown = told[2]
    assert (shown.latency_ms, shown.cost, shown.props["claims"], shown.degraded) == (
        900,
        Decimal("0.01"),
        4,
        ("no_rerank",),
    )
    assert told[0].props == {}
    (refused,) = [
        one for one in past_events("acme", answer | {"outcome": "escalated"}, [], [], person=None, talk="")
        if one.name == "answer.abstained"
    ]  # fmt: skip
    assert refused.props == {"reason": "low_score"}
