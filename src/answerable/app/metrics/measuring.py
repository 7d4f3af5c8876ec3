"""A metric of production, measured: parted as asked for, with people's series beside the automatic one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.measures import PostgresMeasures, Span
from answerable.adapters.postgres.reviews import PostgresReviews
from answerable.adapters.postgres.tallies import PostgresTallies
from answerable.app.database import open_database
from answerable.app.metrics.labels import Label, label_of
from answerable.app.metrics.measured_parts import (
    check_parts,
    cost_parts,
    feedback_parts,
    in_order,
    latency_parts,
    refusal_parts,
    token_parts,
)
from answerable.app.metrics.reviewed_parts import Reviewed, quality_by_people, refusals_by_people
from answerable.app.metrics.tallied import RECIPES, Tallied
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.ports import Reviews
from answerable.evals.judges.criteria import load_criteria
from answerable.evals.review.verdicts import dossiers
from answerable.monitor.definition import FEW_PERSONS, Definition
from answerable.monitor.definitions import definition
from answerable.monitor.marks import MARKED, mark_of
from answerable.monitor.measured import Mark, Measured, MeasuredRow, MetricTable
from answerable.prompts.render import fixed_chars, skeleton
from answerable.text.tokens import token_count

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where metrics are read from."""

    project: Project
    measures: PostgresMeasures
    reviews: Reviews
    tallies: PostgresTallies

    def span(self, since: datetime, until: datetime, *, prompt: str = "") -> Span:
        """Of the project's tenant."""
        return Span(tenant=self.project.settings.project.tenant, since=since, until=until, prompt=prompt)


def sources_of(project: Project, database: Database) -> Sources:
    """On an open database."""
    return Sources(
        project=project,
        measures=PostgresMeasures(database=database),
        reviews=PostgresReviews(database),
        tallies=PostgresTallies(database=database),
    )


@asynccontextmanager
async def open_sources(project: Project) -> AsyncIterator[Sources]:
    """Without a model, an index or a person waiting. Raises DatabaseUnreachable and ConfigError."""
    async with open_database(project) as database:
        yield sources_of(project, database)


async def measured(sources: Sources, name: str, span: Span, by: Sequence[str] = ()) -> MetricTable:
    """Raises ConfigError for a metric or a dimension that there is not, DatabaseUnreachable.

    What is made of counts by day is of whole days in UTC: the table's `since` and `until` say which.
    """
    what = definition(name)
    parted = what.parted(by)
    if name in RECIPES:
        return await _of_tallies(sources, what, span, parted)
    reader = await _reader(sources, what, span)
    sums = await reader.rows(parted) if parted else []
    rows = [_shown(what, parted, row, reader) for row in sums]
    hidden = any(one.withheld for one in rows)
    whole = None if hidden else next((_row(reader, row, ()) for row in await reader.rows(())), None)
    notes = (*_notes(what, rows, whole), *_mixed(sums, parted))
    return await _table(sources, what, span, parted, rows=rows, total=whole, notes=notes)


async def measured_together(sources: Sources, names: Sequence[str], span: Span) -> dict[str, MetricTable]:
    """Several metrics that are made of counts, not parted: what people said is read once for all of them."""
    labels = await labels_of(sources, span, ())
    return {name: await _of_tallies(sources, definition(name), span, (), labels) for name in names}


async def labels_of(sources: Sources, span: Span, by: Sequence[str]) -> list[Label]:
    """What people said of answers of the span, by these dimensions."""
    return [label_of(row, by) for row in await sources.tallies.labels(span, by)]


async def _of_tallies(
    sources: Sources, what: Definition, span: Span, by: tuple[str, ...], labels: Sequence[Label] | None = None
) -> MetricTable:
    if labels is None:
        labels = await labels_of(sources, span, by) if RECIPES[what.name].labels else ()
    found = Tallied(project=sources.project, tallies=sources.tallies, what=what, span=span, labels=labels)
    rows = await found.rows(by) if by else []
    hidden = any(one.withheld for one in rows)
    whole = None if hidden else next(iter(await found.rows(())), None)
    since, until = found.whole()
    return await _table(
        sources,
        what,
        replace(span, since=since, until=until),
        by,
        rows=rows,
        total=whole,
        notes=_notes(what, rows, whole),
    )


async def _table(
    sources: Sources,
    what: Definition,
    span: Span,
    by: tuple[str, ...],
    *,
    rows: Sequence[MeasuredRow],
    total: MeasuredRow | None,
    notes: tuple[str, ...],
) -> MetricTable:
    return MetricTable(
        definition=what,
        since=span.since,
        until=span.until,
        by=by,
        rows=tuple(rows),
        total=total,
        currency=sources.project.settings.budget.currency,
        notes=notes,
        marks=await marks_of(sources.measures, span),
    )


