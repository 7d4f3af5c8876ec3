"""Settings run over the same questions, and clear losers leave early without spoiling the final word.

Of the 5 % of chance that any false verdict may have, 1 % is spent on leaving early: at each look, a setting leaves
only if it is worse than the base with a p, corrected by Bonferroni over all looks and all settings, below that
1 %. The other 4 % are for the comparison at the end (Holm), where those who left keep their "worse". By the union
bound the chance of any false word stays within 5 %, whatever the order and however the settings depend on each
other. docs/decisions/0113-leaving-early.md has the simulation.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from answerable.evals.stats.paired import Difference, paired_difference
from answerable.lab.question import Question
from answerable.lab.reading import Reading

LEAVING = 0.01  # of all chance, for leaving early
FINAL = 0.04  # … for the comparison at the end
LOOKS = (0.25, 0.5)  # shares of the questions after which losers leave
_LEAST = 20  # questions before the first look

Ask = Callable[[str, Question], Awaitable[Reading]]  # the setting's name and a question
Tell = Callable[[int, int, Sequence[str]], None]  # done, of how many questions; who is left


@dataclass(slots=True, kw_only=True)
class Ran:
    """What one setting gave, by question id; fewer where it left early."""

    readings: dict[str, Reading] = field(default_factory=dict)
    left: Difference | None = None  # why it left: its difference to the base then


def ignore(done: int, total: int, names: Sequence[str]) -> None:
    """For those who do not watch."""


async def race(
    names: Sequence[str],
    questions: Sequence[Question],
    ask: Ask,
    *,
    base: str,
    early: bool = True,
    seed: int = 0,
    tell: Tell = ignore,
) -> Mapping[str, Ran]:
    """Every setting over every question, in an order drawn by cluster; losers to `base` leave at the looks."""
    order = shuffled(questions, seed)
    looks = {max(_LEAST, round(share * len(order))) for share in LOOKS} if early else set[int]()
    ran = {name: Ran() for name in names}
    for done, question in enumerate(order, start=1):
        running = [name for name in names if ran[name].left is None]
        for name in running:
            ran[name].readings[question.id] = await ask(name, question)
        tell(done, len(order), running)
        if done in looks and done < len(order):
            _let_go(ran, order[:done], base, tests=len(looks) * max(1, len(names) - 1))
    return ran


def shuffled(questions: Sequence[Question], seed: int) -> list[Question]:
    """Whole clusters in a random order, so that a look sees whole clusters and any part is a fair sample."""
    clusters: dict[str, list[Question]] = {}
    for one in questions:
        clusters.setdefault(one.cluster, []).append(one)
    names = sorted(clusters)
    random.Random(seed).shuffle(names)
    return [one for name in names for one in clusters[name]]


def difference(
    one: Mapping[str, Reading], other: Mapping[str, Reading], asked: Sequence[Question], *, confidence: float
) -> Difference:
    """Recall of `one` minus that of `other`, over the questions that both were asked."""
    both = [question for question in asked if question.id in one and question.id in other]
    return paired_difference(
        [one[question.id].recall - other[question.id].recall for question in both],
        [question.cluster for question in both],
        confidence=confidence,
    )


def _let_go(ran: Mapping[str, Ran], asked: Sequence[Question], base: str, *, tests: int) -> None:
    for name, one in ran.items():
        if name == base or one.left is not None:
            continue
        found = difference(one.readings, ran[base].readings, asked, confidence=1 - LEAVING / tests)
        if found.mean < 0 and found.p <= LEAVING / tests:
            one.left = found
