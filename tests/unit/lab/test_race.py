"""Losers leave early, and neither that nor chance alone makes a verdict."""

from __future__ import annotations

import asyncio
import random

from answerable.evals.stats.verdict import Change
from answerable.lab.race import race, shuffled
from answerable.lab.verdicts import conclude
from tests.unit.lab.making import asking, reading

QUESTIONS = [asking((0, 1), name=f"q{n}", cluster=f"c{n // 2}") for n in range(120)]


def run(settings, *, seed=0, early=True):
    """`settings`: name → recall of a question, by its number."""
    asked = dict.fromkeys(settings, 0)

    async def ask(name, question):
        asked[name] += 1
        return reading(settings[name](int(question.id[1:])))

    ran = asyncio.run(race(list(settings), QUESTIONS, ask, base="base", early=early, seed=seed))
    return asked, conclude(ran, QUESTIONS, base="base")


def test_a_clear_loser_leaves_early_and_is_worse_and_a_winner_is_advised():
    noise = random.Random(1)
    values = [noise.random() * 0.4 + 0.3 for _ in QUESTIONS]
    asked, outcome = run(
        {
            "base": lambda n: values[n],
            "poor": lambda n: values[n] * 0.2,
            "good": lambda n: min(1.0, values[n] + 0.2),
            "alike": lambda n: values[n] + (0.001 if n % 4 < 2 else -0.001),
        }
    )
    assert asked["poor"] < 120
    assert asked["good"] == asked["base"] == 120
    assert [outcome.of(name).change for name in ("poor", "good")] == [Change.WORSE, Change.BETTER]
    assert outcome.of("alike").change in (Change.SAME, Change.CANT_TELL)
    assert outcome.of("poor").left_early
    assert outcome.advice == "good"
    assert outcome.standings[-1].name == "poor"


def test_nobody_leaves_who_is_told_to_stay():
    asked, _ = run({"base": lambda _: 0.9, "poor": lambda n: 0.1 + n / 1000}, early=False)
    assert asked == {"base": 120, "poor": 120}


def test_no_advice_where_nothing_is_better():
    _, outcome = run({"base": lambda _: 0.5, "same": lambda _: 0.5})
    assert (outcome.advice, outcome.of("base").change) == (None, None)


def test_of_settings_that_differ_by_chance_alone_hardly_any_gets_a_verdict():
    """Three settings whose clusters differ at random: any word of better or worse in at most 5 % of the runs."""
    false, runs = 0, 25
    for seed in range(runs):
        noise = random.Random(seed)
        table = {name: [round(noise.betavariate(0.5, 0.5), 1) for _ in range(60)] for name in ("base", *"abc")}
        _, outcome = run({name: lambda n, row=row: row[n // 2] for name, row in table.items()}, seed=seed)
        false += any(one.change in (Change.BETTER, Change.WORSE) for one in outcome.standings)
    assert false <= 4, "5 % of 25; 5 or more would come less than once in a hundred such tests"


def test_the_order_keeps_clusters_together_and_changes_with_the_seed():
    one, other = shuffled(QUESTIONS, 1), shuffled(QUESTIONS, 2)
    assert sorted(x.id for x in one) == sorted(x.id for x in QUESTIONS)
    assert [x.id for x in one] != [x.id for x in other]
    assert all(a.cluster == b.cluster for a, b in zip(one[::2], one[1::2], strict=True))