async def marks_of(measures: PostgresMeasures, span: Span) -> tuple[Mark, ...]:
    """Deploys, rollouts, changed models and switched indexes of a span, oldest first."""
    return tuple(mark_of(row["at"], row["name"], row["props"]) for row in await measures.marks(span, MARKED))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads a metric's sums, and makes numbers of a row of them."""

    sources: Sources
    what: Definition
    span: Span
    reviewed: Reviewed | None = None

    async def rows(self, by: Sequence[str]) -> Sequence[Row]:
        measures, span = self.sources.measures, self.span
        match self.what.name:
            case "tokens":
                found = await measures.calls(span, by)
            case "cost":
                found = await measures.costs(span, by)
            case "feedback":
                found = await measures.feedback(span, by)
            case _:
                found = await measures.answers(span, by, times=self.what.name == "latency")
        return [row for row in found if row["answers"]]

    def numbers(self, row: Row, key: Mapping[str, str]) -> Sequence[Measured]:
        match self.what.name:
            case "quality":
                return [*check_parts(row), *quality_by_people(self._people, self._people.of(key))]
            case "refusals":
                return [*refusal_parts(row), *refusals_by_people(self._people, self._people.of(key))]
            case "latency":
                return latency_parts(row)
            case "tokens":
                return token_parts(row, fixed=fixed_tokens(self.sources.project, key))
            case "cost":
                return cost_parts(row)
            case "feedback":
                return feedback_parts(row)
        raise ConfigError(f"{self.what.name} is defined and not measured")

    @property
    def _people(self) -> Reviewed:
        return self.reviewed or Reviewed(batches=(), files=(), facts={}, applies={})


async def _reader(sources: Sources, what: Definition, span: Span) -> _Reader:
    reads_people = any(one.kind == "people" for one in what.parts)
    reviewed = await _reviewed(sources, span) if reads_people else None
    return _Reader(sources=sources, what=what, span=span, reviewed=reviewed)


async def _reviewed(sources: Sources, span: Span) -> Reviewed:
    criteria = load_criteria(sources.project.path(sources.project.settings.eval.criteria))
    items = await sources.reviews.items(tenant=span.tenant)
    readings = await sources.reviews.readings(tenant=span.tenant)
    facts = {row["item"]: row for row in await sources.measures.reviewed(span)}
    return Reviewed(
        batches=await sources.reviews.batches(tenant=span.tenant),
        files=dossiers([one for one in items if one.id in facts], readings),
        facts=facts,
        applies={name: frozenset(one.value for one in each.applies_to) for name, each in criteria.items()},
    )


def _shown(what: Definition, by: Sequence[str], row: Row, reader: _Reader) -> MeasuredRow:
    about_people = what.personal or "language" in by
    if about_people and row["persons"] < FEW_PERSONS:
        return MeasuredRow(key={name: row[name] for name in by}, n=row["answers"], withheld=True)
    return _row(reader, row, by)


def _row(reader: _Reader, row: Row, by: Sequence[str]) -> MeasuredRow:
    key = {name: row[name] for name in by}
    return MeasuredRow(key=key, n=row["answers"], numbers=in_order(reader.what, list(reader.numbers(row, key))))


def fixed_tokens(project: Project, key: Mapping[str, str]) -> int | None:
    """Tokens at the beginning of a prompt's system part that are the same in every request, by our own count.

    None where the key names no version, or one that the project has no file of.
    """
    name = key.get("prompt.version", "")
    try:
        prompt = project.prompts.get(name) if "@" in name else None
    except ConfigError:
        return None
    if prompt is None:
        return None
    path = project.path(project.settings.answer.scope or "scope.md")
    scope = path.read_text("utf-8") if path.is_file() else ""
    values = {one: scope if one == "scope" else "" for one in prompt.names}
    system, _ = skeleton(prompt, values)
    return token_count(system[: fixed_chars(prompt, values, fixed={"scope"})])


def _mixed(sums: Sequence[Row], by: Sequence[str]) -> tuple[str, ...]:
    """Versions of which several texts were served under one number: their figures are of no one text."""
    if "prompt.version" not in by or "prompt.sha256" in by:
        return ()
    found = sorted({row["prompt.version"] for row in sums if row["prompt.version"] and row["texts"] > 1})
    return tuple(f"{name} was more than one text: `--by prompt.sha256` parts them" for name in found)


def _notes(what: Definition, rows: Sequence[MeasuredRow], total: MeasuredRow | None) -> tuple[str, ...]:
    notes = []
    if hidden := sum(one.withheld for one in rows):
        notes.append(
            f"{hidden} of {len(rows)} rows are of fewer than {FEW_PERSONS} persons: "
            "they are not shown, nor is the sum"
        )
    if total is not None and any(one.kind == "people" for one in what.parts):
        read = max((one.n + one.unmeasured for one in total.numbers if one.kind == "people"), default=0)
        said = max((one.n for one in total.numbers if one.kind == "people"), default=0)
        if not said:
            notes.append(f"not labeled by people: {read} answers are drawn for review, none has a settled verdict")
    return tuple(notes)
