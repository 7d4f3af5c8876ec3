"""The tables of rollouts: wrong rollbacks and right ones, and ways to bet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_HEADS = (
    "world",
    "share",
    "runs",
    "persons",
    "rolled back",
    "95 % interval",
    "answers until then: quartiles",
    "kept",
    "answers as units",
    "fixed test, every look",
    "fixed test, once",
)
_REAL = (
    "Arms from `Rollout.arm`, the guards' own code, {:,} answers, 10 % of persons and from half way on 50 %, "
    "persons alike.\n"
)


def _rollouts(result: Mapping[str, Any]) -> str:
    real = result["real"]
    return "\n".join(
        [
            "As a rollout is watched: two guards, one point of margin.\n",
            drawn(_HEADS, [_world(one) for one in [*result["worlds"], *result["more"]]]),
            "The sharpest case: one guard, no margin, no difference.\n",
            drawn(_HEADS, [_world(one) for one in result["bare"]]),
            _REAL.format(real[0]["answers"]),
            drawn(("world", "rolled back", "95 % interval"), [_really(one) for one in real]),
            "Ways to bet, one answer a person, a share of 10 %, no margin, 5 %, up to 6,000 units.\n",
            drawn(("world", "bet", "reached", "median units"), [_bet(one) for one in result["bets"]]),
        ]
    )


def _world(one: Mapping[str, Any]) -> list[str]:
    quartiles = " / ".join("–" if each is None else f"{each:,.0f}" for each in one["until"])
    fixed = (
        _percent(one[key]) for key in ("answers_as_units", "fixed_test_at_every_look", "fixed_test_at_the_end")
    )
    return [
        one["world"]["name"],
        f"{100 * one['world']['share']:.0f} %",
        f"{one['runs']:,}",
        f"{one['units']:,}",
        _percent(one["rolled_back"]),
        _interval(one["rolled_back"]),
        quartiles if any(one["until"]) else "–",
        _percent(one["kept"]),
        *fixed,
    ]


def _really(one: Mapping[str, Any]) -> list[str]:
    found = one["rolled_back"]
    return [one["world"]["name"], f"{found['k']} of {found['n']}", _interval(found)]


def _bet(one: Mapping[str, Any]) -> list[str]:
    median = "–" if one["median"] is None else f"{one['median']:,.0f}"
    return [one["case"], one["way"], f"{one['reached']} of {one['runs']}", median]


def _percent(found: Mapping[str, Any]) -> str:
    return f"{100 * found['k'] / found['n']:.1f} %"


def _interval(found: Mapping[str, Any]) -> str:
    return f"{100 * found['low']:.1f} to {100 * found['high']:.1f} %"


ROLLOUT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"rollouts": _rollouts}
