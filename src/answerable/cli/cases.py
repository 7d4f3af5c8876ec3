"""Cases on the command line: made of options, printed as tables and reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from answerable.app.cases import author, places
from answerable.app.project import Project
from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.evals.cases.checking import Corpus, Report
from answerable.evals.cases.coverage import ENOUGH, Coverage
from answerable.evals.cases.files import Filed, read_suite
from answerable.evals.cases.identity import make_id
from answerable.evals.cases.problems import refuse
from answerable.evals.cases.schema import read_case
from answerable.evals.cases.text import Parsed
from answerable.evals.cases.writing import fresh

_CATEGORIES = {
    Outcome.ABSTAINED: "unanswerable",
    Outcome.OUT_OF_SCOPE: "off-topic",
    Outcome.BLOCKED: "adversarial",
    Outcome.CONFLICT: "conflict",
}
_EXPECT = ("outcome", "must", "must_not", "cites", "spans", "criteria", "reference")
_BAR = 40  # characters of the longest bar


def today() -> date:
    """The day, as it is written into files."""
    return datetime.now(UTC).date()


def who(by: str, here: Project) -> str:
    """Who decides: as given, else as git knows."""
    return by or author(here)


def load(here: Project) -> list[Filed]:
    """Every case with its place, by id. Raises ConfigError for the first bad file."""
    filed, problems = read_suite([path for path in places(here).suites if path.exists()])
    if problems:
        raise refuse(problems)
    return filed


def corpus_of(here: Project, cases: Sequence[EvalCase], *, groups: Sequence[str] = ()) -> Corpus:
    """What the index says of the cases' documents."""
    from answerable.app.gold import corpus  # brings the database's adapters, which most of the commands never need

    return project.run(corpus(here, cases, groups=groups))


def show_path(path: Path) -> str:
    """The path as one would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def case_of_options(given: Mapping[str, Any], *, category: str, taken: Collection[str]) -> EvalCase:
    """The case that the options describe; `given` by option name. Raises ConfigError naming the option."""
    outcome: Outcome = given["outcome"]
    first = category or _CATEGORIES.get(outcome, "obvious")
    mapping = {
        "id": given["id"] or make_id(first, given["question"], taken=taken),
        "tags": list(dict.fromkeys([first, *given["tags"]])),
        "filters": _filters(given["filters"]),
        "expect": {key: given[key] for key in _EXPECT} | {"spans": [_span(one) for one in given["spans"]]},
        **{key: given[key] for key in ("question", "language", "groups", "accept_also", "why")},
        "origin": {"date": today()},
    }
    if mapping["id"] in taken:
        raise ConfigError(f"there is a case {mapping['id']!r} already", hint="give it another --id")
    made = read_case(Parsed(value=mapping), path=Path("the new case"))
    if isinstance(made, list):
        raise refuse(made)
    return made


def print_case(filed: Filed) -> None:
    """The file's place, then the case as its file would say it."""
    place = show_path(filed.path)
    note(f"{place}:{filed.line}" if filed.line else place)
    say(fresh(filed.case).rstrip())


def print_report(report: Report) -> None:
    """Problems first, for nothing else can be said of those files."""
    for one in report.problems:
        say(
            f"{show_path(one.path)}{str(one).removeprefix(str(one.path))}"
            + (f"\n  fix: {one.fix}" if one.fix else "")
        )
    if report.findings:
        say("")
        table(
            ["case", "key", "finding", "fix"], [[one.case, one.key, one.cause, one.fix] for one in report.findings]
        )
    if report.reviews:
        say("")
        table(["case", "review", "why"], [[one.case, one.flag, one.detail] for one in report.reviews])
    if report.duplicates:
        say("")
        table(["case", "asks the same as", "likeness"], report.duplicates, right=["likeness"])
    for line in report.unchecked:
        note(f"not checked: {line}")
    counts = Counter(str(one.flag) for one in report.reviews)
    told = [
        f"{report.cases} cases",
        *_counted("bad file", len(report.problems)),
        *_counted("finding", len(report.findings)),
        *(f"{count} {flag}" for flag, count in sorted(counts.items())),
        *_counted("near-duplicate", len(report.duplicates)),
    ]
    note(
        "; ".join(told)
        + (("; nothing found" + (" in the rest" if report.unchecked else "")) if report.clean else "")
    )


