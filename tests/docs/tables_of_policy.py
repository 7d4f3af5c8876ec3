"""The tables of what guards decide in docs/reference/figures.md: leaks, scope, safety, the verbatim cap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _leaks(result: Mapping[str, Any]) -> str:
    rows = [
        [f"{what}, {run}", _of(one["undone"]), f"{100 * one['undone']['most95']:.2f} %", _of(one["open"])]
        for run, sets in result["runs"].items()
        for what, one in sets.items()
    ]
    heads = ("shown", "spellings that are undone, and cuts of the stream", "95 % bound", "spellings that are not")
    kinds = result["runs"]["guards alone"]["canary"]["spellings"]
    spellings = [
        [kind, *(_of(sets["spellings"][kind]) if kind in sets["spellings"] else "–" for sets in _alone(result))]
        for kind in kinds
    ]
    return "\n".join([drawn(heads, rows), drawn(("guards alone, shown", "canary", "prompt"), spellings)])


def _alone(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [result["runs"]["guards alone"][what] for what in ("canary", "prompt")]


def _scope(result: Mapping[str, Any]) -> str:
    tables = []
    for part in ("scope", "safety"):
        for side, good in (("false positives", "fewer is better"), ("found", "more is better")):
            rows = [[name, _rate(one)] for name, one in result[part][side].items()]
            tables.append(drawn((f"{part}: {side}", good), rows))
    verbatim = result["verbatim"]
    rows = [[name, value] for name, value in verbatim.items() if name != "stopped"]
    rows += [[f"answers that a cap of {most} would touch", value] for most, value in verbatim["stopped"].items()]
    return "\n".join([*tables, drawn(("verbatim, honest answers of the sample", "figure"), rows)])


def _of(one: Mapping[str, Any]) -> str:
    return f"{one['shown']:,} of {one['n']:,}"


def _rate(one: Mapping[str, Any]) -> str:
    low, high = (100 * bound for bound in one["interval95"])
    return f"{one['hits']:,} of {one['n']:,}, {100 * one['share']:.1f} % [{low:.1f}, {high:.1f}]"


POLICY_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"leaks": _leaks, "scope": _scope}
