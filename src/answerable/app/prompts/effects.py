"""What each version of a prompt did to the answers: the gate's own comparison with a run of the version before it,
and in words what else was another between the two."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from typing import Any

from answerable.adapters.postgres.runs import PostgresRuns
from answerable.app.comparing import report
from answerable.app.database import open_database
from answerable.app.project import Project
from answerable.app.prompts.files import in_use
from answerable.core.evaluation import Run
from answerable.core.ports import Runs
from answerable.evals.gate.lines import Line
from answerable.evals.gate.sides import Side, obstacles
from answerable.prompts.history import Version
from answerable.prompts.prompt import Prompt

PROMPTS, SCOPE = "prompts", "scope"  # of a run's detail
_FIRST = "the first version that is known"
_LOOK_BACK = 500  # runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Of a version against the one before it. `line` None: not measured, and `why` says why not."""

    version: str
    before: str = ""  # empty: the first version that is known
    base: str = ""  # the runs compared
    head: str = ""
    line: Line | None = None  # the share of cases that pass
    others: tuple[str, ...] = ()  # what differs besides the prompt: then it is not its effect alone
    why: str = ""


@dataclass(slots=True)
class Measurements:
    """The finished runs of a store, newest first, each read once."""

    project: Project
    runs: Runs
    _finished: tuple[Run, ...] | None = None
    _sides: dict[str, Side] = field(default_factory=dict)

    async def effects(self, prompt: str, versions: Sequence[Version]) -> AsyncIterator[Effect]:
        """Of each version, newest first."""
        for one, before in zip_longest(versions, versions[1:]):
            if before is None:
                yield Effect(version=one.version, why=_FIRST)
            else:
                yield await self._effect(prompt, one, before)

    async def _effect(self, prompt: str, one: Version, before: Version) -> Effect:
        heads, bases = await self._of(prompt, one), await self._of(prompt, before)
        for version, runs in ((one, heads), (before, bases)):
            if not runs:
                why = f"no finished run of {version.version}: answerable eval run"
                return Effect(version=one.version, before=before.version, why=why)
        base, head = min(product(bases, heads), key=lambda pair: _rank(pair[0], pair[1], prompt))
        if why := "; ".join(obstacles(Side(run=base, rows=()), Side(run=head, rows=()))):
            return Effect(version=one.version, before=before.version, base=base.id, head=head.id, why=why)
        return await self._compared(prompt, one, before, (base, head))

    async def _compared(self, prompt: str, one: Version, before: Version, pair: tuple[Run, Run]) -> Effect:
        base, head = [await self._side(run) for run in pair]
        command = f"answerable eval compare {base.run.id}..{head.run.id}"
        line = report(self.project, base, head, command=command).comparison.overall
        return Effect(
            version=one.version,
            before=before.version,
            base=base.run.id,
            head=head.run.id,
            line=line if line.difference is not None else None,
            others=others(base.run, head.run, prompt),
            why="" if line.difference is not None else "no case was measured in both runs",
        )

    async def _of(self, prompt: str, version: Version) -> list[Run]:
        if self._finished is None:
            tenant = self.project.settings.project.tenant
            found = await self.runs.runs(tenant=tenant, limit=_LOOK_BACK)
            self._finished = tuple(run for run in found if run.finished_at is not None)
        return [run for run in self._finished if used(run).get(prompt, "") in version.sha256s]

    async def _side(self, run: Run) -> Side:
        if run.id not in self._sides:
            rows = await self.runs.rows(tenant=run.tenant, run=run.id)
            self._sides[run.id] = Side(run=run, rows=tuple(rows))
        return self._sides[run.id]


async def effects_of(project: Project, prompt: str, versions: Sequence[Version]) -> tuple[Effect, ...]:
    """Of each version, from the project's database, which is not made for this.

    Raises DatabaseUnreachable, and ConfigError for one that is behind.
    """
    if len(versions) < 2:
        return tuple(_unmeasured(versions, ""))  # nothing to compare, and nothing to open
    if not (project.settings.database.url or (project.state / "pg").exists()):
        return tuple(_unmeasured(versions, "there is no database yet: answerable eval run"))
    async with open_database(project) as database:
        measurements = Measurements(project=project, runs=PostgresRuns(database))
        return tuple([one async for one in measurements.effects(prompt, versions)])


def _unmeasured(versions: Sequence[Version], why: str) -> Iterator[Effect]:
    for one, before in zip_longest(versions, versions[1:]):
        told = Effect(version=one.version, before=before.version, why=why) if before else None
        yield told or Effect(version=one.version, why=_FIRST)


def prompts_detail(project: Project, answering: Prompt, scope: str, *, judged: bool) -> dict[str, Any]:
    """What a run keeps of the prompts that it was answered and judged with: hashes, never a text."""
    used_here = [one for one in in_use(project, answering) if judged or one.route != "judge"]
    kept = {one.id: {"version": one.version, "sha256": one.sha256} for one in used_here}
    return {PROMPTS: kept, SCOPE: scope}


def used(run: Run) -> Mapping[str, str]:
    """The hash of each prompt that a run used; empty where it does not say."""
    kept = run.detail.get(PROMPTS)
    if not isinstance(kept, Mapping):
        return {}
    return {name: str(one.get("sha256", "")) for name, one in kept.items() if isinstance(one, Mapping)}


def others(base: Run, head: Run, prompt: str) -> tuple[str, ...]:
    """What differs between two runs besides a prompt, each by name."""
    parts = sorted({*base.fingerprint, *head.fingerprint} - {"prompts"})
    found = [name for name in parts if base.fingerprint.get(name, "") != head.fingerprint.get(name, "")]
    before, after = used(base), used(head)
    found += [
        f"prompt {name}" for name in sorted({*before, *after} - {prompt}) if before.get(name) != after.get(name)
    ]
    found += ["scope"] if base.detail.get(SCOPE) != head.detail.get(SCOPE) else []
    return (*found, *(["target"] if base.target != head.target else []))


def _rank(base: Run, head: Run, prompt: str) -> tuple[bool, bool, int, float, float]:
    """The pair to compare comes first: comparable, of the prompt alone, with most cases in common, newest."""
    blocked = bool(obstacles(Side(run=base, rows=()), Side(run=head, rows=())))
    shared = len({*base.cases} & {*head.cases})
    alone = not others(base, head, prompt)
    return blocked, not alone, -shared, -head.started_at.timestamp(), -base.started_at.timestamp()
