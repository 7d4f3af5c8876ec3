"""Ready for production? Five axes, each line with what was measured, its limit, and what would measure it.

A share is held at the bad end of its 95 % interval: a limit that the number keeps and the interval does not is not
kept yet, and says that more answers are needed. What was not measured is no pass. docs/decisions/0277-readiness.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from answerable.app.jobs.board import JobRow
from answerable.app.redteam.standing import Standing
from answerable.config import Settings
from answerable.core.ports import Happening
from answerable.evals.stats.proportions import wilson
from answerable.monitor.measured import Measured, MetricTable
from answerable.monitor.saying import interval_of, value_of

METRICS = ("refusals", "speed", "task_cost", "completion", "harm", "staleness")


class Verdict(StrEnum):
    """Only `pass` is ready."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing. `command` measures it, or mends it."""

    axis: str  # robust | fast | affordable | trustworthy | safe data
    what: str
    measured: str
    limit: str
    verdict: Verdict
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The newest finished evaluation of this system."""

    at: datetime
    passed: int
    measured: int
    unmeasured: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that the lines are made of. `tables` are the totals of METRICS; a missing one was not measured."""

    settings: Settings
    now: datetime
    tables: Mapping[str, MetricTable]
    jobs: Sequence[JobRow]
    drill: Happening | None
    evaluated: Evaluated | None
    baseline: bool
    certificate: str  # none | valid | void | unused
    attacked: Standing
    late: Sequence[str]  # reviews
    unpriced: Sequence[str]  # models
    documents: int
    undecided: int  # contradictions
    held: int  # documents in quarantine
    chain: bool  # the audit log's

    def number(self, metric: str, part: str) -> Measured | None:
        """None where it was not measured."""
        table = self.tables.get(metric)
        one = table.total.number(part) if table is not None and table.total is not None else None
        return None if one is None or one.value is None or not one.n else one


def lines_of(seen: Seen) -> list[Line]:
    """In the order of the axes."""
    return [*_robust(seen), *_fast(seen), *_affordable(seen), *_trustworthy(seen), *_safe(seen)]


def is_ready(lines: Sequence[Line]) -> bool:
    """Whether every line passes."""
    return all(one.verdict is Verdict.PASS for one in lines)


def _robust(seen: Seen) -> list[Line]:
    axis, limits = "robust", seen.settings.production
    route = seen.settings.routed("answer")
    chain = route.chain if route else ("extractive",)
    late = [row.name for row in seen.jobs if row.late or row.standing.failed]
    done = any(row.standing.done for row in seen.jobs)
    return [
        _plain(axis, "somebody answers when a provider is away", len(chain) > 1 or chain[-1] == "extractive",
               " → ".join(chain), "a second provider, or quotes at the end",
               "edit [[route]]; answerable config check"),
        _drill(seen),
        _most(axis, "answers that fail", _share(seen.number("refusals", "failed")), limits.errors,
              "answerable metric show refusals"),
        _plain(axis, "jobs are done", None if not done and not late else not late,
               ", ".join(late) or ("none is late" if done else "none was done yet"), "none late or failed",
               "answerable worker --once; answerable job list"),
    ]  # fmt: skip


def _share(one: Measured | None) -> Measured | None:
    """Of a count: which share of the items it is. Wilson's interval."""
    if one is None or one.value is None:
        return None
    k = round(one.value)
    found = wilson(k, one.n)
    return Measured(name=one.name, kind="share", n=one.n, value=k / one.n, k=k, low=found.low, high=found.high)


def _drill(seen: Seen) -> Line:
    command, limit = "answerable drill run", f"all cells pass, within {_days(seen.settings.production.drilled)}"
    one = seen.drill
    if one is None:
        return _line("robust", "broken parts were rehearsed", "never", limit, Verdict.UNMEASURED, command)
    fresh = seen.now - one.at <= timedelta(seconds=seen.settings.production.drilled)
    said = (
        f"{one.props.get('passed', 0)} of {one.props.get('cells', 0)} cells, {(seen.now - one.at).days} days ago"
    )
    verdict = _verdict(not one.props.get("failed")) if fresh else Verdict.UNMEASURED
    return _line("robust", "broken parts were rehearsed", said, limit, verdict, command)


