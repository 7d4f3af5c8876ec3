"""Everything that can be said against a suite of cases, in one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from answerable.evals.cases.consistency import Finding, contradictions, expects_nothing, near_duplicates
from answerable.evals.cases.files import Filed, read_suite
from answerable.evals.cases.freshness import Review, reviews
from answerable.evals.cases.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is wrong. `unchecked` says what could not be looked at, and why."""

    cases: int
    problems: tuple[Problem, ...]  # files that are no cases
    findings: tuple[Finding, ...]
    reviews: tuple[Review, ...]
    duplicates: tuple[tuple[str, str, float], ...]
    unchecked: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing was found in what could be looked at."""
        return not (self.problems or self.findings or self.reviews or self.duplicates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The documents' texts by uri, as far as cases name them; `texts` None, and why, where they cannot be had."""

    texts: Mapping[str, str] | None
    reason: str = ""


def check_suite(
    filed: Sequence[Filed], problems: Sequence[Problem], corpus: Corpus, *, today: date, every_s: float
) -> Report:
    """All findings at once. `every_s`: how long a confirmation holds, in seconds."""
    cases = [one.case for one in filed]
    findings = [one for case in cases for one in (*contradictions(case), *expects_nothing(case))]
    unchecked = [f"gold documents and quotes: {corpus.reason}"] if corpus.texts is None else []
    return Report(
        cases=len(cases),
        problems=tuple(problems),
        findings=tuple(findings + _misnamed(filed)),
        reviews=tuple(reviews(cases, corpus.texts, today=today, every_s=every_s)),
        duplicates=tuple(near_duplicates(cases)),
        unchecked=tuple(unchecked),
    )


def read_for_check(paths: Sequence[Path]) -> tuple[list[Filed], list[Problem]]:
    """As read_suite; a path that is not there is a problem among others."""
    there = [path for path in paths if path.exists()]
    missing = [
        Problem(path=path, cause="is not there", fix="[eval] suites") for path in paths if path not in there
    ]
    filed, problems = read_suite(there)
    return filed, missing + problems


def _misnamed(filed: Sequence[Filed]) -> list[Finding]:
    return [
        Finding(
            case=one.case.id,
            key="id",
            cause=f"its file is called {one.path.name}",
            fix=f"rename it to {one.case.id}{one.path.suffix}",
        )
        for one in filed
        if one.line == 0 and one.path.suffix != ".jsonl" and one.path.stem != one.case.id
    ]
