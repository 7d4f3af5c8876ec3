"""What the reviews came to so far, and what of them can be taken out: labels, items, a table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.app.drawing import undrawn
from answerable.app.reviewing import Desk
from answerable.core.errors import NotFound
from answerable.core.outcome import Outcome
from answerable.core.review import Batch
from answerable.evals.items import LabeledItem, ShownPassage, write_items
from answerable.evals.labels import write_labels
from answerable.evals.review.labels import labels_of
from answerable.evals.review.report import (
    Agreement,
    Progress,
    Rate,
    Reader,
    agreements,
    decided,
    progress,
    rates,
    readers,
    severities,
)
from answerable.evals.review.verdicts import Dossier
from answerable.text.cells import cell

_COLUMNS = (
    "item", "batch", "answer", "trace", "outcome", "language", "topic", "drawn_by", "probability", "criterion",
    "rater", "verdict", "reason", "at", "counts",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Everything, and `history`: the rates of each batch alone, newest first."""

    progress: tuple[Progress, ...]
    readers: tuple[Reader, ...]
    rates: tuple[Rate, ...]
    agreements: tuple[Agreement, ...]
    history: Mapping[str, tuple[Rate, ...]]
    severities: Mapping[str, int]
    decided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written, and the answers that are gone."""

    files: tuple[Path, ...]
    labels: int
    items: int
    gone: int


async def review_statistics(desk: Desk, batch: str | None = None) -> Statistics:
    """Of one batch, or of all."""
    batches = [one for one in await desk.reviews.batches(tenant=desk.tenant) if batch is None or one.id == batch]
    if batch is not None and not batches:
        raise NotFound(f"{batch} was not drawn", hint=f"answerable review plan --period {batch}")
    files = await desk.files(batch)
    applies = _applies(desk)
    return Statistics(
        progress=tuple(progress(batches, files, now=desk.clock())),
        readers=tuple(readers(files)),
        rates=tuple(rates(batches, files, applies)),
        agreements=tuple(agreements(batches, files)),
        history={one.id: tuple(rates([one], _of(one, files), applies)) for one in batches},
        severities=severities(files),
        decided=decided(files),
    )


async def what_is_late(desk: Desk) -> list[str]:
    """In words, one line each: batches past their day, and a finished period nobody drew."""
    batches = await desk.reviews.batches(tenant=desk.tenant)
    state = progress(batches, await desk.files(), now=desk.clock())
    late = [
        f"{one.batch.id} is overdue since {one.batch.due:%Y-%m-%d}: {one.read} of {one.seats} readings"
        + (f", {one.to_decide} to decide" if one.to_decide else "")
        for one in state
        if one.overdue
    ]
    missing = await undrawn(desk) if batches or desk.section.reviewers else None
    return [*late, *([f"{missing.id} is over and was not drawn"] if missing else [])]


async def export_reviews(desk: Desk, folder: Path, batch: str | None = None) -> Exported:
    """labels.jsonl and items.jsonl as `judge check` reads them, and reviews.csv. Raises ConfigError."""
    files = [one for one in await desk.files(batch) if one.readings]
    items = [item for one in files if (item := await _labeled(desk, one)) is not None]
    labels = labels_of(files)
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / name for name in ("labels.jsonl", "items.jsonl", "reviews.csv"))
    write_labels(labels, paths[0])
    write_items(items, paths[1])
    _write_table(files, paths[2])
    return Exported(files=paths, labels=len(labels), items=len(items), gone=len(files) - len(items))


async def _labeled(desk: Desk, file: Dossier) -> LabeledItem | None:
    """What the readers saw; None where the answer is gone. The context is the quotes that it cites."""
    try:
        trace = await desk.journal.trace(tenant=desk.tenant, reference=file.item.trace_id)
    except NotFound:
        return None
    answer = trace["answer"]
    if not answer:
        return None
    return LabeledItem(
        item=file.item.answer_id,
        question=trace["question"],
        answer=answer["text"],
        context=tuple(
            ShownPassage(n=one["n"], title=one["title"], text=one["quote"]) for one in answer.get("sources", ())
        ),
        language=file.item.language,
        outcome=Outcome(file.item.outcome),
    )


def _write_table(files: Sequence[Dossier], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for file in files:
            item = file.item
            head = [item.id, item.batch, item.answer_id, item.trace_id, item.outcome, item.language, item.topic]
            chance = ["+".join(item.drawn_by), f"{item.probability:.6f}"]
            for one in labels_of([file]):
                said = [one.criterion, one.rater, one.verdict.value, one.reason, one.at]
                settled = file.verdict(one.criterion)
                row = [*head, *chance, *said, settled.value if settled else ""]
                writer.writerow([cell(str(value)) for value in row])


def _applies(desk: Desk) -> dict[str, frozenset[str]]:
    return {name: frozenset(one.value for one in each.applies_to) for name, each in desk.criteria.items()}


def _of(batch: Batch, files: Sequence[Dossier]) -> list[Dossier]:
    return [one for one in files if one.item.batch == batch.id]
