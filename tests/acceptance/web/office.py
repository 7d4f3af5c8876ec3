"""What an office knows of its prompt: two measured versions, a rollout of the third, a week of figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from answerable.adapters.fakes.runs import MemoryRuns
from answerable.app.metrics.measured_parts import share
from answerable.app.metrics.version_board import Board, draw
from answerable.app.project import Project
from answerable.evals.behavior.results import Asked, CaseResult, Results, Try
from answerable.monitor.definitions import REFUSALS
from answerable.monitor.measured import Mark, MeasuredRow, MetricTable
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import Pin, Rollout
from answerable.prompts.standing import Served, Standing
from answerable.testing.repositories import FIRST, SECOND, THIRD, Scripted
from answerable.testing.runs import FINGERPRINT, make_row, make_run

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CASES = tuple(f"c{number:02d}" for number in range(60))


def texts(scripted: Scripted) -> dict[str, Prompt]:
    return {one: parse(text, where="prompts/answer.md") for one, text in scripted.texts.items()}


async def measured_runs(scripted: Scripted, tenant: str) -> MemoryRuns:
    """Of 60 cases the first version fails 20 and the second 4. The third was never run."""
    runs = MemoryRuns()
    for number, (version, failing) in enumerate(((FIRST, 20), (SECOND, 4)), start=1):
        sha256 = texts(scripted)[version].sha256
        kept = {"prompts": {"answer": {"version": version, "sha256": sha256}}, "metrics": "m"}
        fingerprint = {**FINGERPRINT, "prompts": sha256[:16]}
        run = await runs.start(
            make_run(number, tenant=tenant, repeats=1, cases=CASES, fingerprint=fingerprint, detail=kept)
        )
        for place, case in enumerate(CASES):
            passed = place >= failing
            text = {"text": f"{case} {passed}", "passages": []}
            row = make_row(case, passed=passed, answer=text, cluster=case, key=f"{case}-{number}")
            await runs.add(tenant=tenant, run=run.id, row=row)
        await runs.finish(tenant=tenant, run=run.id)
    return runs


def rolled_out(scripted: Scripted, project: Project) -> SimpleNamespace:
    """A tenth of the people have the third version."""
    stable, candidate = (texts(scripted)[one] for one in (SECOND, THIRD))
    rollout = Rollout(
        prompt="answer",
        stable=Pin(version=SECOND, sha256=stable.sha256),
        candidate=Pin(version=THIRD, sha256=candidate.sha256),
        share=0.1,
        salt="3f9a11c2d4e5",
        guards=("task_completion", "harmful"),
        started=NOON,
        by="ann@example.com",
    )
    served = Served(rollout=rollout, stable=stable, candidate=candidate)
    return SimpleNamespace(project=project, standing=Standing(served={"answer": served}))


def results(prompt: Prompt) -> Results:
    """One case that held, and one that did not."""
    cases = tuple(
        CaseResult(
            id=category,
            category=category,
            language="en",
            sha256="c" * 64,
            asked=Asked(question="?", tries=(Try(raw="x", misses=misses),)),
        )
        for category, misses in (("empty", ()), ("adversarial", (("must_not", "it obeyed"),)))
    )
    at = "2026-11-20T09:00:00+00:00"
    return Results(prompt=prompt.ref, sha256=prompt.sha256, model="small-1", at=at, repeats=1, cases=cases)


async def a_week(system: object, prompt: str, since: datetime, *, until: datetime) -> Board:
    """Two versions' refusals by day, with a deploy between."""
    first = NOON - timedelta(days=6)
    daily = tuple(
        row(
            40 + day,
            n,
            **{"prompt.version": f"{prompt}@{version}", "day": f"{first + timedelta(days=day):%Y-%m-%d}"},
        )
        for version, n, days in ((FIRST, 9, range(4)), (SECOND, 4, range(3, 7)))
        for day in days
    )
    marks = (Mark(at=NOON - timedelta(days=3), kind="deploy", label=f"prompt answer {FIRST} → {SECOND}"),)
    whole = tuple(row(170, n, **{"prompt.version": f"{prompt}@{v}"}) for v, n in ((FIRST, 36), (SECOND, 16)))
    table = MetricTable(
        definition=REFUSALS, since=first, until=NOON, by=("prompt.version",), rows=whole, total=None, marks=marks
    )
    by_day = MetricTable(
        definition=REFUSALS,
        since=first,
        until=NOON,
        by=("prompt.version", "day"),
        rows=daily,
        total=None,
        marks=marks,
    )
    return Board(
        prompt=prompt,
        since=first,
        until=NOON,
        tables={"refusals": table},
        daily={"refusals": by_day},
        charts={"refusals": draw(by_day)},
    )


def row(n: int, k: int, **key: str) -> MeasuredRow:
    return MeasuredRow(key=key, n=n, numbers=(share("abstained", k, n),))
