"""The tables of the product's metrics in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_METHODS = ("as shown", "people alone", "PPI++", "PPI++, normal", "model alone")
_LIMIT_MS = 500


def _coverage(result: Mapping[str, Any]) -> str:
    completion = [
        [f"{one['truth']:.0%}", one["design"], f"{one['n']}"]
        + [f"{one[name]['covered']:.1%}, {one[name]['width_points']}" for name in _METHODS]
        for one in result["completion"]
    ]
    harm = [
        [f"{one['truth']:.2%}", f"{one['read_a_stratum']}", f"{one['covered']:.1%}", f"{one['width_points']}",
         f"{one['none_found']}", "" if one["covered_then"] is None else f"{one['covered_then']:.1%}"]
        for one in result["harm"]
    ]  # fmt: skip
    costs = [[f"{one['days']}", f"{one['covered']:.1%}", f"{one['width']}"] for one in result["costs"]]
    return "\n".join(
        [
            drawn(("truth", "drawn", "labels", *(f"{name}: covered, width" for name in _METHODS)), completion),
            drawn(
                ("harm", "read of each stratum", "covered", "width", "worlds with none found", "covered then"),
                harm,
            ),
            drawn(("days of costs", "covered", "width, of the mean"), costs),
        ]
    )


def _queries(result: Mapping[str, Any]) -> str:
    queries = [
        [one["query"], *(f"{one[name]:.0f}" for name in ("p50_ms", "p95_ms", "cpu_ms", "server_cpu_ms"))]
        for one in result["queries"]
    ]
    sizes = [
        [one["table"], f"{one['rows']:,}", f"{one['mb']:,}", f"{one['mb_a_million_answers']:,}"]
        for one in result["sizes"]
    ]
    done, more = result["roll_up"], result.get("more")  # a run that was ended early has no more
    within = sum(one["p95_ms"] <= _LIMIT_MS for one in result["queries"])
    told = [
        ["events", f"{result['filled']['events']:,}"],
        ["closed tasks", f"{result['filled']['tasks']:,}"],
        ["all days counted, server CPU s", f"{done['server_cpu_s']}"],
        ["one day counted anew, server CPU s", f"{more['server_cpu_s']}" if more else "not measured"],
        *([f"{name}, out of the raw rows, ms", f"{ms:,.0f}"] for name, ms in result["raw"].items()),
        ["queries with p95 of at most 500 ms", f"{within} of {len(result['queries'])}"],
        ["load of the machine's two cores", f"{result['machine']['load']}"],
    ]
    return "\n".join(
        [
            drawn(("query", "p50 ms", "p95 ms", "own CPU ms", "server CPU ms"), queries),
            drawn(("table", "rows", "MB", "MB a million answers"), sizes),
            drawn(("fact", "figure"), told),
        ]
    )


PRODUCT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "ppi_coverage": _coverage,
    "metric_queries": _queries,
}
