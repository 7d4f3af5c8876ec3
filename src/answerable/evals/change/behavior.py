"""Behavior of the prompts that a branch changed, for its report: a matrix, and why each case failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answerable.evals.behavior.case import CATEGORIES
from answerable.evals.behavior.results import CaseResult, Cell, Results, cells
from answerable.evals.change.stage import FAILED, INCONCLUSIVE, Stage, State
from answerable.evals.gate.escaping import plain
from answerable.evals.gate.words import plural

NAME = "behavior"


def behavior_stage(found: Sequence[Results]) -> Stage:
    """Failed where a case does, or where a twin's verdict is another; inconclusive where one has no verdict."""
    cases = [case for one in found for case in one.cases]
    failed = sum(one.passed is False for one in cases)
    torn = sum(twin.agrees is False for one in cases for twin in one.twins)
    unmeasured = sum(one.unmeasured for one in found)
    words = f"{failed} of {plural(len(cases), 'case')} fail, {plural(torn, 'verdict')} depend on the form"
    if unmeasured:
        words += f", {unmeasured} not measured"
    if failed or torn:
        return Stage(name=NAME, state=State.FAILED, words=words, exit_code=FAILED)
    if unmeasured:
        return Stage(name=NAME, state=State.INCONCLUSIVE, words=words, exit_code=INCONCLUSIVE)
    return Stage(name=NAME, state=State.PASSED, words=f"{plural(len(cases), 'case')} pass, and so do their twins")


def matrix(found: Sequence[Results]) -> str:
    """Markdown: categories by prompts, `passed/n`, and twins that agree; then what failed."""
    parts = ["\n".join(_table(found)), *(said for one in found for said in _failures(one))]
    return "\n\n".join(parts)


def _table(found: Sequence[Results]) -> Iterator[str]:
    yield "| | " + " | ".join(f"{plain(one.prompt)} ({plain(one.scripted or one.model)})" for one in found) + " |"
    yield "|---|" + "---|" * len(found)
    rows = [{cell.category: cell for cell in cells(one)} for one in found]
    for category in CATEGORIES:
        if any(category in row for row in rows):
            yield f"| {category} | " + " | ".join(_cell(row.get(category)) for row in rows) + " |"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "no case"
    mark = "✅" if cell.ok else "❌"
    twins = f", twins {cell.agreeing}/{cell.twins}" if cell.twins else ""
    unmeasured = f", {cell.unmeasured} not measured" if cell.unmeasured else ""
    return f"{mark} {cell.passed}/{cell.n}{twins}{unmeasured}"


def _failures(results: Results) -> Iterator[str]:
    lines = [line for case in results.cases for line in _why(case)]
    if lines:
        yield f"{plain(results.prompt)}:\n" + "\n".join(lines)
    if results.stopped:
        yield plain(results.stopped)


def _why(case: CaseResult) -> Iterator[str]:
    if case.passed is False:
        reasons = "; ".join(case.asked.findings) or "no reason given"
        yield f"- {plain(case.id)} ({case.category}): {plain(reasons)}"
    for twin in case.twins:
        if twin.agrees is False:
            yield f"- {plain(case.id)}: {plain(twin.finding)}"
