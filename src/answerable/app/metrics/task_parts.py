"""From counts of tasks and what people said of them to the product's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from answerable.app.metrics.combined import of_estimate, ratio_of, relative_reduction, sum_of
from answerable.app.metrics.labels import (
    HARMS,
    SAID,
    UNSHOWN,
    Label,
    by_task,
    completed,
    harmful,
    of_people,
    share_of_people,
)
from answerable.app.metrics.measured_parts import counted, share
from answerable.app.metrics.sums import Sums
from answerable.evals.stats.corrected import Estimate, Judged, rogan_gladen
from answerable.monitor.measured import Measured

STATES = ("confirmed", "verified", "assumed", "failed", "reopened", "escalated", "unknown")
STATE = tuple(f"task.state.{one}" for one in STATES)
IN_SCOPE = ("no_context", "low_score", "conflict", "verify_failed", "")
ABSTAINED = tuple(f"answer.abstained.{one}" for one in IN_SCOPE)
FOLLOWED = ("rephrase", "pushback", "drill_down", "clarify", "thanks")
FOLLOWING = tuple(f"task.follow.{one}" for one in (*FOLLOWED, "new_topic"))  # turns that have one before them

Labels = Sequence[Label]


def completion(sums: Sums, labels: Labels) -> list[Measured]:
    """By state, and corrected by people."""
    n = sums.n("task")
    sure, likely, quiet, failed, reopened, escalated, unknown = (sums.n(one) for one in STATE)
    known = by_task([one for one in labels if one.completed in SAID])
    return [
        completed(labels, judged(sums)),
        share("low", sure, n),
        share("mid", sure + likely, n),
        share("high", sure + likely + quiet, n),
        share("failed", failed, n),
        share("reopened", reopened, n),
        share("escalated", escalated, n),
        share("unknown", unknown, n),
        counted("labels", len(known), n=n),
        counted("left_out", sums.n("task.left_out"), n=n + sums.n("task.left_out")),
    ]


def judged(sums: Sums) -> Judged | None:
    """The score of all tasks, summed up; None without tasks."""
    n = sums.n("task.score")
    if not n:
        return None
    mean = sums.total("task.score") / n
    return Judged(n=n, mean=mean, variance=max(0.0, sums.total("task.score2") / n - mean**2))


def escalation(sums: Sums, labels: Labels) -> list[Measured]:
    """Why, and what was missed."""
    n, anyhow = sums.n("task"), sums.n("task.escalated")
    asked, failed = sums.n("task.escalation.asked"), sums.n("task.escalation.failure")
    alone = by_task([one for one in labels if not one.escalated and one.needed_person in SAID])
    missed = of_people("missed", alone, [one.needed_person == "yes" for one in alone])
    rest = 1.0 - anyhow / n if n else 0.0
    resolved = sums.n("escalation.resolved")
    return [
        share("failure", failed, n),
        share("asked", asked, n),
        share("policy", sums.n("task.escalation.policy"), n),
        share("any", anyhow, n),
        missed,
        sum_of("human_need", [(1.0, share("", asked + failed, n)), (rest, missed)]),
        of_estimate("time_to_human", "mean", sums.mean("escalation.claimed"), unit="s"),
        share("same_answer", round(sums.total("escalation.resolved")), resolved),
    ]


def satisfaction(sums: Sums, labels: Labels) -> list[Measured]:
    """Votes with their coverage, and returns."""
    n, answers = sums.n("task"), sums.n("task.answers")
    up, down = sums.n("task.up"), sums.n("task.down")
    rated, told = up + down, sums.n("task.solved", "task.not_solved")
    after = {name: _returned(sums, f"cohort.28.{name}") for name in ("completed", "failed")}
    return [
        share("up", up, rated, unmeasured=max(0, answers - rated)),
        share("rated", min(rated, answers), answers),
        counted("worst", up / answers if answers else None, n=answers, unit="share"),
        counted("best", 1.0 - down / answers if answers else None, n=answers, unit="share"),
        share("solved", sums.n("task.solved"), told, unmeasured=max(0, n - told)),
        share("repeat", sums.n("task.repeated"), n),
        _returned(sums, "cohort.7", "return_7"),
        _returned(sums, "cohort.28", "return_28"),
        sum_of("return_lift", [(1.0, after["completed"]), (-1.0, after["failed"])]),
    ]


def _returned(sums: Sums, counter: str, name: str = "") -> Measured:
    return share(name, round(sums.total(counter)), sums.n(counter))


def harm(sums: Sums, labels: Labels) -> list[Measured]:
    """What people found, and what guards stopped."""
    shown, caught = sums.n("answer.shown"), sums.n("answer.abstained.guard")
    rate = harmful("harmful", labels, lambda one: bool(one.harmful))
    read = [one for one in labels if one.harmful is not None]
    given = [one for one in read if one.outcome not in UNSHOWN]
    stopped = [one for one in read if one.outcome == "blocked"]
    precision = share("guard_precision", sum(bool(one.harmful) for one in stopped), len(stopped))
    recall = None
    if precision.value is not None and rate.value is not None and caught:
        rightly = caught * precision.value
        recall = rightly / (rightly + rate.value * shown) if rightly else 0.0
    return [
        rate,
        harmful("severe", labels, lambda one: bool(one.harmful) and one.severity == "S1"),
        *(counted(kind, sum(one.harm == kind for one in given), n=len(given)) for kind in HARMS),
        counted("shown", shown, n=shown),
        counted("caught", caught, n=shown + caught),
        precision,
        counted("guard_recall", recall, n=len(read), unit="share"),
    ]


def task_cost(sums: Sums, labels: Labels, *, ticket: float | None) -> list[Measured]:
    """Of a task, and of a completed one; `ticket`: what a person costs who does it."""
    n = sums.n("task")
    mean = of_estimate("per_task", "mean", sums.mean("task.cost", "task.cost2"), unit="money")
    rate, mid = (
        completed(labels, judged(sums)),
        share("mid", sums.n("task.state.confirmed", "task.state.verified"), n),
    )
    rate = rate if rate.value is not None else mid
    person = share("", sums.n("task.state.escalated"), n)
    both = sum_of("", [(1.0, mean), (ticket or 0.0, person)], unit="money")
    full = ratio_of("with_people", both, rate, unit="money")
    return [
        mean,
        *(
            of_estimate(name, "bins", sums.quantile("task.cost_bin", level), unit="money")
            for name, level in (("median", 0.5), ("p95", 0.95))
        ),
        ratio_of("per_completed", mean, rate, unit="money"),
        full if ticket is not None else Measured(name="with_people", kind="combined", n=0, unit="money"),
        counted("total", sums.total("task.cost"), n=n, unit="money"),
        counted("unpriced", sums.n("task.unpriced"), n=n),
    ]


def abstention(sums: Sums, labels: Labels) -> list[Measured]:
    """No answer, rightly or not."""
    asked = sums.n("answer.in_scope")
    known = [one for one in labels if one.answerable in SAID]
    return [
        share("abstained", sums.n(*ABSTAINED), asked),
        share_of_people("over_refusal", known, among=lambda one: one.answerable == "yes", found=_declined),
        share_of_people(
            "under_refusal",
            known,
            among=lambda one: one.answerable == "no",
            found=lambda one: not _declined(one),
        ),
        counted("conflict", sums.n("answer.abstained.conflict"), n=asked),
        counted("unsupported", sums.n("answer.abstained.verify_failed"), n=asked),
    ]


def _declined(one: Label) -> bool:
    return one.outcome in UNSHOWN


def follow_ups(sums: Sums, labels: Labels, *, pairs: Sequence[tuple[bool, bool]]) -> list[Measured]:
    """What comes after; `pairs`: what the detector and people said of labeled ones, (detector, people)."""
    turns, again = round(sums.total("task")), sums.n("task.follow.rephrase")
    corrected = _corrected(again, sums.n(*FOLLOWING), turns, pairs)
    followed = {name: sums.n(f"task.follow.{name}") for name in FOLLOWED}
    return [
        share("followed", turns - sums.n("task"), turns),
        of_estimate("rephrased", "detected", corrected),
        share("rephrase_seen", again, turns),
        *(share(name, followed[name], turns) for name in FOLLOWED[1:]),
    ]


def _corrected(again: int, following: int, turns: int, pairs: Sequence[tuple[bool, bool]]) -> Estimate | None:
    """The share of all turns; corrected among those that have one before them: elsewhere nothing can be wrong."""
    if not pairs or not following or not turns:
        return None
    found, part = rogan_gladen(again, following, pairs), following / turns
    bounds = replace(found.interval, low=found.interval.low * part, high=found.interval.high * part)
    return replace(found, value=found.value * part, interval=bounds)


def containment(sums: Sums, labels: Labels) -> list[Measured]:
    """Without a human."""
    n = sums.n("task")
    return [share("contained", n - sums.n("task.state.escalated"), n)]


def deflection(sums: Sums, labels: Labels) -> list[Measured]:
    """Tickets on forms, and against the holdout."""
    n, tickets = sums.n("task"), sums.n("task.ticket")
    forms, sent = sums.n("task.form"), sums.n("task.form_ticket")
    apart, theirs = sums.n("task.holdout"), sums.n("task.holdout_ticket")
    return [
        share("form", forms - sent, forms),
        relative_reduction("causal", tickets, n, theirs, apart),
        share("tickets", tickets, n),
        share("holdout_tickets", theirs, apart),
    ]


def gaps(sums: Sums, labels: Labels) -> list[Measured]:
    """What has no answer, and what one would bring."""
    n, size = sums.n("task"), sums.n("task.gap")
    had = n - size
    return [
        counted("size", size, n=n),
        share("of_all", size, n),
        counted("upside", size * sums.n("task.gap_done") / had if had else None, n=n),
    ]
