"""Ready for production: what passes, what fails, and what is only not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tests.unit.reports.month import SINCE, UNTIL

from answerable.app.jobs.board import JobRow
from answerable.app.readiness import Evaluated, Line, Seen, Verdict, is_ready, lines_of
from answerable.app.redteam.standing import Standing
from answerable.config import Settings
from answerable.core.job import JobRun, JobStanding, RunState
from answerable.core.ports import Happening
from answerable.monitor.definitions import METRICS
from answerable.monitor.measured import Measured, MeasuredRow, MetricTable

PASS, FAIL, UNMEASURED = Verdict.PASS, Verdict.FAIL, Verdict.UNMEASURED


def table(name: str, **parts: tuple[float, float | None, float | None, int]) -> MetricTable:
    kinds = {part.name: part for part in METRICS[name].parts}
    numbers = tuple(
        Measured(name=part, kind=kinds[part].kind, unit=kinds[part].unit, value=value, low=low, high=high, n=n)
        for part, (value, low, high, n) in parts.items()
    )
    total = MeasuredRow(key={}, n=1, numbers=numbers)
    return MetricTable(definition=METRICS[name], since=SINCE, until=UNTIL, by=(), rows=(), total=total)


TABLES: Mapping[str, MetricTable] = {
    "refusals": table("refusals", failed=(3.0, None, None, 4000)),
    "speed": table("speed", p95=(1900.0, 1800.0, 2100.0, 4000), first_text_p95=(900.0, 850.0, 990.0, 4000)),
    "task_cost": table("task_cost", per_task=(0.03, 0.028, 0.033, 900)),
    "completion": table("completion", corrected=(0.81, 0.77, 0.85, 900)),
    "harm": table("harm", harmful=(0.004, 0.001, 0.012, 400)),
    "staleness": table("staleness", answers=(0.02, 0.015, 0.026, 4000)),
}
RUN = JobRun(
    job="retention", tick=UNTIL, attempt=1, worker="a:1", started_at=UNTIL, ended_at=UNTIL, state=RunState.DONE
)
JOB = JobRow(
    name="retention", what="x", cron="0 3 * * *", standing=JobStanding(job="retention", last=RUN, done=RUN),
    next=UNTIL, waiting=0, doing=0, late=False,
)  # fmt: skip
DRILLED = {"cells": 40, "passed": 40, "failed": 0}
ATTACKED = {"through": 0, "trials": 500, "target": "here", "upper95": 0.006}
GOOD = Seen(
    settings=Settings.model_validate(
        {
            "production": {"cost_per_task": 0.05},
            "budget": {"monthly": 100},
            "review": {"reviewers": ["ann"]},
        }
    ),
    now=UNTIL,
    tables=TABLES,
    jobs=[JOB],
    drill=Happening(name="drill.finished", at=UNTIL - timedelta(days=3), props=DRILLED),
    evaluated=Evaluated(at=UNTIL - timedelta(days=2), passed=198, measured=200, unmeasured=0),
    baseline=True,
    certificate="valid",
    attacked=Standing(
        packs=(),
        last=Happening(name="redteam.finished", at=UNTIL - timedelta(days=5), props=ATTACKED),
    ),
    late=(),
    unpriced=(),
    documents=400,
    undecided=0,
    held=0,
    chain=True,
)  # fmt: skip


def verdicts(seen: Seen) -> dict[str, Verdict]:
    return {one.what: one.verdict for one in lines_of(seen)}


def only(seen: Seen, verdict: Verdict) -> set[str]:
    return {what for what, one in verdicts(seen).items() if one is verdict}


def test_all_axes_are_there_and_a_system_that_keeps_every_limit_is_ready():
    lines = lines_of(GOOD)
    assert list(dict.fromkeys(one.axis for one in lines)) == [
        "robust", "fast", "affordable", "trustworthy", "safe data",
    ]  # fmt: skip
    assert [one for one in lines if one.verdict is not PASS] == []
    assert is_ready(lines)
    assert all(one.command and one.limit and one.measured for one in lines)


def test_what_was_never_measured_is_no_pass():
    nothing = replace(
        GOOD, settings=Settings(), tables={}, jobs=[], drill=None, evaluated=None, baseline=False,
        certificate="none",
        attacked=Standing(packs=(), last=None), documents=0,
    )  # fmt: skip
    lines = lines_of(nothing)
    assert not is_ready(lines)
    assert [one for one in lines if one.verdict is FAIL] == []
    assert sum(one.verdict is UNMEASURED for one in lines) == 15


def test_a_number_beyond_its_limit_fails_and_one_of_too_few_is_only_not_known():
    def harm(value: float, high: float) -> Verdict:
        tables = {**TABLES, "harm": table("harm", harmful=(value, 0.0, high, 60))}
        return verdicts(replace(GOOD, tables=tables))["answers are harmful, as people say"]

    assert [harm(0.03, 0.09), harm(0.0, 0.049), harm(0.0, 0.01)] == [FAIL, UNMEASURED, PASS]


def test_solved_is_held_at_its_lower_end():
    def solved(value: float, low: float) -> Verdict:
        tables = {**TABLES, "completion": table("completion", corrected=(value, low, 0.99, 100))}
        return verdicts(replace(GOOD, tables=tables))["tasks are solved, as people say"]

    assert [solved(0.5, 0.4), solved(0.7, 0.55), solved(0.7, 0.61)] == [FAIL, UNMEASURED, PASS]


def test_errors_are_a_share_with_an_interval_of_their_own():
    tables = {**TABLES, "refusals": table("refusals", failed=(0.0, None, None, 40))}
    assert only(replace(GOOD, tables=tables), UNMEASURED) == {"answers that fail"}
    tables = {**TABLES, "refusals": table("refusals", failed=(90.0, None, None, 4000))}
    assert only(replace(GOOD, tables=tables), FAIL) == {"answers that fail"}


def test_what_is_old_counts_no_more():
    old = replace(
        GOOD,
        drill=replace(GOOD.drill, at=UNTIL - timedelta(days=91)) if GOOD.drill else None,
        evaluated=replace(GOOD.evaluated, at=UNTIL - timedelta(days=31)) if GOOD.evaluated else None,
    )
    assert only(old, UNMEASURED) == {"broken parts were rehearsed", "known cases were asked"}


def test_what_is_broken_fails_by_name():
    broken = replace(
        GOOD, jobs=[replace(JOB, late=True)], certificate="void", late=("2026-W46 is overdue",), undecided=2,
        held=1,
        chain=False, unpriced=("main",),
    )  # fmt: skip
    assert only(broken, FAIL) == {
        "jobs are done", "how often it is wrong is certified", "people read a sample",
        "contradictions are taken up",
        "held documents are decided", "the audit log holds", "prices are known",
    }  # fmt: skip


def test_without_a_limit_a_cost_is_shown_and_is_no_pass():
    settings = GOOD.settings.model_copy(update={"production": Settings().production})
    line: Line = next(one for one in lines_of(replace(GOOD, settings=settings)) if one.what == "cost of a task")
    assert (line.verdict, line.command) == (UNMEASURED, "set [production] cost_per_task")
    assert line.measured.startswith("0.03")
