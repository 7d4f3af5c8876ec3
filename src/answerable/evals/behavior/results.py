"""What came of a prompt's cases with one model: tries, verdicts, twins; as objects and as kept JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from answerable.evals.behavior.case import CATEGORIES
from answerable.evals.behavior.twins import KINDS

FORMAT = 1  # of the kept file


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One reply and what it did not show. `misses` are check and reason; `error`: there was no reply."""

    raw: str = ""
    shown: str = ""
    outcome: str = ""
    misses: tuple[tuple[str, str], ...] = ()
    contained: bool | None = (
        None  # what was missed in the raw reply was not in what was shown; None: shows nothing
    )
    model: str = ""
    latency_ms: float = 0.0
    cost: Decimal | None = None
    error: str = ""

    @property
    def passed(self) -> bool | None:
        """None: not measured."""
        return None if self.error else not self.misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A case, or a twin of one, asked one or several times."""

    question: str
    tries: tuple[Try, ...]

    @property
    def passed(self) -> bool | None:
        """By the majority of what was measured; a tie is no pass. None: nothing was measured."""
        measured = [one.passed for one in self.tries if one.passed is not None]
        return sum(measured) * 2 > len(measured) if measured else None

    @property
    def flaky(self) -> bool:
        """Whether the same question passed and failed."""
        return len({one.passed for one in self.tries if one.passed is not None}) > 1

    @property
    def contained(self) -> bool | None:
        """Whether all that was shown passed, whatever the model said. None: not measured, or it shows nothing."""
        told = [one.contained for one in self.tries if not one.error and one.contained is not None]
        return all(told) if told else None

    @property
    def findings(self) -> tuple[str, ...]:
        """Why it failed, each reason once."""
        return tuple(dict.fromkeys(f"{why}" for one in self.tries for _, why in one.misses))


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinResult:
    """A twin beside its case. `agrees` None: one of the two was not measured."""

    kind: str
    asked: Asked
    agrees: bool | None

    @property
    def finding(self) -> str:
        """In words; empty where it agrees."""
        return f"the verdict depends on {KINDS[self.kind]}" if self.agrees is False else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case with its twins."""

    id: str
    category: str
    language: str
    sha256: str  # of the case
    asked: Asked
    where: str = ""
    why: str = ""
    twins: tuple[TwinResult, ...] = ()

    @property
    def passed(self) -> bool | None:
        """The case alone, without its twins."""
        return self.asked.passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A prompt's version with one model. `scripted` names the behavior that stood in for a model; empty: none."""

    prompt: str  # id@version
    sha256: str
    model: str
    at: str  # ISO 8601
    repeats: int
    cases: tuple[CaseResult, ...]
    scripted: str = ""
    stopped: str = ""  # why not every case was asked

    @property
    def ok(self) -> bool:
        """Every case passed, and no twin disagrees."""
        return all(one.passed for one in self.cases) and not any(
            twin.agrees is False for one in self.cases for twin in one.twins
        )

    @property
    def unmeasured(self) -> int:
        """Cases without a verdict."""
        return sum(one.passed is None for one in self.cases)

    @property
    def cost(self) -> Decimal | None:
        """Of all calls; None where one has no price."""
        return total_cost(self._tries())

    def _tries(self) -> list[Try]:
        asked = [one.asked for one in self.cases] + [twin.asked for one in self.cases for twin in one.twins]
        return [attempt for one in asked for attempt in one.tries if not attempt.error]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One category of one prompt's version. Counts, never shares: they are few."""

    category: str
    passed: int
    n: int  # measured
    unmeasured: int
    contained: int  # of `shows`: what was shown passed
    shows: int
    agreeing: int
    twins: int  # measured
    flaky: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all of it held."""
        return self.passed == self.n and self.agreeing == self.twins and not self.unmeasured


def cells(results: Results) -> tuple[Cell, ...]:
    """One for each category that has cases, in their order."""
    found = {one: [case for case in results.cases if case.category == one] for one in CATEGORIES}
    return tuple(_cell(category, cases) for category, cases in found.items() if cases)


def _cell(category: str, cases: Sequence[CaseResult]) -> Cell:
    measured = [one for one in cases if one.passed is not None]
    shown = [one.asked.contained for one in measured if one.asked.contained is not None]
    agreeing = [twin.agrees for one in cases for twin in one.twins if twin.agrees is not None]
    return Cell(
        category=category,
        passed=sum(bool(one.passed) for one in measured),
        n=len(measured),
        unmeasured=len(cases) - len(measured),
        contained=sum(shown),
        shows=len(shown),
        agreeing=sum(agreeing),
        twins=len(agreeing),
        flaky=tuple(one.id for one in cases if one.asked.flaky),
    )


def total_cost(tries: Iterable[Try]) -> Decimal | None:
    """None where one of them has no price."""
    costs = [one.cost for one in tries]
    return None if None in costs else sum((one for one in costs if one is not None), Decimal(0))


def as_json(results: Results) -> dict[str, Any]:
    """JSON-able: what is kept, and what `--format json` prints."""
    return {
        "prompt": results.prompt,
        "sha256": results.sha256,
        "model": results.model,
        "scripted": results.scripted,
        "at": results.at,
        "repeats": results.repeats,
        "ok": results.ok,
        "unmeasured": results.unmeasured,
        "stopped": results.stopped,
        "cost": None if results.cost is None else str(results.cost),
        "matrix": [_cell_json(one) for one in cells(results)],
        "cases": [_case_json(one) for one in results.cases],
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "category": cell.category,
        "passed": cell.passed,
        "n": cell.n,
        "unmeasured": cell.unmeasured,
        "shown_passed": cell.contained,
        "shown_n": cell.shows,
        "twins_agreeing": cell.agreeing,
        "twins_n": cell.twins,
        "flaky": list(cell.flaky),
    }


def _case_json(case: CaseResult) -> dict[str, Any]:
    return {
        "id": case.id,
        "category": case.category,
        "language": case.language,
        "sha256": case.sha256,
        "where": case.where,
        "why": case.why,
        **_asked_json(case.asked),
        "twins": [
            {"kind": twin.kind, "agrees": twin.agrees, "finding": twin.finding, **_asked_json(twin.asked)}
            for twin in case.twins
        ],
    }


def _asked_json(asked: Asked) -> dict[str, Any]:
    return {
        "question": asked.question,
        "passed": asked.passed,
        "flaky": asked.flaky,
        "shown_passed": asked.contained,
        "findings": list(asked.findings),
        "tries": [_try_json(one) for one in asked.tries],
    }


def _try_json(one: Try) -> dict[str, Any]:
    return {
        "raw": one.raw,
        "shown": one.shown,
        "outcome": one.outcome,
        "misses": [{"check": check, "why": why} for check, why in one.misses],
        "shown_passed": one.contained,
        "model": one.model,
        "latency_ms": round(one.latency_ms, 1),
        "cost": None if one.cost is None else str(one.cost),
        "error": one.error,
    }
