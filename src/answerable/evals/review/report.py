"""What a review came to: progress, agreement, and the rate of each criterion with what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from answerable.core.evaluation import Answered
from answerable.core.review import Batch, Role
from answerable.evals.review.estimate import Drawn, Frame, weighted_rate
from answerable.evals.review.queue import due_by_reader
from answerable.evals.review.verdicts import Dossier
from answerable.evals.stats.agreement import agreement, kappa, krippendorff
from answerable.evals.stats.estimate import Estimate
from answerable.evals.stats.proportions import wilson

Applies = Mapping[str, frozenset[str]]  # criterion → the outcomes that it applies to


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is."""

    batch: Batch
    items: int
    seats: int
    read: int  # seats
    to_decide: int  # items on which readers differ
    overdue: bool

    @property
    def done(self) -> bool:
        """Read and settled."""
        return self.read >= self.seats and not self.to_decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What one reader has done of what is theirs. `median_s` of the `timed` readings that were timed."""

    name: str
    read: int
    due: int
    median_s: float | None
    timed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The share of YES to one criterion among the answers of the periods that it applies to."""

    criterion: str
    yes: int
    measured: int  # items with a YES or NO that counts
    unsure: int
    open: int  # not read by all who should, or not decided
    weighted: Estimate | None  # over all answers
    uniform: Estimate | None  # the plain random part alone
    uniform_yes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far readers who read the same agree on one criterion, before anybody decided."""

    criterion: str
    items: int
    agreed: Estimate | None
    alpha: Estimate | None
    kappa: Estimate | None  # where the same two read all of them


def progress(batches: Sequence[Batch], files: Sequence[Dossier], *, now: datetime) -> list[Progress]:
    """One a batch, in the batches' order."""
    found = []
    for batch in batches:
        own = [one for one in files if one.item.batch == batch.id]
        seats, waiting = sum(len(one.item.seats) for one in own), sum(one.waits_for_decision for one in own)
        read = sum(min(len(one.readings), len(one.item.seats)) for one in own)
        late = now > batch.due and (read < seats or waiting > 0)
        found.append(
            Progress(batch=batch, items=len(own), seats=seats, read=read, to_decide=waiting, overdue=late)
        )
    return found


def readers(files: Sequence[Dossier]) -> list[Reader]:
    """Everybody who has a seat or has read, by name; free seats under the empty name."""
    times: dict[str, list[float]] = {}
    for file in files:
        for one in file.readings:
            times.setdefault(one.reader, []).extend([one.seconds] if one.seconds is not None else [])
    due = due_by_reader(files)
    took = Counter(one.reader for file in files for one in file.readings)
    return [
        Reader(
            name=name,
            read=due[name][0] if name in due else took[name],
            due=due[name][1] if name in due else took[name],
            median_s=median(times[name]) if times.get(name) else None,
            timed=len(times.get(name, ())),
        )
        for name in sorted({*due, *times})
    ]


def rates(batches: Sequence[Batch], files: Sequence[Dossier], applies: Applies) -> list[Rate]:
    """One a criterion of the batches, in their order."""
    names = dict.fromkeys(name for batch in batches for name in batch.criteria)
    by_id = {batch.id: batch for batch in batches}
    return [_rate(name, by_id, [one for one in files if _asked(one, name, by_id, applies)]) for name in names]


def _asked(file: Dossier, criterion: str, batches: Mapping[str, Batch], applies: Applies) -> bool:
    batch = batches.get(file.item.batch)
    return batch is not None and criterion in batch.criteria and file.item.outcome in applies.get(criterion, ())


def _rate(criterion: str, batches: Mapping[str, Batch], files: Sequence[Dossier]) -> Rate:
    said = {file.item.id: file.verdict(criterion) for file in files}
    measured = [file for file in files if said[file.item.id] in (Answered.YES, Answered.NO)]
    uniform = [said[file.item.id] is Answered.YES for file in measured if file.item.uniform]
    drawn, read = (Counter(file.item.batch for file in some) for some in (files, measured))
    frames = {name: Frame(draws=batches[name].draws, drawn=drawn[name], read=read[name]) for name in drawn}
    sample = [
        Drawn(
            found=said[file.item.id] is Answered.YES,
            batch=file.item.batch,
            strata=file.item.strata,
            probability=file.item.probability,
        )
        for file in measured
    ]
    return Rate(
        criterion=criterion,
        yes=sum(one.found for one in sample),
        measured=len(measured),
        unsure=sum(one is Answered.UNSURE for one in said.values()),
        open=sum(one is None for one in said.values()),
        weighted=weighted_rate(sample, frames),
        uniform=_share(sum(uniform), len(uniform)),
        uniform_yes=sum(uniform),
    )


def _share(k: int, n: int) -> Estimate | None:
    return Estimate(value=k / n, interval=wilson(k, n), n=n, method="wilson") if n else None


def agreements(batches: Sequence[Batch], files: Sequence[Dossier]) -> list[Agreement]:
    """One a criterion, over the items that two or more have read."""
    return [_agreement(name, files) for name in dict.fromkeys(name for one in batches for name in one.criteria)]


def _agreement(criterion: str, files: Sequence[Dossier]) -> Agreement:
    ratings: dict[str, Mapping[str, Hashable]] = {
        file.item.id: said for file in files if len(said := file.said(criterion)) > 1
    }
    pairs = [(said[min(said)], said[max(said)]) for said in ratings.values()]
    same_two = len({(min(said), max(said)) for said in ratings.values()}) == 1
    return Agreement(
        criterion=criterion,
        items=len(ratings),
        agreed=agreement(pairs),
        alpha=krippendorff(ratings),
        kappa=kappa(pairs) if same_two else None,
    )


def severities(files: Sequence[Dossier]) -> dict[str, int]:
    """Items that somebody called harmful, by severity."""
    return dict(sorted(Counter(one.severity for one in files if one.severity).items()))


def decided(files: Sequence[Dossier]) -> int:
    """Items on which an adjudicator had the last word."""
    return sum(one.decision is not None and one.decision.role is Role.ADJUDICATOR for one in files)
