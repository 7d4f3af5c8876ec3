"""Which cases from outside become files of the project; nothing that is there is written over unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.consistency import NEAR, likeness
from answerable.evals.cases.files import Filed, save_case
from answerable.evals.cases.writing import json_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What would be done with cases from outside."""

    writes: tuple[tuple[EvalCase, Path], ...]
    unchanged: tuple[str, ...]  # there already, the same
    differing: tuple[str, ...]  # the id is there with something else: left alone
    repeated: tuple[tuple[str, str], ...]  # the new case asks what another one asks: (new, other)


def plan_adoption(
    cases: Sequence[EvalCase],
    filed: Sequence[Filed],
    *,
    home: Path,
    into: Path | None = None,
    replace: bool = False,
) -> Adoption:
    """A file a case in its category's folder under `home`, or lines of `into`, a JSONL file.

    replace: a case whose id is there with something else is written over, in its place.
    """
    there = {one.case.id: one for one in filed}
    writes, unchanged, differing, repeated = [], [], [], []
    for case in cases:
        known = there.get(case.id)
        if known and json_line(known.case) == json_line(case):
            unchanged.append(case.id)
        elif known and not replace:
            differing.append(case.id)
        else:
            writes.append((case, known.path if known else into or home / case.category / f"{case.id}.yaml"))
            repeated += [] if known else [(case.id, other) for other in _asked_before(case, filed)]
    return Adoption(
        writes=tuple(writes),
        unchanged=tuple(unchanged),
        differing=tuple(differing),
        repeated=tuple(repeated),
    )


def adopt(adoption: Adoption) -> None:
    """Write the files. Raises ConfigError."""
    for case, path in adoption.writes:
        save_case(case, path)


def _asked_before(case: EvalCase, filed: Sequence[Filed]) -> list[str]:
    return [
        one.case.id
        for one in filed
        if one.case.language == case.language and likeness(one.case.question, case.question, case.language) >= NEAR
    ]