def _fast(seen: Seen) -> list[Line]:
    axis, settings = "fast", seen.settings
    limit = (settings.production.latency_p95 or settings.answer.deadline) * 1000
    first = settings.answer.first_text * 1000
    show = "answerable metric show speed"
    return [
        _time(axis, "19 of 20 answers are whole within", seen.number("speed", "p95"), limit, show),
        _time(axis, "19 of 20 begin within", seen.number("speed", "first_text_p95"), first, show),
    ]


def _affordable(seen: Seen) -> list[Line]:
    axis, limits, budget = "affordable", seen.settings.production, seen.settings.budget
    cost = seen.number("task_cost", "per_task")
    set_ = budget.daily is not None or budget.monthly is not None
    paid = any(one.api_key or one.api_keys for one in seen.settings.provider.values())
    spend = "a limit is set" if set_ else "no provider takes a key" if not paid else "none"
    return [
        _cost(axis, cost, limits.cost_per_task, budget.currency),
        _plain(axis, "spending has a limit", set_ or not paid, spend, "[budget] daily or monthly",
               "answerable config explain budget.monthly"),
        _plain(axis, "prices are known", not seen.unpriced, ", ".join(seen.unpriced) or "all",
               "a price for each model", "answerable config check; add [price]"),
    ]  # fmt: skip


def _cost(axis: str, one: Measured | None, limit: float | None, currency: str) -> Line:
    what, command = "cost of a task", "answerable metric show task_cost"
    if limit is None:
        said = value_of(one, currency) if one else "unmeasured"
        return _line(axis, what, said, "none is set", Verdict.UNMEASURED, "set [production] cost_per_task")
    shown = f"{limit:g} {currency}"
    if one is None or one.value is None:
        return _line(axis, what, "unmeasured", f"at most {shown}", Verdict.UNMEASURED, command)
    verdict = _bounded(one.value, one.high, limit)
    return _line(axis, what, _said(one, currency), f"at most {shown}", verdict, command)


def _trustworthy(seen: Seen) -> list[Line]:
    axis, limits = "trustworthy", seen.settings.production
    through = seen.attacked.last.props.get("through") if seen.attacked.last else None
    red_state, red_said, _ = seen.attacked.said(seen.now.date())
    review = seen.settings.review.reviewers
    read = f"{len(review)} reviewers, nothing overdue" if review else "nobody is named"
    return [
        _evaluation(seen),
        _plain(axis, "a change is held to a baseline", seen.baseline or None,
               "there" if seen.baseline else "none", seen.settings.eval.baseline,
               "answerable eval baseline set RUN"),
        _least(axis, "tasks are solved, as people say", seen.number("completion", "corrected"), limits.solved,
               "answerable review plan; answerable metric show completion"),
        _most(axis, "answers are harmful, as people say", seen.number("harm", "harmful"), limits.harmful,
              "answerable review plan; answerable metric show harm"),
        _plain(axis, "how often it is wrong is certified", {"valid": True, "void": False}.get(seen.certificate),
               seen.certificate, "a valid certificate", "answerable abstain calibrate"),
        _plain(axis, "attacks do not get through", None if through is None else red_state == "ok", red_said,
               f"0, within {Standing.OLD_DAYS} days", "answerable redteam run"),
        _plain(axis, "people read a sample", None if not review else not seen.late,
               "; ".join(seen.late) or read,
               "nothing overdue", "answerable review plan; [review] reviewers"),
    ]  # fmt: skip


def _evaluation(seen: Seen) -> Line:
    limit, command = f"within {_days(seen.settings.production.evaluated)}", "answerable eval run"
    one, what = seen.evaluated, "known cases were asked"
    if one is None:
        return _line("trustworthy", what, "never", limit, Verdict.UNMEASURED, command)
    said = (
        f"{one.passed} of {one.measured} passed, {one.unmeasured} unmeasured, {(seen.now - one.at).days} days ago"
    )
    fresh = seen.now - one.at <= timedelta(seconds=seen.settings.production.evaluated)
    return _line("trustworthy", what, said, limit, _verdict((fresh and one.measured > 0) or None), command)


