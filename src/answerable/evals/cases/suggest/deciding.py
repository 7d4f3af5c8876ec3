"""What a person says of a candidate: yes, and it becomes a case; no, and it is not proposed again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.evals.cases.identity import make_id
from answerable.evals.cases.schema import check_case
from answerable.evals.cases.suggest.candidate import Candidate, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the person adds or mends; None leaves the candidate's own."""

    question: str | None = None
    outcome: Outcome | None = None
    must: tuple[str, ...] | None = None


def find(candidates: Sequence[Candidate], reference: str) -> Candidate:
    """By id or a unique beginning of it. Raises ConfigError."""
    found = [one for one in candidates if one.id.startswith(reference)] if reference else []
    if len(found) != 1:
        what = "several candidates begin" if found else "there is no candidate that begins"
        raise ConfigError(f"{what} with {reference!r}", hint="`answerable case suggest --list` names them")
    if found[0].state is not State.PROPOSED:
        raise ConfigError(f"{reference} was {found[0].state} already, by {found[0].by} on {found[0].on}")
    return found[0]


def accepted(candidate: Candidate, said: Said, *, by: str, on: date, taken: Collection[str]) -> EvalCase:
    """The case that it becomes. Raises ConfigError where the person has left out what only a person can say."""
    missing = [one for one in candidate.needs if getattr(said, one) is None]
    if missing:
        options = " ".join(f"--{one} …" for one in missing)
        raise ConfigError(f"{candidate.id[:11]} needs a person's word on {' and '.join(missing)}", hint=options)
    case = candidate.case
    expect = replace(
        case.expect,
        outcome=case.expect.outcome if said.outcome is None else said.outcome,
        must=case.expect.must if said.must is None else tuple(one for one in said.must if one),
    )
    question = case.question if said.question is None else said.question
    tags = case.tags if case.tags[:1] != ("log",) else ("regression", *case.tags[1:])
    made = replace(
        case,
        id=make_id(tags[0], question, taken=taken),
        question=question,
        tags=tags,
        expect=expect,
        origin={**candidate.provenance, "candidate": candidate.id, "author": by, "date": on},
    )
    try:
        return check_case(made)
    except ValueError as error:
        raise ConfigError(f"{candidate.id[:11]}: {error}") from error


def decided(candidate: Candidate, state: State, *, by: str, on: date, reason: str = "") -> Candidate:
    """The candidate with the decision. Raises ConfigError for a rejection without a reason."""
    if state is State.REJECTED and not reason.strip():
        raise ConfigError("a candidate is not rejected without a reason", hint="--reason 'Nobody would ask so.'")
    return replace(candidate, state=state, by=by, on=on, reason=reason.strip())
