"""The table of the log of events in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _events(result: Mapping[str, Any]) -> str:
    told, bulk, size = result["told"], result["bulk"], result["size"]
    before, after = told["before_the_answer_us"], told["after_the_answer_us"]
    rows = [
        ["events of an answer with three calls of models", f"{told['events_an_answer']:g}"],
        ["CPU µs in the way of an answer, median and p95", f"{before['median']:g}, {before['p95']:g}"],
        ["CPU µs after it is out, median and p95", f"{after['median']:g}, {after['p95']:g}"],
        [
            "CPU µs of writing an answer's events: process, Postgres",
            f"{told['writing_us']:g}, {told['server_us']:g}",
        ],
        ["in bulk, CPU µs an event: process, Postgres", _pair(bulk, "own_cpu_us_a_row", "server_cpu_us_a_row")],
        ["in bulk, events a second of wall time", f"{bulk['rows_a_wall_second']:,}"],
        ["events that were told again and were new", f"{bulk['told_again_and_new']}"],
        ["bytes of an event: row, indexes", _pair(size["bytes_an_event"], "row", "indexes")],
        ["GB a million answers", f"{size['gb_a_million_answers']:g}"],
        *[
            [f"killed {len(lost)} times, database {mode}: events lost, of {n} written", lost_of(lost)]
            for mode, lost, n in _killed(result["killed"])
        ],
        ["load of the machine's two cores", f"{result['machine']['load']}"],
    ]
    return drawn(("fact", "figure"), rows)


def _pair(values: Mapping[str, Any], one: str, other: str) -> str:
    return f"{values[one]:g}, {values[other]:g}"


def lost_of(lost: list[Mapping[str, Any]]) -> str:
    """Events and the milliseconds that they stand for, by kill."""
    return "; ".join(f"{one['lost']} ({one['lost_ms']} ms)" for one in lost)


def _killed(kills: list[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]], int]]:
    found = []
    for mode in ("there", "away"):
        own = [one for one in kills if one["database"] == mode]
        found.append((mode, own, sum(one["written"] for one in own)))
    return found


EVENT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"events": _events}