def report_json(report: Report) -> dict[str, Any]:
    """The report for programs."""
    return {
        "cases": report.cases,
        "clean": report.clean,
        "problems": [
            {"file": show_path(one.path), "line": one.line, "key": one.key, "cause": one.cause, "fix": one.fix}
            for one in report.problems
        ],
        "findings": [
            {"case": one.case, "key": one.key, "cause": one.cause, "fix": one.fix} for one in report.findings
        ],
        "reviews": [{"case": one.case, "flag": one.flag, "detail": one.detail} for one in report.reviews],
        "duplicates": [{"cases": [one, other], "likeness": near} for one, other, near in report.duplicates],
        "unchecked": list(report.unchecked),
    }


def print_coverage(found: Coverage) -> None:
    """Category by language, category by outcome, origins, sizes; a thin cell is marked."""
    _grid(found, "language", found.languages, found.cells)
    say("")
    _grid(found, "outcome", sorted({outcome for _, outcome in found.outcomes}), found.outcomes)
    say("")
    say("origin     " + ", ".join(f"{name} {count}" for name, count in sorted(found.origins.items())))
    say(f"made by a rule: {found.synthetic} of {found.cases}")
    if found.sizes:
        say("")
        largest = max(count for _, count in found.sizes)
        table(["from", "cases", ""], [[day, n, "#" * max(1, n * _BAR // largest)] for day, n in found.sizes])
    if found.thin:
        note(f"* fewer than {ENOUGH} cases: too few to say anything of it")


def coverage_json(found: Coverage) -> dict[str, Any]:
    """The counts for programs."""
    return {
        "cases": found.cases,
        "cells": [
            {"category": category, "language": language, "cases": count, "thin": 0 < count < ENOUGH}
            for (category, language), count in sorted(found.cells.items())
        ],
        "outcomes": [
            {"category": category, "outcome": outcome, "cases": count}
            for (category, outcome), count in sorted(found.outcomes.items())
        ],
        "origins": dict(found.origins),
        "synthetic": found.synthetic,
        "sizes": [{"from": day, "cases": count} for day, count in found.sizes],
    }


def emit_coverage(found: Coverage) -> None:
    """As JSON."""
    emit_json(coverage_json(found))


def _grid(found: Coverage, title: str, columns: Sequence[str], cells: Mapping[tuple[str, str], int]) -> None:
    rows = []
    for category in found.categories:
        counts = [cells.get((category, one), 0) for one in columns]
        rows.append([category, *(_cell(one) for one in counts), sum(counts)])
    totals = [sum(cells.get((category, one), 0) for category in found.categories) for one in columns]
    table(
        [f"category / {title}", *columns, "all"], [*rows, ["all", *totals, sum(totals)]], right=[*columns, "all"]
    )


def _cell(count: int) -> str:
    return f"{count}*" if 0 < count < ENOUGH else str(count) if count else "-"


def _counted(name: str, count: int) -> list[str]:
    return [f"{count} {name}{'s' if count > 1 else ''}"] if count else []


def _filters(given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key or not value:
            raise ConfigError(f"--filter {one!r} is no KEY=VALUE", hint="--filter status=published")
        found.setdefault(key, []).append(value)
    return found


def _span(given: str) -> dict[str, str]:
    document, mark, quote = given.partition("::")
    if not mark or not document or not quote:
        raise ConfigError(
            f"--span {given!r} is no URI::WORDS", hint="--span 'policies/returns.md::within 30 days'"
        )
    return {"document": document, "quote": quote}
