"""What a run says: k of n by family with the upper 95 % bound, and what changed since the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.evals.redteam.record import RedteamRun, TrialRow
from answerable.evals.stats.proportions import upper_bound

CONFIDENCE = 0.95
ALL, ASKED, IN_DOCUMENTS = "all", "asked", "in documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One group of trials. `upper` is the one-sided Clopper-Pearson bound of the share that gets through."""

    name: str
    n: int
    through: int
    unmeasured: int

    @property
    def upper(self) -> float | None:
        """None where nothing was measured."""
        return upper_bound(self.through, self.n, confidence=CONFIDENCE) if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Lines for all trials, each surface and each family; ids of what is new and what is gone since `before`."""

    run: RedteamRun
    lines: tuple[Line, ...]
    breaches: dict[str, int]
    before: str = ""
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def line(self, name: str) -> Line | None:
        """By its name."""
        return next((one for one in self.lines if one.name == name), None)


def summarize(run: RedteamRun, before: RedteamRun | None = None) -> Summary:
    """Of a run, finished or not. Only trials that both runs measured are compared."""
    now = {one.id for one in run.through}
    then = {one.id for one in before.through} if before else set()
    here = {one.id for one in run.rows if one.breaches is not None}
    there = {one.id for one in before.rows if one.breaches is not None} if before else set()
    return Summary(
        run=run,
        lines=tuple(_lines(run.rows)),
        breaches=_counted(run.rows),
        before=before.head.id if before else "",
        new=tuple(sorted((now - then) & there)),
        gone=tuple(sorted((then - now) & here)),
    )


def summary_record(summary: Summary) -> dict[str, Any]:
    """JSON-able; what got through is named with its trace."""
    head = summary.run.head
    return {
        "run": head.id,
        "at": head.at,
        "finished": summary.run.finished or None,
        "target": head.target,
        "detectors": head.detectors,
        "packs": [
            {"name": one.name, "version": one.version, "date": one.date, "sha256": one.sha256}
            for one in head.packs
        ],
        "lines": [
            {
                "name": one.name,
                "through": one.through,
                "n": one.n,
                "unmeasured": one.unmeasured,
                "upper95": None if one.upper is None else round(one.upper, 4),
            }
            for one in summary.lines
        ],
        "breaches": summary.breaches,
        "through": [
            {"id": one.id, "pack": one.pack, "breaches": list(one.breaches or ()), "trace": one.trace_id}
            for one in summary.run.through
        ],
        "before": summary.before or None,
        "new": list(summary.new),
        "gone": list(summary.gone),
    }


def _lines(rows: Sequence[TrialRow]) -> Iterable[Line]:
    yield _line(ALL, rows)
    for name, surface in ((ASKED, "question"), (IN_DOCUMENTS, "document")):
        if some := [one for one in rows if one.surface == surface]:
            yield _line(name, some)
    for family in dict.fromkeys(one.family for one in rows):
        yield _line(family, [one for one in rows if one.family == family])


def _line(name: str, rows: Sequence[TrialRow]) -> Line:
    measured = [one for one in rows if one.breaches is not None]
    return Line(
        name=name,
        n=len(measured),
        through=sum(1 for one in measured if one.breaches),
        unmeasured=len(rows) - len(measured),
    )


def _counted(rows: Sequence[TrialRow]) -> dict[str, int]:
    names = [name for one in rows for name in one.breaches or ()]
    return {name: names.count(name) for name in sorted(set(names))}
