"""Waivers: a gate passed by a person's word. With a name, a reason and a last day, and shown in every report."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from pydantic import field_validator

from answerable.evals.gate.entries import Entry, Words, read_entries

# What is not measured well enough may be accepted for one run; see `eval gate --accept-inconclusive`.
INCONCLUSIVE = "inconclusive"
_GATE = re.compile(
    r"overall|retrieval|unmeasured|comparable|latency|cost|inconclusive"
    r"|(category|floor|judge|must-pass|quarantine):\S.*"
)


class Waiver(Entry):
    """Passes one gate, of one run or of all until the last day."""

    gate: Words
    name: Words
    only: str = ""  # of this run, or of the system with this digest; empty: of every one

    @field_validator("gate")
    @classmethod
    def _known(cls, gate: str) -> str:
        if gate == "must-pass":
            raise ValueError("must-pass is never waived as a whole: name the case, must-pass:CASE")
        if not _GATE.fullmatch(gate):
            raise ValueError(
                f"there is no gate {gate!r}: overall, retrieval, unmeasured, comparable, latency, cost, "
                "category:NAME, floor:NAME, judge:CRITERION, must-pass:CASE or quarantine:CASE"
            )
        return gate

    def covers(self, gate: str, of: Collection[str], today: date) -> bool:
        """Whether it passes this gate today, of a head that goes by these names."""
        return self.gate == gate and (not self.only or self.only in of) and not self.expired(today)


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """In the order of the file. Raises ConfigError."""
    return read_entries(path, Waiver)


def waiver_of(waivers: Sequence[Waiver], gate: str, *, of: Collection[str], today: date) -> Waiver | None:
    """The last one that covers the gate."""
    return next((one for one in reversed(waivers) if one.covers(gate, of, today)), None)
