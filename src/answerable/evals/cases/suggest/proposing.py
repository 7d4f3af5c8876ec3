"""From all that could be proposed to what is: nothing twice, nothing that is there, a fair share of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.consistency import NEAR, likeness
from answerable.evals.cases.suggest import facts, logs
from answerable.evals.cases.suggest.candidate import Candidate, Kind, State
from answerable.evals.cases.suggest.facts import Page
from answerable.evals.cases.suggest.logs import Asked
from answerable.evals.cases.suggest.twins import twins
from answerable.text.words import fold, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be proposed. `untranslated`: also language twins whose question a person has to translate."""

    kinds: Sequence[Kind]
    languages: Sequence[str]
    limit: int = 100
    seed: int = 0  # another one makes other slips
    untranslated: bool = False


def propose(
    cases: Sequence[EvalCase],
    known: Sequence[Candidate],
    wanted: Wanted,
    *,
    pages: Sequence[Page] = (),
    log: Sequence[Asked] = (),
) -> list[Candidate]:
    """At most `limit` new candidates, one of each kind in turn. What was ever proposed is not proposed again."""
    streams: list[Iterable[Candidate]] = []
    for kind in wanted.kinds:
        if kind is Kind.DOCUMENT:
            streams.append(_in_turn([list(facts.candidates_of(page)) for page in pages]))
        elif kind is Kind.LOG:
            streams.append(logs.candidates_of(log))
        else:
            streams.append(_twins(cases, kind, wanted))
    whole = (one for one in _in_turn(streams) if wanted.untranslated or "question" not in one.needs)
    return list(islice(_new(whole, cases, known), wanted.limit))


def accept_rate(known: Sequence[Candidate]) -> tuple[int, int]:
    """(accepted, decided): how much of what the rules propose people want."""
    decided = [one for one in known if one.state is not State.PROPOSED]
    return sum(one.state is State.ACCEPTED for one in decided), len(decided)


def _twins(cases: Sequence[EvalCase], kind: Kind, wanted: Wanted) -> Iterator[Candidate]:
    """Those of the cases that matter most first."""
    vocabulary = frozenset(term for case in cases for term in terms(case.question))
    for case in sorted(cases, key=lambda one: "must-pass" not in one.tags):
        yield from twins(case, kind, languages=wanted.languages, vocabulary=vocabulary, seed=wanted.seed)


def _new(
    candidates: Iterable[Candidate], cases: Sequence[EvalCase], known: Sequence[Candidate]
) -> Iterator[Candidate]:
    ids = {one.id for one in known}
    asked = {_key(one) for one in cases} | {_key(one.case) for one in known if "question" not in one.needs}
    quotes = {span.quote for case in cases for span in case.expect.spans}
    for one in candidates:
        if one.id in ids or ("question" not in one.needs and _key(one.case) in asked):
            continue
        if one.kind in (Kind.DOCUMENT, Kind.LOG) and _covered(one, cases, quotes):
            continue
        ids.add(one.id)
        asked.add(_key(one.case))
        yield one


def _key(case: EvalCase) -> tuple[str, str]:
    return case.language, " ".join(fold(case.question).split())


def _covered(one: Candidate, cases: Sequence[EvalCase], quotes: set[str]) -> bool:
    if any(span.quote in quotes for span in one.case.expect.spans):
        return True
    mine = one.case
    return any(
        case.language == mine.language and likeness(case.question, mine.question, mine.language) >= NEAR
        for case in cases
    )


def _in_turn(streams: Sequence[Iterable[Candidate]]) -> Iterator[Candidate]:
    """One of each, then the next of each."""
    for several in zip_longest(*streams):
        yield from (one for one in several if one is not None)
