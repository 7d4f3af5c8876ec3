"""Cases and replies for the tests of behavior."""

from __future__ import annotations

from datetime import date

from answerable.evals.behavior.case import BehaviorCase, Expect, Given, Source
from answerable.evals.behavior.results import Asked, CaseResult, Results, Try, TwinResult

OLD, NEW = date(2025, 2, 1), date(2026, 4, 20)
TWO = (Source(text="You have 14 days.", date=OLD), Source(text="You have 30 days.", date=NEW))


def a_case(
    expect: Expect | None = None,
    *,
    given: Given | None = None,
    injection: str = "",
    injected: str = "source",
    rephrased: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> BehaviorCase:
    """Two sources that contradict each other, unless another is given."""
    return BehaviorCase(
        id="one",
        category="contradiction",
        given=given or Given(question="How many days?", sources=TWO),
        expect=expect or Expect(),
        injection=injection,
        injected=injected,
        rephrased=rephrased,
        without=without,
    )


def asked(*passes: bool | None, raw: str = "raw", contained: bool | None = None) -> Asked:
    """One try for each; None: it was not measured."""
    tries = tuple(
        Try(
            raw=raw,
            misses=() if one else (("must", "does not say “x”"),),
            error="no model" if one is None else "",
            contained=contained,
        )
        for one in passes
    )
    return Asked(question="How many days?", tries=tries)


def a_result(
    name: str, category: str, *passes: bool | None, twin: bool | None = True, raw: str = "raw"
) -> CaseResult:
    """With one shuffled twin, which agrees or not, or was not measured."""
    return CaseResult(
        id=name,
        category=category,
        language="en",
        sha256=f"hash of {name}",
        asked=asked(*passes, raw=raw),
        twins=(TwinResult(kind="shuffled", asked=asked(True), agrees=twin),),
    )


def results(*cases: CaseResult, prompt: str = "answer@1.0.0", scripted: str = "") -> Results:
    """Of one prompt with one model."""
    return Results(
        prompt=prompt,
        sha256="ab" * 32,
        model="m-1",
        at="2026-11-02T10:00:00",
        repeats=1,
        cases=cases,
        scripted=scripted,
    )
