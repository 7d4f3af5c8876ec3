"""The tables of tasks and of follow-ups in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_WAYS = {"words": "words alone", "vectors": "with vectors"}


def _followups(result: Mapping[str, Any]) -> str:
    rows = [
        [
            name,
            _WAYS[way],
            f"{one['right']['k']} of {one['right']['n']} ({_range(one['right'])})",
            f"{one['macro_f1']:.2f}",
        ]
        for name, ways in result["sets"].items()
        for way, one in ways.items()
    ]
    held = result["sets"]["heldout"]
    classes = [
        [one["class"], _WAYS[way], _share(one["precision"]), _share(one["recall"])]
        for way in held
        for one in held[way]["classes"]
    ]
    languages = [
        [name, _WAYS[way], _share(one["precision"]), _share(one["recall"])]
        for way in held
        for name, one in held[way]["rephrase_by_language"].items()
    ]
    worlds = [
        [
            f"{one['rate']:.0%}",
            f"{one['turns']}",
            f"{one['raw_mean']:.1%}",
            f"{one['corrected_mean']:.1%}",
            f"{one['held']} of {one['worlds']}",
        ]
        for one in result["coverage"]
    ]
    told = ("said to be one, and were", "were one, and found")
    us = result["cpu_us"]
    return "\n".join(
        [
            drawn(("pairs", "way", "class right (95 %)", "macro F1"), rows),
            drawn(("class, held-out", "way", *told), classes),
            drawn(("rephrase, held-out, by language", "way", *told), languages),
            drawn(("true rate of repetitions", "turns", "raw", "corrected", "interval holds the truth"), worlds),
            f"CPU of one call: {us['words']:.0f} µs by words, {us['vectors']:.0f} µs with vectors.",
            "",
        ]
    )


def _share(one: Mapping[str, Any]) -> str:
    return f"{one['k']} of {one['n']}" + (f" ({_range(one)})" if one["n"] >= 30 else "")


def _range(one: Mapping[str, Any]) -> str:
    return f"{one['low'] * 100:.0f}-{one['high'] * 100:.0f} %"


def _sessions(result: Mapping[str, Any]) -> str:
    rows = [
        ["events", f"{result['events']:,}"],
        ["turns", f"{result['turns']:,}"],
        ["tasks", f"{result['tasks']:,}"],
        ["events a CPU second", f"{result['events_per_s']:,}"],
        ["CPU s: turns out of events", f"{result['fold_s']:.2f}"],
        ["CPU s: tasks out of turns, repeat contacts too", f"{result['sessions_s']:.2f}"],
        ["one run of the job: events read", f"{result['job']['events']:,}"],
        ["one run of the job: CPU s, without the database", f"{result['job']['cpu_s']:.2f}"],
        ["peak MB, all events held", f"{result['peak_mb']:,}"],
        ["load of the machine's two cores", f"{result['machine']['load']}"],
    ]
    return drawn(("fact", "figure"), rows)


TASK_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"followups": _followups, "sessions": _sessions}
