"""Quarantine: flaky cases that are reported apart for a while. Each has an owner, a reason and a last day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.evals.gate.entries import Entry, Words, read_entries


class Quarantined(Entry):
    """A case that does not gate until its last day is over."""

    case: Words
    owner: Words
    despite_must_pass: bool = False  # a must-pass case is not set aside without saying so


def load_quarantine(path: Path) -> tuple[Quarantined, ...]:
    """By case. Raises ConfigError, also where a case is named twice."""
    found = read_entries(path, Quarantined)
    cases = [one.case for one in found]
    if repeated := sorted({case for case in cases if cases.count(case) > 1}):
        raise ConfigError(f"{path.name}: the case {repeated[0]!r} is there twice", hint="keep one entry")
    return tuple(sorted(found, key=lambda one: one.case))


def set_aside(found: Sequence[Quarantined], today: date) -> tuple[Quarantined, ...]:
    """Those that still count."""
    return tuple(one for one in found if not one.expired(today))


def check_must_pass(found: Sequence[Quarantined], must_pass: Collection[str], place: str) -> None:
    """Refuse a must-pass case that is quarantined without a word about it. Raises ConfigError."""
    for one in found:
        if one.case in must_pass and not one.despite_must_pass:
            raise ConfigError(
                f"{place}: {one.case!r} is a must-pass case",
                hint="add `despite_must_pass: true` to quarantine it all the same; the report says so",
            )
