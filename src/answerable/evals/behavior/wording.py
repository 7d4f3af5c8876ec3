"""What the reports of behavior say, in the terminal, in Markdown and on the page alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answerable.evals.behavior.case import CATEGORIES
from answerable.evals.behavior.results import Asked, CaseResult, Cell, Results, TwinResult, cells

SCRIPTED = "scripted: nothing here is a model's quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A case, or a twin, that did not do what it should."""

    case: str
    where: str
    reason: str
    asked: Asked
    twin: str = ""


def title(results: Results) -> str:
    """The verdict in words first."""
    failed = sum(one.passed is False for one in results.cases)
    unlike = sum(twin.agrees is False for one in results.cases for twin in one.twins)
    counted = _counted(len(results.cases), "case")
    if not results.cases:
        return f"{results.prompt}: no cases"
    said = [f"{failed} of {counted} fail"] if failed else []
    said += [f"{unlike} {'twin disagrees' if unlike == 1 else 'twins disagree'}"] if unlike else []
    said += [f"{results.unmeasured} not measured"] if results.unmeasured else []
    twins = ", with all twins" if any(one.twins for one in results.cases) else ""
    return f"{results.prompt}: {', '.join(said) or f'all of {counted} passed{twins}'}"


def model_of(results: Results) -> str:
    """Who answered."""
    if results.scripted:
        return f"{results.scripted}, {SCRIPTED}"
    return results.model


def head_of(results: Results, others: Sequence[Results]) -> str:
    """The head of a column: the version, and the model where others have another one."""
    models = {(one.scripted, one.model) for one in others}
    return results.prompt if len(models) == 1 else f"{results.prompt} {results.scripted or results.model}"


def rows(group: Sequence[Results]) -> Iterator[tuple[str, list[Cell | None]]]:
    """Category and one cell for each of the results; None where it has no such cases."""
    columns = [{one.category: one for one in cells(results)} for results in group]
    for category in CATEGORIES:
        found = [column.get(category) for column in columns]
        if any(found):
            yield category, found


def passed_of(cell: Cell | None) -> str:
    """E.g. `3 of 4`, with what was not measured and what is flaky."""
    if cell is None:
        return "-"
    said = f"{cell.passed} of {cell.n}"
    said += f", {cell.unmeasured} unmeasured" if cell.unmeasured else ""
    return said + (f", {len(cell.flaky)} flaky" if cell.flaky else "")


def twins_of(cell: Cell | None) -> str:
    """E.g. `12 of 12`."""
    return f"{cell.agreeing} of {cell.twins}" if cell and cell.twins else "-"


def shown_of(cell: Cell | None) -> str:
    """What a person would have got, where the prompt shows something."""
    return f"{cell.contained} of {cell.shows}" if cell and cell.shows else "-"


def failures(results: Results) -> Iterator[Failure]:
    """What is not as it should be: failed cases, twins that disagree, cases that were not measured, flaky ones."""
    for case in results.cases:
        if case.passed is not True:
            yield Failure(case=case.id, where=case.where, reason=_reason(case.asked), asked=case.asked)
        elif case.asked.flaky:
            yield Failure(case=case.id, where=case.where, reason=_flaky(case), asked=case.asked)
        for twin in case.twins:
            if twin.finding:
                yield Failure(
                    case=case.id, where=case.where, reason=_unlike(twin), asked=twin.asked, twin=twin.kind
                )


def footer(results: Results) -> str:
    """What it took."""
    cost = results.cost
    paid = ", unpriced" if cost is None else f", cost {cost.normalize():f}"
    asked = len(results.cases) + sum(len(one.twins) for one in results.cases)
    said = _counted(asked, "request") + (f", each {results.repeats} times" if results.repeats > 1 else "")
    return said + ("" if results.scripted else paid) + (f"; {results.stopped}" if results.stopped else "")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _reason(asked: Asked) -> str:
    errors = list(dict.fromkeys(one.error for one in asked.tries if one.error))
    return "; ".join([*asked.findings, *(f"not measured: {one}" for one in errors)])


def _flaky(case: CaseResult) -> str:
    passes = sum(one.passed is True for one in case.asked.tries)
    return f"flaky: passed {passes} of {len(case.asked.tries)} times; " + "; ".join(case.asked.findings)


def _unlike(twin: TwinResult) -> str:
    found = "; ".join(twin.asked.findings)
    return f"{twin.finding}" + (f": {found}" if found else ": here it passes")


def forms(case: CaseResult) -> list[tuple[str, Asked]]:
    """The case as it is, then each twin, by the name of its form."""
    return [("as it is", case.asked), *((twin.kind, twin.asked) for twin in case.twins)]
