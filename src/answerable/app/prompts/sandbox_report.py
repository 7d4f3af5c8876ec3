"""What a draft came to on the suite, as values for a page and as Markdown for a commit's message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from answerable.app.prompts.sandbox_runs import Suite
from answerable.evals.behavior.case import CATEGORIES
from answerable.evals.behavior.results import Results
from answerable.evals.gate.markdown import write_markdown
from answerable.evals.gate.record import report_record
from answerable.evals.gate.report import Report


def suite_record(found: Suite) -> dict[str, Any]:
    """JSON-able. `markdown` is the same for people who read the branch."""
    matrix = list(_matrix(found.behavior)) if found.behavior else []
    compared = _compared(found)
    return {
        "notes": list(found.notes),
        "behavior": matrix,
        "model": found.behavior.model if found.behavior else "",
        "compared": compared,
        "markdown": _markdown(found, matrix, compared),
    }


def _matrix(results: Results) -> Iterator[dict[str, Any]]:
    """A row a category that has a case: passed, asked, and twins that disagree."""
    for category in CATEGORIES:
        cases = [one for one in results.cases if one.category == category]
        if cases:
            yield {
                "category": category,
                "passed": sum(one.passed is True for one in cases),
                "measured": sum(one.passed is not None for one in cases),
                "cases": len(cases),
                "apart": sum(twin.agrees is False for one in cases for twin in one.twins),
                "failed": [
                    {"id": one.id, "why": list(one.asked.findings)} for one in cases if one.passed is False
                ],
            }


def _compared(found: Suite) -> dict[str, Any] | None:
    if found.compared is None:
        return None
    if isinstance(found.compared, Report):
        record = report_record(found.compared)
        return {
            "title": record["title"],
            "words": record["words"],
            "fixed": record["cases"]["fixed"],
            "broken": record["cases"]["broken"],
            "cases": record["cases"]["compared"],
        }
    lost = [case for case, _, _ in found.compared.searches.lost]
    words = ["Retrieval has become worse: nothing was generated."]
    return {
        "title": "Failed.",
        "words": words,
        "fixed": [],
        "broken": lost,
        "cases": found.compared.searches.asked,
    }


def _markdown(found: Suite, matrix: list[dict[str, Any]], compared: dict[str, Any] | None) -> str:
    parts = [f"- {note}" for note in found.notes]
    if matrix:
        parts.append("| behavior | passed | twins that disagree |\n|---|---|---|")
        parts[-1] += "".join(
            f"\n| {one['category']} | {one['passed']} of {one['cases']} | {one['apart'] or ''} |" for one in matrix
        )
    if isinstance(found.compared, Report):
        parts.append(write_markdown(found.compared))
    elif compared:
        parts.append(f"{compared['title']} {' '.join(compared['words'])}")
    return "\n\n".join(parts)
