"""Readings as labels, each with its item's chance of having been drawn: for `judge check` and the corrections."""

from __future__ import annotations

from collections.abc import Iterable

from answerable.core.evaluation import Label
from answerable.core.review import Reading
from answerable.evals.labels import ADJUDICATOR
from answerable.evals.review.verdicts import Dossier


def labels_of(files: Iterable[Dossier]) -> list[Label]:
    """Every reader's word that stands, then the adjudicator's, item by item."""
    found = []
    for file in files:
        spoken = [(one, one.reader) for one in file.readings]
        if file.decision is not None:
            spoken.append((file.decision, ADJUDICATOR + file.decision.reader))
        found += [label for one, rater in spoken for label in _labels(file, one, rater)]
    return found


def _labels(file: Dossier, reading: Reading, rater: str) -> list[Label]:
    return [
        Label(
            item=file.item.answer_id,
            criterion=criterion,
            rater=rater,
            verdict=verdict,
            reason=reading.reason,
            at=reading.at,
            probability=file.item.probability,
            stratum="random" if file.item.uniform else file.item.drawn_by[0],
        )
        for criterion, verdict in reading.verdicts.items()
    ]