def _safe(seen: Seen) -> list[Line]:
    axis, settings = "safe data", seen.settings
    off = sorted(settings.guard.reasons)
    kept = [name for name in ("messages", "traces_full", "events") if getattr(settings.retention, name) is None]
    local = settings.server.host in ("127.0.0.1", "localhost", "::1")
    return [
        _plain(axis, "there is something to answer from", seen.documents > 0 or None,
               f"{seen.documents:,} documents",
               "at least one", "answerable source sync"),
        _most(axis, "answers rest on pages past their review", seen.number("staleness", "answers"),
              settings.production.stale, "answerable metric show staleness"),
        _plain(axis, "contradictions are taken up", seen.undecided == 0, f"{seen.undecided} open", "0",
               "answerable data conflicts"),
        _plain(axis, "held documents are decided", seen.held == 0, f"{seen.held} wait", "0",
               "answerable quarantine list"),
        _plain(axis, "guards are on", not off, ", ".join(off) or "all as shipped", "none switched off",
               "answerable report security"),
        _plain(axis, "old data is deleted", not kept, f"for good: {', '.join(kept)}" if kept else "by [retention]",
               "each has an end", "answerable config explain retention.messages"),
        _plain(axis, "people sign in", local or bool(settings.access.sso),
               settings.access.sso or ("this machine alone" if local else "no way is said"),
               "single sign-on, links, or this machine alone", "answerable config explain access.sso"),
        _plain(axis, "the audit log holds", seen.chain, "it does" if seen.chain else "broken", "unbroken",
               "answerable audit verify"),
    ]  # fmt: skip


def _most(axis: str, what: str, one: Measured | None, limit: float, command: str) -> Line:
    said = f"at most {100 * limit:g} %"
    if one is None or one.value is None:
        return _line(axis, what, "unmeasured", said, Verdict.UNMEASURED, command)
    return _line(axis, what, _said(one), said, _bounded(one.value, one.high, limit), command)


def _least(axis: str, what: str, one: Measured | None, limit: float, command: str) -> Line:
    said = f"at least {100 * limit:g} %"
    if one is None or one.value is None:
        return _line(axis, what, "unmeasured", said, Verdict.UNMEASURED, command)
    bound = None if one.low is None else -one.low
    return _line(axis, what, _said(one), said, _bounded(-one.value, bound, -limit), command)


def _time(axis: str, what: str, one: Measured | None, limit_ms: float, command: str) -> Line:
    said = f"at most {limit_ms:,.0f} ms"
    if one is None or one.value is None:
        return _line(axis, what, "unmeasured", said, Verdict.UNMEASURED, command)
    return _line(axis, what, _said(one), said, _bounded(one.value, one.high, limit_ms), command)


def _bounded(value: float, bound: float | None, limit: float) -> Verdict:
    """The number beyond the limit fails; an interval's end beyond it, or none, says that more is needed."""
    if value > limit:
        return Verdict.FAIL
    return Verdict.PASS if bound is not None and bound <= limit else Verdict.UNMEASURED


def _plain(axis: str, what: str, good: bool | None, measured: str, limit: str, command: str) -> Line:
    return _line(axis, what, measured, limit, _verdict(good), command)


def _line(axis: str, what: str, measured: str, limit: str, verdict: Verdict, command: str) -> Line:
    return Line(axis=axis, what=what, measured=measured, limit=limit, verdict=verdict, command=command)


def _verdict(good: bool | None) -> Verdict:
    return Verdict.UNMEASURED if good is None else Verdict.PASS if good else Verdict.FAIL


def _said(one: Measured, currency: str = "") -> str:
    return f"{value_of(one, currency)} {interval_of(one)}".strip()


def _days(seconds: float) -> str:
    return f"{seconds / 86_400:.0f} days"
