"""What people said of answers, as a file in git: JSON Lines, one person's word on one criterion a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered, Label
from answerable.evals.jsonl import read_lines, write_lines

ADJUDICATOR = "adjudicator:"  # how the name of a rater begins who had the last word, having seen the others'

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item: _Name
    criterion: _Name
    rater: _Name
    verdict: Answered
    reason: str = ""
    at: datetime | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    stratum: str = ""


def read_labels(path: Path) -> list[Label]:
    """In the file's order. A person's later word on a criterion of an item replaces the earlier one.

    Raises ConfigError naming the file, the line and the key.
    """
    latest: dict[tuple[str, str, str], Label] = {}
    for line in read_lines(path, _Line):
        label = Label(**dict(line))
        latest[label.item, label.criterion, label.rater] = label
    return list(latest.values())


def write_labels(labels: Iterable[Label], path: Path) -> None:
    """Replace the file. Raises ConfigError for a label that could not be read back."""
    write_lines([_line(label) for label in labels], path)


def _line(label: Label) -> _Line:
    try:
        return _Line.model_validate(asdict(label))
    except ValueError as exc:
        raise ConfigError(f"the label of {label.rater} on {label.item} cannot be written: {exc}") from exc
