"""What the guards of a rollout say, in the words that a rollback is explained with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.rollout_turns import RolloutTurns
from answerable.app.costing import tenants_of
from answerable.app.project import Project
from answerable.app.rollouts.guard_metrics import Guarded, Report, watched
from answerable.app.rollouts.live import Rollouts
from answerable.app.rollouts.rollback_commit import RollbackCommits
from answerable.app.rollouts.watch import Looked, RolloutWatch
from answerable.prompts.rollout import Rollout

_FEW = 30  # persons; below it there is no percentage


def make_watch(project: Project, database: Database, rollouts: Rollouts) -> RolloutWatch:
    """The watch over a process' rollouts."""
    home = project.settings.project.tenant

    async def look(rollout: Rollout, tenants: Sequence[str]) -> Looked:
        return looked(await guarded(project, database, rollout, tenants=tenants))

    return RolloutWatch(
        rollouts=rollouts,
        look=look,
        suggest=RollbackCommits(project=project).suggest,
        turn=RolloutTurns(database=database, tenant=home).take,
        tenants=set(tenants_of(project, ())),
    )


async def guarded(project: Project, database: Database, rollout: Rollout, *, tenants: Sequence[str]) -> Report:
    """Its guards now. Raises ConfigError for a metric that there is not, and DatabaseUnreachable."""
    return await watched(
        database,
        rollout,
        rollout.guards,
        now=datetime.now(UTC),
        tenants=tenants,
        deadline_s=project.settings.answer.deadline,
    )


def looked(report: Report) -> Looked:
    """The verdict, with the guard that speaks loudest against the candidate."""
    against = report.reason
    if against is None:
        return Looked(worse=False, n=report.persons[1])
    return Looked(worse=True, metric=against.metric, n=against.candidate.persons, reason=explained(against))


def explained(one: Guarded) -> str:
    """`harmful: 5.0 % of 60 persons, 0.4 % of 540 with the stable version; evidence 31, 20 is enough`."""
    return (
        f"{one.metric}: {side(one.candidate.rate, one.candidate.persons)}, "
        f"{side(one.stable.rate, one.stable.persons)} with the stable version; "
        f"evidence {one.highest:.3g}, {one.needed:.3g} is enough"
    )


def side(rate: float | None, persons: int) -> str:
    """Badness of one arm: a mean over persons, without a percentage for few."""
    if rate is None:
        return "nobody yet"
    if persons < _FEW:
        return f"{rate * persons:.3g} of {persons} persons"
    return f"{100.0 * rate:.1f} % of {persons} persons"
