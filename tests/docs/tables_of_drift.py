"""The tables of drift: false alarms, delays, whom made-up months are blamed on, canaries and topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _false_alarms(result: Mapping[str, Any]) -> str:
    clean = [
        [
            f"{one['per_day']:,}",
            f"{one['months']}",
            f"{one['alarms']}",
            f"{one['alarms_in_30_days']:.3f}",
            f"{100 * one['low']:.1f} to {100 * one['high']:.1f} %",
        ]
        for one in result["clean"]
        if one
    ]
    delays = [
        [
            f"{one['per_day']:,}",
            f"{one['points']}",
            f"{one['found']} of {one['runs']}",
            _days(one["median_days"]),
            _days(one["p90_days"]),
            f"{one['start_in_interval']} of {one['found']}",
        ]
        for one in result["delays"]
    ]
    heads = ("answers a day", "clean months", "false alarms", "in 30 days", "months with one, 95 %")
    after = ("answers a day", "points", "found", "days: median", "p90", "true start in the interval")
    return drawn(heads, clean) + "\n" + drawn(after, delays)


def _days(days: float | None) -> str:
    return "–" if days is None else f"{days:.2f}"


def _triage(result: Mapping[str, Any]) -> str:
    rows = [
        [
            one["name"],
            one["cause"] or "nobody",
            f"{one['blamed']}, {one['sure']}" if one["blamed"] else "nobody",
            "–" if one["hours_to_tell"] is None else f"{one['hours_to_tell']}",
            f"{one['before_the_change']}",
            next((said["sentence"] for said in one["said"] if said["day"] > 14), "–"),
        ]
        for one in result["rows"]
    ]
    return drawn(("world", "truth", "blamed", "hours until told", "false before", "first sentence"), rows)


def _canaries(result: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{one['canaries']}",
            "none" if not one["touched"] else f"{100 * one['touched']:.0f} % of replies by {one['by']}",
            f"{one['told']} of {one['months']}",
            f"{100 * one['low']:.1f} to {100 * one['high']:.1f} %",
            f"{one['within_3_runs']}" if one["touched"] else "–",
            "–" if one["median_runs"] is None else f"{one['median_runs']:.0f}",
        ]
        for one in result["rows"]
    ]
    return drawn(("canaries", "swap", "told", "95 %", "within 3 runs", "median runs"), rows)


def _topics(result: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{one['set']} ({one['note']})",
            f"{one['questions']:,}",
            f"{one['labels']}",
            f"{one['topics']}",
            f"{one['ari']:.3f}",
            f"{one['nmi']:.3f}",
            f"{one['cpu_s']:.1f}",
            f"{one['lookup_us']:.0f}",
            f"{one['ids_kept']} of {one['of_topics']}",
        ]
        for one in result["rows"]
    ]
    heads = (
        "set",
        "questions",
        "labels",
        "topics",
        "ARI",
        "NMI",
        "CPU s",
        "µs a lookup",
        "ids kept in other questions",
    )
    return drawn(heads, rows)


DRIFT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "drift_false_alarms": _false_alarms,
    "drift_triage": _triage,
    "drift_canaries": _canaries,
    "topics": _topics,
}
