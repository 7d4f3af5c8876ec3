"""A comparison as one HTML file that needs nothing else: no script from elsewhere, no font, no picture."""

from __future__ import annotations

from importlib import resources
from typing import Any

from answerable.evals.gate.averaged import Averaged
from answerable.evals.gate.headline import sentences, title
from answerable.evals.gate.markdown import write_markdown
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.report import Report, names, reasons, shown_row
from answerable.evals.gate.retrieved import found_of, text_of
from answerable.evals.gate.worddiff import word_diff
from answerable.evals.gate.words import (
    bounds_of,
    difference_of,
    money,
    remarks_of,
    seconds,
    value_of,
)
from answerable.text.page import render_page

_WORDS = {
    "bounds_of": bounds_of,
    "difference_of": difference_of,
    "remarks_of": remarks_of,
    "seconds": seconds,
    "value_of": value_of,
}


def write_page(report: Report) -> str:
    """The whole file. Every word in it is escaped: answers and cases are other people's text."""
    flaky, broken, fixed = (set(names(pairs)) for pairs in (report.flaky, report.broken, report.fixed))
    first = names(report.regressions)
    pairs = [*report.regressions, *(pair for pair in _ordered(report) if pair.case not in first)]
    cases = [_case(pair, report, flaky=flaky, broken=broken, fixed=fixed) for pair in pairs]
    values = {
        **_WORDS,
        "report": report,
        "comparison": report.comparison,
        "decision": report.decision,
        "title": title(report.comparison, report.decision),
        "sentences": sentences(report.comparison, report.decision),
        "cases": cases,
        "counts": {name: sum(name in one["classes"] for one in cases) for name in _FILTERS},
        "markdown": write_markdown(report),
    }
    return render_page(resources.files(__package__) / "templates", "compare", values)


_FILTERS = ("regressed", "fixed", "flaky", "different", "case")


def _ordered(report: Report) -> list[Pair]:
    return [pair for _, pair in sorted(report.comparison.pairing.named.items())]


def _case(pair: Pair, report: Report, *, flaky: set[str], broken: set[str], fixed: set[str]) -> dict[str, Any]:
    base, head = shown_row(pair.base), shown_row(pair.head)
    before, after = found_of(base), found_of(head)
    classes = {
        "case": True,
        "regressed": pair.case in broken or pair.case in report.blockers,
        "fixed": pair.case in fixed,
        "flaky": pair.case in flaky,
        "different": not pair.identical,
    }
    return {
        "name": pair.case,
        "category": pair.head.category,
        "classes": [name for name, holds in classes.items() if holds],
        "blocks": pair.case in report.blockers,
        "tags": _tags(pair, report, flaky=flaky, broken=broken, fixed=fixed),
        "sides": [_side(pair.base), _side(pair.head)],
        "question": str((head.answer.get("case") or {}).get("question", "")),
        "language": head.language,
        "diff": word_diff(text_of(base), text_of(head)),
        "reasons": reasons(head),
        "lost": [one for one in before if one not in after],
        "gained": [one for one in after if one not in before],
    }


def _tags(pair: Pair, report: Report, *, flaky: set[str], broken: set[str], fixed: set[str]) -> list[str]:
    held = {
        "regressed": pair.case in broken,
        "failed in base too": pair.case in report.comparison.must_pass.failed_before,
        "fixed": pair.case in fixed,
        "flaky": pair.case in flaky,
        "quarantined": pair.case in report.comparison.set_aside,
    }
    return [name for name, holds in held.items() if holds]


def _side(side: Averaged) -> dict[str, str]:
    n = side.passes + side.fails
    passed = f"{side.passes} of {n}" if n else "unmeasured"
    return {
        "passed": passed,
        "outcome": shown_row(side).outcome,
        "time": seconds(side.latency_ms),
        "cost": money(side.cost),
    }
