"""A language that a third of the people ask in is looked at by itself: it hardly moves the whole."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from answerable.app.drift.daily import _family, _groups, _shift
from answerable.app.drift.reading import by_signal
from answerable.core.slices import BLOCK, Cell
from answerable.evals.stats.changes import PER_DAY, Sensing, changes
from answerable.monitor.drift.signals import FAMILIES, PARTED, SIGNALS, signal_of

START = datetime(2026, 9, 7, tzinfo=UTC)
DAYS, CHANGED = 30, 15
SHARES = {"en": 25, "de": 11}  # tasks of a block: 4,300 a month


def month(*, falls: float) -> list[Cell]:
    """German tasks are completed less often from day 15 on, by `falls`."""
    rng, found = random.Random(5), []
    for n in range(DAYS * PER_DAY):
        done = dict.fromkeys(SHARES, 0)
        for language, size in SHARES.items():
            p = 0.72 - (falls if language == "de" and n >= CHANGED * PER_DAY else 0.0)
            done[language] = sum(rng.random() < p for _ in range(size))
        for value, size in (*SHARES.items(), ("", sum(SHARES.values()))):
            k = done[value] if value else sum(done.values())
            for signal, total in (("completion", k), ("asked", size)):
                found.append(
                    Cell(block=START + n * BLOCK, dimension="language" if value else "", value=value,
                         signal=signal, n=size, persons=size, total=float(total), nn=float(size), nx=float(total),
                         xx=float(total))
                )  # fmt: skip
    return found


def shifts(cells: list[Cell]) -> dict[str, int]:
    """By signal, the block after which it was known."""
    blocks = by_signal(cells, START, START + timedelta(days=DAYS))
    limit = Sensing(blocks_to_false_alarm=30 * PER_DAY * FAMILIES * len(SHARES))
    return {name: found[0].found for name, several in blocks.items() if (found := changes(several, limit))}


def test_answers_that_are_spoiled_in_one_language_are_noticed_there_within_a_week():
    found = shifts(month(falls=0.2))
    assert CHANGED * PER_DAY <= found["completion@de"] < (CHANGED + 7) * PER_DAY
    assert "completion@en" not in found
    assert shifts(month(falls=0.0)) == {}


def test_one_language_for_nearly_all_or_hardly_anybody_is_not_looked_at_twice():
    english = [one for one in month(falls=0.0) if one.value == "en"]
    cells = [*english, *(replace(one, dimension="", value="") for one in english)]
    assert not [name for name in by_signal(cells, START, START + timedelta(days=DAYS)) if "@" in name]


def test_a_part_shares_its_signals_budget_and_stands_back_where_the_whole_changed():
    assert {_family(one) for one in ("completion@de", "completion@en")} == {"completion@"}
    assert {_family(one) for one in ("topic:t-1", "topic:t-2")} == {"topic"}
    assert (_family("completion"), signal_of("completion@de").noun) == (
        "completion",
        "completed tasks in language 'de'",
    )
    assert set(PARTED) <= set(SIGNALS)
    (one,) = changes(by_signal(month(falls=0.2), START, START + timedelta(days=DAYS))["completion@de"],
                     Sensing(blocks_to_false_alarm=9000))  # fmt: skip
    part, whole, mix = (_shift(name, one, START) for name in ("completion@de", "completion", "topic:t-1"))
    assert {each.signal.name for each in _groups([part, mix])[0]} == {"topic:t-1", "completion@de"}
    assert [each.signal.name for each in _groups([part, whole])[0]] == ["completion"]
