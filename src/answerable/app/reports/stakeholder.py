"""The report for people who pay for the product or answer for it: one page in plain words.

What it does, how well, what it costs, what went wrong, what is next. No word of the trade, no praise, and nothing
that was not measured: a test holds the words to lists, and the sentences to a grade of school that
text/readability.py reckons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from answerable.app.reports.facts import Facts
from answerable.app.reports.plain import UNKNOWN, amount, days, likely, moved, out_of
from answerable.app.reports.troubles import troubles_said
from answerable.monitor.measured import Measured
from answerable.monitor.saying import UNMEASURED, interval_of, value_of

_ENOUGH = 30  # labels of people below which a share is not said in percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One number and what it means. `low`, `value` and `high` in [0, 1] draw a bar; None: there is none."""

    label: str
    number: str
    says: str
    low: float | None = None
    value: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A line of the appendix, where the numbers have their technical names."""

    metric: str
    part: str
    number: str
    n: int
    means: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeholderReport:
    """Paragraphs by their heading, in order. Only `figures` speaks of metrics."""

    title: str
    period: str
    does: Sequence[str]
    tiles: Sequence[Tile]
    costs: Sequence[str]
    wrong: Sequence[str]
    next: Sequence[str]
    figures: Sequence[Figure]

    @property
    def sentences(self) -> list[str]:
        """All that is read, without headings, names and the appendix."""
        return [*self.does, *(one.says for one in self.tiles), *self.costs, *self.wrong, *self.next]


def stakeholder_report(facts: Facts) -> StakeholderReport:
    """Of a time that is over."""
    board = facts.board
    return StakeholderReport(
        title=facts.purpose,
        period=days(board.since, board.until - timedelta(seconds=1)),
        does=_does(facts),
        tiles=(_solved(facts), _handed(facts), _liked(facts), _harm(facts)),
        costs=_costs(facts),
        wrong=troubles_said(facts),
        next=_next(facts),
        figures=_figures(facts),
    )


def _does(facts: Facts) -> list[str]:
    told = [
        f"It answers questions from {facts.documents:,} of our documents."
        if facts.documents
        else "It is set up, but it has no documents yet.",
        "Each answer names the page that it comes from. When the pages do not hold an answer, it says so.",
    ]
    if not facts.answers_by_ai:
        told.append("It quotes the pages word for word and writes nothing of its own.")
    tasks = facts.board.tasks
    if tasks:
        told.append(f"In this time people came with {tasks:,} tasks.")
    else:
        told.append("In this time nobody has finished a task with it, so there is nothing to count.")
    return told


def _solved(facts: Facts) -> Tile:
    board = facts.board
    one, low, high = (board.number("completion", name) for name in ("corrected", "low", "high"))
    labels = board.number("completion", "labels")
    checked = int(labels.value or 0) if labels else 0
    if one is not None and one.value is not None and checked >= _ENOUGH:
        says = (
            f"tasks were solved. {likely(one)} People checked {checked:,} of them. "
            f"{moved(board.change('completion'))}"
        )
        return _tile("Solved", one, says)
    if low is None or high is None or low.value is None or high.value is None or not low.n:
        return Tile(label="Solved", number=UNKNOWN, says="No task is finished yet.")
    says = (
        "Too few people have checked a sample, so the true number is open. "
        f"In {out_of(low)} tasks people said that it helped. In {out_of(high)} nothing speaks against it."
    )
    return Tile(label="Solved", number=UNKNOWN, says=says, low=low.value, high=high.value)


def _handed(facts: Facts) -> Tile:
    board = facts.board
    one = board.number("escalation", "any")
    asked, gave_up = (board.number("escalation", name) for name in ("asked", "failure"))
    missed = board.number("escalation", "missed")
    says = f"tasks went to a person. {likely(one)}"
    if one is not None and not one.few and one.value:
        says += f" In {out_of(asked)} the person asked for it. In {out_of(gave_up)} it gave up by itself."
    if missed is None or missed.value is None:
        says += " How many more should have gone to a person is not known."
    elif missed.few:
        says += f" Of those that did not, people read {missed.n} and found {missed.k} that should have."
    else:
        says += f" Of the others, {out_of(missed)} should have."
    return _tile("Needed a person", one, says)


def _liked(facts: Facts) -> Tile:
    board = facts.board
    one, rated = board.number("satisfaction", "up"), board.number("satisfaction", "rated")
    if one is None or one.value is None:
        return Tile(label="Liked", number=UNKNOWN, says="Nobody has rated an answer.")
    said_by = f" People rated {out_of(rated)} answers; what the others think is not known." if rated else ""
    change = moved(board.change("satisfaction"))
    return _tile("Liked", one, f"rated answers got a thumbs up. {likely(one)}{said_by} {change}")


def _harm(facts: Facts) -> Tile:
    one = facts.board.number("harm", "harmful")
    if one is None or one.value is None or not one.n:
        says = "Nobody has read a sample for harm, so we cannot say that there was none."
        return Tile(label="Wrong or harmful", number=UNKNOWN, says=says)
    if one.value == 0:
        says = f"People read {one.n:,} answers and found none that was wrong or harmful. {likely(one)}"
        return Tile(label="Wrong or harmful", number="none found", says=says, low=0.0, value=0.0, high=one.high)
    says = f"answers were wrong, rude or did damage. {likely(one)} People read {one.n:,} to find out."
    return _tile("Wrong or harmful", one, says)


def _tile(label: str, one: Measured | None, says: str) -> Tile:
    if one is None or one.value is None:
        return Tile(label=label, number=UNKNOWN, says="This was not measured.")
    bar = (None, None, None) if one.few else (one.low, one.value, one.high)
    low, value, high = bar
    text = " ".join(says.split())
    return Tile(label=label, number=out_of(one), says=text, low=low, value=value, high=high)


def _costs(facts: Facts) -> list[str]:
    board = facts.board
    parts = ("per_task", "per_completed", "with_people", "total", "unpriced")
    each, solved, people, total, unpriced = (board.number("task_cost", name) for name in parts)
    if each is None or each.value is None:
        return ["What a task costs is not known: no call has a price yet."]
    if not each.value:
        return ["The answers cost nothing: no paid service was used. Our machines and our time are not counted."]
    currency = board.currency
    told = [f"One task costs {amount(each.value, currency)}."]
    if each.low is not None and each.high is not None:
        low, high = amount(each.low, currency), amount(each.high, currency)
        told.append(f"The true number is very likely between {low} and {high}.")
    if solved is not None and solved.value is not None:
        told.append(f"For each task that was solved that makes {amount(solved.value, currency)}.")
    if people is not None and people.value is not None and solved is not None and people.value != solved.value:
        told.append(f"With the people who had to help it is {amount(people.value, currency)}.")
    if total is not None and total.value is not None:
        told.append(f"All tasks together came to {amount(total.value, currency)} in {facts.days} days.")
    told.append("Our machines are not in it.")
    if unpriced is not None and unpriced.value:
        told.append(f"For {int(unpriced.value):,} tasks the price is not known; they are left out.")
    return told


def _next(facts: Facts) -> list[str]:
    """What the numbers ask for; each line is something that a person can do."""
    told = [
        f"Write about “{gap.topic}”: {gap.tasks:,} tasks had to go without an answer." for gap in facts.gaps[:3]
    ]
    labels = facts.board.number("completion", "labels")
    if labels is None or (labels.value or 0) < _ENOUGH:
        told.append("Have people read 30 answers a week. Then we know how many tasks are solved.")
    if facts.late:
        told.append("Catch up on the answers that people should have read by now.")
    standing = [one for one in facts.troubles if one.until is None]
    if standing:
        told.append(f"See to what is still open: {len(standing)} {'thing' if len(standing) == 1 else 'things'}.")
    return told or ["Nothing asks for a change. We go on watching."]


def _figures(facts: Facts) -> list[Figure]:
    found = []
    for name, table in facts.board.tables.items():
        for part in table.definition.parts:
            one = table.total.number(part.name) if table.total else None
            found.append(
                Figure(
                    metric=name,
                    part=part.name,
                    number=_said(one, table.currency),
                    n=one.n if one is not None else 0,
                    means=part.says,
                    command=f"answerable metric explain {name}",
                )
            )
    return found


def _said(one: Measured | None, currency: str) -> str:
    if one is None or value_of(one, currency) == UNMEASURED:
        return "unmeasured"
    return f"{value_of(one, currency)} {interval_of(one)}".strip()
