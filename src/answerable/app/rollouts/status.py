"""How each rollout stands: shares, what the guards say of both versions, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from answerable.adapters.postgres.database import Database
from answerable.app.costing import tenants_of
from answerable.app.project import Project
from answerable.app.rollouts.guard_metrics import Guarded, Report, Word
from answerable.app.rollouts.guards import guarded
from answerable.app.rollouts.live import Rollouts
from answerable.app.rollouts.rollback_commit import branch_of
from answerable.core.errors import Unreachable
from answerable.prompts.rollout import Rollout, say_share
from answerable.prompts.standing import Back, Served

LEAST_DAYS = 2.0  # on one step, before a larger share is proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One rollout now. `report` None: it has no guards, or the database is away."""

    served: Served
    back: Back | None
    fault: str
    report: Report | None
    at: datetime

    @property
    def days(self) -> float:
        """Since it was begun."""
        return (self.at - self.served.rollout.started).total_seconds() / 86_400.0

    @property
    def next(self) -> str:
        """What a person may do now."""
        rollout = self.served.rollout
        if self.back is not None:
            branch = branch_of(self.served)
            return (
                f"`git merge {branch}` where there is one, or `answerable prompt rollout finish {rollout.prompt}`"
            )
        if self.fault:
            return self.fault
        return _next(rollout, self.report, self.days)


def _next(rollout: Rollout, report: Report | None, days: float) -> str:
    if report is not None and report.word is Word.ROLL_BACK:
        return f"`answerable prompt rollout back {rollout.prompt}`: a guard finds it worse"
    if rollout.share >= 1.0:
        return f"`answerable prompt rollout finish {rollout.prompt}`"
    step = rollout.next_step
    if step is None:
        return f"`answerable prompt rollout {rollout.ref} --to SHARE`"
    grow = f"`answerable prompt rollout {rollout.ref} --to {say_share(step)}`"
    if report is not None and report.word is Word.KEEP:
        return grow
    if days < LEAST_DAYS:
        return f"wait: begun {days:.1f} days ago; then {grow}"
    return f"{grow}, or wait until the guards can tell"


async def statuses(rollouts: Rollouts, database: Database | None, *, prompt: str = "") -> list[Status]:
    """Of all, or of one prompt. Without a database nobody can say what the guards see."""
    now = datetime.now(UTC)
    standing = rollouts.standing
    found = []
    for served in standing.served.values():
        rollout = served.rollout
        if prompt in ("", rollout.prompt):
            found.append(
                Status(
                    served=served,
                    back=standing.back.get(rollout.id),
                    fault=standing.faults.get(rollout.prompt, standing.faults.get("", "")),
                    report=await _report(rollouts.project, database, rollout),
                    at=now,
                )
            )
    return found


async def _report(project: Project, database: Database | None, rollout: Rollout) -> Report | None:
    if database is None or not rollout.guards:
        return None
    try:
        return await guarded(project, database, rollout, tenants=tenants_of(project, ()))
    except Unreachable:
        return None


def status_row(one: Status) -> dict[str, Any]:
    """JSON-able."""
    rollout, report, back = one.served.rollout, one.report, one.back
    return {
        "prompt": rollout.prompt,
        "rollout": rollout.id,
        "stable": {"version": rollout.stable.version, "sha256": rollout.stable.sha256},
        "candidate": {"version": rollout.candidate.version, "sha256": rollout.candidate.sha256},
        "share": rollout.share if back is None else 0.0,
        "state": "rolled back" if back else "degraded" if one.fault else "under way",
        "started": rollout.started.isoformat(),
        "days": round(one.days, 3),
        "by": rollout.by,
        "why": rollout.why,
        "auto_rollback": rollout.auto_rollback,
        "guards": list(rollout.guards),
        "back": None
        if back is None
        else {"at": back.at.isoformat(), "by": back.by, "metric": back.metric, "n": back.n, "reason": back.reason},
        "verdict": str(report.word) if report else None,
        "unbalanced": report.unbalanced if report else None,
        "persons": dict(zip(("stable", "candidate"), report.persons, strict=True)) if report else None,
        "answers": dict(zip(("stable", "candidate"), report.answers, strict=True)) if report else None,
        "metrics": [_metric(each) for each in report.guards] if report else [],
        "next": one.next,
    }


def _metric(one: Guarded) -> dict[str, Any]:
    interval = one.interval
    return {
        "metric": one.metric,
        "verdict": str(one.word),
        "stable": {"persons": one.stable.persons, "answers": one.stable.answers, "rate": one.stable.rate},
        "candidate": {
            "persons": one.candidate.persons,
            "answers": one.candidate.answers,
            "rate": one.candidate.rate,
        },
        "interval": None
        if interval is None
        else {"low": interval.low, "high": interval.high, "confidence": interval.confidence},
        "at_most": one.at_most,
        "margin": one.margin,
        "evidence": one.evidence,
        "highest": one.highest,
        "needed": one.needed,
        "waiting": one.waiting,
    }
