"""The report of the week, for the team: the five numbers against the week before, and what happened between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from answerable.app.jobs.board import JobRow
from answerable.app.metrics.product_board import HEADLINES
from answerable.app.reports.facts import Facts
from answerable.app.reports.paper import Chapter, Paper
from answerable.app.reports.plain import days
from answerable.app.reports.troubles import RULES
from answerable.monitor.saying import UNMEASURED, interval_of, value_of

# The parts that are said besides each headline.
BESIDE = {
    "completion": ("low", "mid", "high", "failed", "reopened"),
    "escalation": ("asked", "policy", "missed"),
    "satisfaction": ("rated", "repeat"),
    "harm": ("severe", "caught"),
    "task_cost": ("median", "p95", "per_completed", "total", "unpriced"),
}


def weekly_report(facts: Facts, jobs: Sequence[JobRow] = ()) -> Paper:
    """Of a time that is over, usually seven days."""
    board = facts.board
    return Paper(
        title=f"{facts.project}: the week",
        below=f"{days(board.since, board.until - timedelta(seconds=1))}, {board.tasks:,} closed tasks that count",
        chapters=(
            Chapter(
                title="The five numbers",
                columns=("metric", "part", "now", "95 %, n", "before", "what it is"),
                rows=_numbers(facts),
            ),
            _changed(facts),
            Chapter(
                title="What went wrong",
                columns=("since", "until", "what", "detail"),
                rows=_troubles(facts),
                nothing="No alarm and nothing taken out of use in this time; `answerable alert list`.",
            ),
            Chapter(
                title="What people asked and got no answer to",
                columns=("topic", "tasks", "would be solved"),
                rows=[
                    (one.topic, f"{one.tasks:,}", UNMEASURED if one.upside is None else f"about {one.upside:,.0f}")
                    for one in facts.gaps
                ],
                nothing="No topic with a name; `answerable metric show gaps --by topic`.",
            ),
            Chapter(
                title="What waits for somebody",
                lines=[*facts.late, *_late_jobs(jobs)],
                nothing="Nothing is late: no review, no job.",
            ),
        ),
    )


def _numbers(facts: Facts) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, table in facts.board.tables.items():
        says = {part.name: part.says for part in table.definition.parts}
        for part in (HEADLINES[name], *BESIDE[name]):
            one, change = facts.board.number(name, part), facts.board.change(name, part)
            shown = "unmeasured" if one is None else value_of(one, facts.board.currency)
            rows.append(
                (
                    name if part == HEADLINES[name] else "",
                    part,
                    "unmeasured" if shown == UNMEASURED else shown,
                    interval_of(one) if one is not None else "",
                    "" if change is None else f"{change.arrow} {_bare(change.before)}".strip(),
                    says[part],
                )
            )
    return rows


def _bare(value: float) -> str:
    return f"{100 * value:.1f} %" if 0 <= value <= 1 else f"{value:,.2f}"


def _changed(facts: Facts) -> Chapter:
    rows = [(f"{one.at:%m-%d %H:%M}", one.kind, f"{one.label} {one.detail}".strip()) for one in facts.board.marks]
    found = [one for one in facts.happened if one.name == "drift.found"]
    rows += [(f"{one.at:%m-%d %H:%M}", "found", str(one.props.get("sentence", "a change"))) for one in found]
    return Chapter(
        title="What changed",
        columns=("when", "what", "detail"),
        rows=sorted(rows),
        nothing="No deploy, model, index or rollout changed, and no change was found; `answerable drift show`.",
    )


def _troubles(facts: Facts) -> list[tuple[str, ...]]:
    return [
        (
            f"{one.at:%m-%d %H:%M}",
            "stands" if one.until is None else f"{one.until:%m-%d %H:%M}",
            RULES.get(one.kind, one.kind),
            one.detail,
        )
        for one in facts.troubles
    ]


def _late_jobs(jobs: Sequence[JobRow]) -> list[str]:
    return [
        f"job {one.name} is late" if one.late else f"job {one.name} failed {one.standing.failed} times"
        for one in jobs
        if one.late or one.standing.failed
    ]
