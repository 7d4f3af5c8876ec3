"""Fitness: whether a judge may decide, by what people said; kept as a file in git beside the labels."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.errors import ConfigError
from answerable.evals.judges.accord import Accord, Pair
from answerable.evals.judges.identity import JudgeIdentity

MIN_KAPPA = 0.6
MIN_LABELS = 100
MIN_MEASURED = 0.8  # a judge that is unsure of every hard answer agrees with people on the easy ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """Whether the judge of a criterion can gate, and why it can or cannot, in one sentence."""

    criterion: str
    can_gate: bool
    why: str
    record: FitnessRecord | None = None  # what it rests on; None: this judge was never checked


class PairCount(BaseModel):
    """How many items the judge and people spoke of in this way, drawn with this probability."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    judge: bool
    people: bool
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    count: Annotated[int, Field(ge=1)]


class FitnessRecord(BaseModel):
    """One check of one judge. Another criterion text, prompt or model is another judge: see `judge`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criterion: str
    judge: str  # JudgeIdentity.digest
    label: str
    checked: date
    labels_sha256: str  # of the file of labels
    kappa: float | None
    kappa_low: float | None  # 95 %
    kappa_high: float | None
    unsure: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]
    languages: dict[str, tuple[float | None, int]]  # kappa and n of each
    pairs: tuple[PairCount, ...]

    @property
    def n(self) -> int:
        """Items that both have judged."""
        return sum(one.count for one in self.pairs)

    def labeled(self) -> list[Pair]:
        """Each item's pair again, for correcting rates."""
        return [
            Pair(judge=one.judge, people=one.people, probability=one.probability)
            for one in self.pairs
            for _ in range(one.count)
        ]


def fitness(
    records: Sequence[FitnessRecord],
    *,
    criterion: str,
    judge: str,
    min_kappa: float = MIN_KAPPA,
    min_labels: int = MIN_LABELS,
) -> Fitness:
    """Of the judge with this digest (in a score's detail: `judge`), by what was found when it was checked."""
    of_criterion = [one for one in records if one.criterion == criterion]
    record = next((one for one in of_criterion if one.judge == judge), None)
    if record is None:
        never = (
            f"was never checked against people; {of_criterion[0].label} was"
            if of_criterion
            else "was never checked"
        )
        return Fitness(criterion=criterion, can_gate=False, why=f"this judge {never}")
    against = _against(record, min_kappa=min_kappa, min_labels=min_labels)
    if against:
        return Fitness(criterion=criterion, can_gate=False, why=against, record=record)
    why = f"κ {record.kappa:.2f} on {record.n} answers that people labeled, checked {record.checked}"
    return Fitness(criterion=criterion, can_gate=True, why=why, record=record)


def _against(record: FitnessRecord, *, min_kappa: float, min_labels: int) -> str:
    if record.n < min_labels:
        return f"{record.n} labeled answers, at least {min_labels} are needed: {min_labels - record.n} more"
    if record.kappa is None:
        return "people and judge said only one thing: label answers of both kinds"
    if record.kappa < min_kappa:
        return f"κ {record.kappa:.2f}, at least {min_kappa:g} is needed"
    measured = record.n / (record.n + record.unsure + record.failed)
    if measured < MIN_MEASURED:
        return f"it gave a verdict on {measured:.0%} of the answers, at least {MIN_MEASURED:.0%} is needed"
    return ""


def record_of(
    found: Accord,
    identity: JudgeIdentity,
    *,
    languages: Sequence[Accord],
    labels_sha256: str,
    today: date,
) -> FitnessRecord:
    """What a check found, as it is kept."""
    counts = Counter((one.judge, one.people, one.probability) for one in found.pairs)
    ordered = sorted(counts.items(), key=lambda one: (one[0][0], one[0][1], one[0][2] or 0.0))
    return FitnessRecord(
        criterion=found.criterion,
        judge=identity.digest,
        label=identity.label,
        checked=today,
        labels_sha256=labels_sha256,
        kappa=_rounded(found.kappa.value) if found.kappa else None,
        kappa_low=_rounded(found.kappa.interval.low) if found.kappa else None,
        kappa_high=_rounded(found.kappa.interval.high) if found.kappa else None,
        unsure=found.unsure,
        failed=found.failed,
        languages={one.language: (_rounded(one.kappa.value) if one.kappa else None, one.n) for one in languages},
        pairs=tuple(
            PairCount(judge=judge, people=people, probability=probability, count=count)
            for (judge, people, probability), count in ordered
        ),
    )


def _rounded(value: float) -> float:
    return round(value, 4)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    judges: tuple[FitnessRecord, ...]


def read_records(path: Path) -> list[FitnessRecord]:
    """What was kept; nothing where there is no file. Raises ConfigError naming the file and the key."""
    if not path.exists():
        return []
    try:
        return list(_File.model_validate_json(path.read_text(encoding="utf-8")).judges)
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(
            f"{path}: {key}: {first['msg']}", hint="make it anew with `answerable judge check`"
        ) from exc


def keep_records(records: Sequence[FitnessRecord], path: Path) -> None:
    """Put them into the file: a judge's newer record replaces its older one, the others stay."""
    kept: Mapping[tuple[str, str], FitnessRecord] = {
        (one.criterion, one.judge): one for one in [*read_records(path), *records]
    }
    ordered = [kept[key].model_dump(mode="json", exclude_defaults=True) for key in sorted(kept)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"judges": ordered}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
