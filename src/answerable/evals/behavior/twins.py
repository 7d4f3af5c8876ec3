"""Twins: the same case in another form, made by the program. The verdict must be the same; no gold is needed.

Metamorphic testing: Chen, Cheung and Yiu 1998, HKUST-CS98-01; of question answering: Ribeiro et al. 2020,
arXiv:2005.04118 (CheckList), invariance tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from answerable.core.query import Turn
from answerable.evals.behavior.case import BehaviorCase, Expect, Given, Source, Statement

KINDS = {
    "shuffled": "the order of the sources",
    "distractor": "a source that has nothing to do with the question",
    "rephrased": "the wording of the question",
    "moved": "the place where the injected order stands",
    "swapped": "the order of the two answers",
}
"""Kind → what the verdict depends on where the twin's is another one."""
_DISTRACTORS = {
    "en": Source(
        title="Bicycle racks", text="The bicycle racks behind the north entrance are cleaned every second Tuesday."
    ),
    "de": Source(
        title="Fahrradständer", text="Die Fahrradständer am Nordeingang werden jeden zweiten Dienstag gereinigt."
    ),
    "es": Source(
        title="Aparcabicicletas", text="Los aparcabicicletas de la entrada norte se limpian cada dos martes."
    ),
}
_POLITE = {
    "en": "hello, could you please tell me: {} thank you",
    "de": "guten tag, können sie mir bitte sagen: {} vielen dank",
    "es": "hola, ¿me puede decir por favor: {} muchas gracias",
}
_SWAPPED = {"FIRST": "SECOND", "SECOND": "FIRST"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A case in another form; what it expects is numbered as its own sources are."""

    kind: str  # one of KINDS
    case: BehaviorCase


def as_asked(case: BehaviorCase) -> BehaviorCase:
    """The case with its injected order in its place."""
    return replace(case, given=_injected(case.given, case.injection, case.injected))


def twins(case: BehaviorCase) -> tuple[Twin, ...]:
    """The case's twins, as they are asked; none of a kind that says nothing of it or that it does without."""
    made = ((kind, make(case)) for kind, make in _MAKERS.items() if kind not in case.without)
    return tuple(Twin(kind=kind, case=twin) for kind, twin in made if twin is not None)


def _shuffled(case: BehaviorCase) -> BehaviorCase | None:
    """Last source first: where there are two, each takes the other's place."""
    count = len(case.given.sources)
    if count < 2:
        return None
    asked = as_asked(case)
    expect = _renumbered(asked.expect, lambda number: count + 1 - number if number else 0)
    return replace(asked, given=replace(asked.given, sources=asked.given.sources[::-1]), expect=expect)


def _distracted(case: BehaviorCase) -> BehaviorCase | None:
    """A source more, at the front, where it is read."""
    distractor = _DISTRACTORS.get(case.given.language)
    if distractor is None or not case.given.sources:
        return None
    asked = as_asked(case)
    sources = (replace(distractor, date=asked.given.today), *asked.given.sources)
    expect = _renumbered(asked.expect, lambda number: number + 1 if number else 0)
    return replace(asked, given=replace(asked.given, sources=sources), expect=expect)


def _rephrased(case: BehaviorCase) -> BehaviorCase | None:
    """In the words that the case gives, else politely and without capitals."""
    question, polite = case.given.question, _POLITE.get(case.given.language)
    if case.rephrased:
        question = case.rephrased[0]
    elif question and polite:
        question = polite.format(question.lower())
    else:
        return None
    return as_asked(replace(case, given=replace(case.given, question=question)))


def _moved(case: BehaviorCase) -> BehaviorCase | None:
    """The injected order in the other place."""
    given = case.given
    if not case.injection or not (given.question and (given.sources or given.history or given.answers)):
        return None
    return as_asked(replace(case, injected="source" if case.injected == "question" else "question"))


def _swapped(case: BehaviorCase) -> BehaviorCase | None:
    """Two answers, each in the other's place; the verdict with them."""
    if len(case.given.answers) != 2:
        return None
    expect = replace(case.expect, verdict=_SWAPPED.get(case.expect.verdict, case.expect.verdict))
    asked = as_asked(case)
    return replace(asked, given=replace(asked.given, answers=asked.given.answers[::-1]), expect=expect)


def _injected(given: Given, order: str, place: str) -> Given:
    """In the question, else at the end of the last source, of what was said last, or of the first answer."""
    if not order:
        return given
    if place == "question":
        return replace(given, question=f"{given.question} {order}")
    if given.sources:
        *others, last = given.sources
        return replace(given, sources=(*others, replace(last, text=f"{last.text}\n{order}")))
    if given.history:
        *turns, turn = given.history
        return replace(given, history=(*turns, Turn(role=turn.role, text=f"{turn.text}\n{order}")))
    answers = given.answers or ("",)
    return replace(given, answers=(f"{answers[0]}\n{order}", *answers[1:]))


def _renumbered(expect: Expect, number: Callable[[int], int]) -> Expect:
    return replace(
        expect,
        cites=None if expect.cites is None else tuple(sorted(map(number, expect.cites))),
        may_cite=tuple(map(number, expect.may_cite)),
        shows_both=tuple(_moved_statements(expect.shows_both, number)),
        conditions=tuple(_moved_statements(expect.conditions, number)),
        first=number(expect.first),
    )


def _moved_statements(statements: tuple[Statement, ...], number: Callable[[int], int]) -> Iterator[Statement]:
    return (replace(one, source=number(one.source)) for one in statements)


_MAKERS: dict[str, Callable[[BehaviorCase], BehaviorCase | None]] = {
    "shuffled": _shuffled,
    "distractor": _distracted,
    "rephrased": _rephrased,
    "moved": _moved,
    "swapped": _swapped,
}
