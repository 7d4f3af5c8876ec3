"""Why a case failed, in one word, so that the commonest cause is mended first.

A case has one cause: the earliest on the way from the question to the answer, since mending a later one would
change nothing. Whether retrieval is to blame is read off the scores (evals/metrics/faults.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from answerable.core.evaluation import Row, Status
from answerable.core.outcome import Outcome
from answerable.evals.runs.passing import JUDGE


class Cause(StrEnum):
    """In the order in which a question meets them."""

    UNMEASURED = "unmeasured"
    FAILED = "failed"
    GUARD = "guard"
    ANSWERED = "answered"
    RETRIEVER = "retriever"
    ABSTAINED = "abstained"
    DECLINED = "declined"
    CONFLICT = "conflict"
    PARTIAL = "partial"
    SAID = "said"
    LEFT_OUT = "left-out"
    SOURCE = "source"
    LANGUAGE = "language"
    PATTERN = "pattern"
    OTHER = "other"

    @property
    def what(self) -> str:
        """What happened."""
        return _WORDS[self][0]

    @property
    def advice(self) -> str:
        """Where to look first."""
        return _WORDS[self][1]


_WORDS: Mapping[Cause, tuple[str, str]] = {
    Cause.UNMEASURED: (
        "Could not be measured",
        "what the target or the metric said; then --filter-failing latest",
    ),
    Cause.FAILED: ("Failed on our side", "an error or the deadline: see the trace's failing step"),
    Cause.GUARD: ("Stopped by a guard though the question is allowed", "the guard's rule, in [guard.input]"),
    Cause.ANSWERED: ("Answered though it should not have", "abstention threshold, scope.md, access rules"),
    Cause.RETRIEVER: (
        "The passage that holds the answer was not retrieved",
        "chunking, filters, top_k, the page itself",
    ),
    Cause.ABSTAINED: (
        "Abstained though an answer is expected",
        "abstention threshold, prompt, withheld sentences",
    ),
    Cause.DECLINED: (
        "Declined, but for another reason than expected",
        "scope.md and guards, or the case's outcome",
    ),
    Cause.CONFLICT: (
        "Took a disagreement of pages for none, or the other way round",
        "the two pages, [answer] on_conflict",
    ),
    Cause.PARTIAL: (
        "Answered only in part, or all where only a part is known",
        "the parts of the question, the pages",
    ),
    Cause.SAID: ("Said what it must not", "the passage it rests on; verification; the prompt"),
    Cause.LEFT_OUT: ("Leaves out what it must say", "the prompt, max_output_tokens, the model"),
    Cause.SOURCE: ("Cites another place than expected", "duplicate pages, or the case's cites"),
    Cause.LANGUAGE: ("Answered in another language", "the prompt; [project] languages"),
    Cause.PATTERN: ("Holds a known-bad pattern", "the pattern's name is in the reason"),
    Cause.OTHER: ("Failed a metric", "its reason is with the case"),
}
_STOPPED = (Outcome.BLOCKED, Outcome.OUT_OF_SCOPE, Outcome.TOO_LONG)
_BY_METRIC = {
    "must_not": Cause.SAID,
    "must": Cause.LEFT_OUT,
    "cites": Cause.SOURCE,
    "language": Cause.LANGUAGE,
    "patterns": Cause.PATTERN,
}
_NOT_FOUND = (Cause.LEFT_OUT, Cause.SOURCE, Cause.ABSTAINED)  # what a poor retrieval explains


def cause_of(row: Row) -> Cause | None:
    """None for a row that passed."""
    if row.passed is None:
        return Cause.UNMEASURED
    if row.passed:
        return None
    failed = {one.name for one in row.scores if one.passed is False}
    found = _of_outcome(row) if "outcome" in failed else None
    found = found or next((cause for name, cause in _BY_METRIC.items() if name in failed), Cause.OTHER)
    return Cause.RETRIEVER if found in _NOT_FOUND and _lacked_context(row) else found


def reasons(row: Row) -> list[str]:
    """What each metric that failed or broke says, in its own words."""
    if row.error:
        return [row.error]
    return [
        f"{one.name}: {one.reason or 'below its bar'}"
        for one in row.scores
        if one.passed is False or (one.status is Status.ERROR and not one.name.startswith(JUDGE))
    ] or (["nothing is expected: there is no bar to clear"] if row.passed is None else [])


def _of_outcome(row: Row) -> Cause | None:
    wanted, got = Outcome(_expected(row)), Outcome(row.outcome)
    if got is Outcome.FAILED:
        return Cause.FAILED
    if wanted.answers and not got.answers:
        return Cause.GUARD if got in _STOPPED else Cause.ABSTAINED
    if got.answers and not wanted.answers:
        return Cause.ANSWERED
    if not wanted.answers:
        return Cause.DECLINED
    return Cause.CONFLICT if Outcome.CONFLICT in (wanted, got) else Cause.PARTIAL


def _expected(row: Row) -> str:
    return str(row.answer["case"]["expect"]["outcome"])


def _lacked_context(row: Row) -> bool:
    """Whether retrieval did not bring what the answer needs; never said of a target that does not show it."""
    if not row.answer.get("passages") and not any(one.name.startswith("recall@") for one in row.scores):
        return False
    detail: Mapping[str, Any] = next((one.detail for one in row.scores if one.name == "claim_f1"), {})
    stratum: Sequence[str] = detail.get("stratum") or ()
    return detail.get("fault") in ("retriever", "both") or list(stratum)[:1] == ["insufficient"]
