"""The tables of reliability: the gateway's cost, a provider that dies, the soak, streams; goals beside figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _gateway(result: Mapping[str, Any]) -> str:
    conditions = list(dict.fromkeys(row["condition"] for row in result["rows"]))
    found = {(row["contender"], row["condition"]): row for row in result["rows"]}
    names = [one["name"] for one in result["contenders"]]
    tables = []
    for condition in conditions:
        rows = [_cost(name, found[name, condition]) for name in names if (name, condition) in found]
        heads = (
            condition,
            "n",
            "p50 ms",
            "p99 ms",
            "p50 over bare httpx",
            "p99 over it",
            "CPU ms a call",
            "failed",
        )
        tables.append(drawn(heads, rows))
    does = [
        [
            one["version"],
            one["on"] or "asking",
            one["off"],
            f"{one['import_cpu_s']:.1f}",
            f"{one['import_memory_mb']:.0f}, {one['memory_mb']:.0f}",
        ]
        for one in result["contenders"]
    ]
    heads = ("contender", "does", "does not", "CPU s to import", "MB imported, at most")
    return "\n".join([drawn(heads, does), *tables, _goals(result)])


def _cost(name: str, row: Mapping[str, Any]) -> list[str]:
    took = row["took_ms"]
    return [
        name,
        f"{took['n']:,}",
        f"{took['p50']:.1f}",
        f"{took['p99']:.1f}",
        *(_over(row[f"over_{share}_ms"]) for share in ("p50", "p99")),
        f"{row['cpu_ms']:.2f}",
        f"{row['failed']}",
    ]


def _over(one: Mapping[str, float | None]) -> str:
    interval = "" if one["low"] is None else f" [{one['low']:+.1f}, {one['high']:+.1f}]"
    return f"{one['value']:+.1f}{interval}"


def _provider_dies(result: Mapping[str, Any]) -> str:
    tables = []
    for form in result["forms"]:
        rows = [
            [
                row["phase"],
                f"{row['asked']}",
                f"{row['answered_in_time']}",
                f"{row['typed']}",
                f"{row['took_ms']['p50'] or 0:.0f} / {row['took_ms']['p99'] or 0:.0f}",
                _breaker(row),
                ", ".join(f"{name} {count}" for name, count in row["by"].items()),
            ]
            for row in form["phases"]
        ]
        heads = (
            f"{form['form']}: the first provider is",
            "asked",
            "answered in time",
            "typed",
            "ms, p50 / p99",
            "breaker",
            "who answered",
        )
        tables.append(drawn(heads, rows))
    return "\n".join([*tables, _goals(result)])


def _breaker(row: Mapping[str, Any]) -> str:
    kind = "opened" if "breaker_opened_s" in row else "closed"
    at = row[f"breaker_{kind}_s"]
    return f"{kind} never" if at is None else f"{kind} after {at:.1f} s"


def _soak(result: Mapping[str, Any]) -> str:
    memory, descriptors = result["memory"], result["descriptors"]
    rows = [
        ["minutes; share of provider calls that went wrong", f"{result['minutes']:g}; {result['share']:g}"],
        ["questions; of them", f"{result['questions']:,}; {_counted(result['outcomes'])}"],
        ["other requests, by status", _counted(result["others"])],
        ["clients that left", f"{result['left']:,}"],
        ["calls of the providers; faults", f"{result['provider_calls']:,}; {result['provider_faults']:,}"],
        ["ms an answer, p50 / p95 / p99", _three(result["took_ms"])],
        ["CPU s of the server, a question", f"{result['cpu_s_a_question']:.3f}"],
        *(
            [
                f"MB of the {name}, first fifth, last fifth; slope in MB an hour",
                f"{one['first_mb']:.0f}, {one['last_mb']:.0f}; {_over(one['slope_mb_an_hour'])}",
            ]
            for name, one in memory.items()
        ),
        [
            "open descriptors after warm-up, at most, idle at the end",
            f"{descriptors['after_warm_up']:.0f}, {descriptors['most']:.0f}, {descriptors['idle_at_the_end']:.0f}",
        ],
    ]  # fmt: skip
    return "\n".join([drawn(("soak", "figure"), rows), _goals(result)])


def _streams(result: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{number}",
            f"{row['streams']}",
            f"{row['with_their_own_word']}",
            f"{row['with_another_word']}",
            f"{row['first_event_ms']['p50']:.0f} / {row['first_event_ms']['p99']:.0f}",
            f"{row['took_ms']['p50']:.0f} / {row['took_ms']['p99']:.0f}",
            f"{row['server_mb']:.0f}",
            f"{row['descriptors']:.0f}",
        ]
        for number, row in enumerate(result["rounds"], start=1)
    ]
    heads = ("round", "streams at once", "with their own word", "with another's", "first event ms, p50 / p99",
             "whole ms, p50 / p99", "server MB", "descriptors")  # fmt: skip
    fair = result["fairness"]
    tenants = [
        [
            name.replace("_", " "),
            f"{fair[name]['asked']:,}",
            _counted(fair[name]["outcomes"]),
            f"{fair[name]['first_event_ms']['p50'] or 0:.0f} / {fair[name]['first_event_ms']['p95'] or 0:.0f}",
        ]
        for name in ("heavy", "light", "light_alone")
    ]
    left = [
        [
            name,
            f"{one['until_closed_ms']['n']}",
            f"{one['until_closed_ms']['p50']:.0f}",
            f"{one['until_closed_ms']['max']:.0f}",
            f"{one['not_closed_in_10_s']}",
        ]
        for name, one in result["leaving"].items()
    ]
    return "\n".join(
        [
            drawn(heads, rows),
            drawn(("tenant", "questions", "how they ended", "first event ms, p50 / p95"), tenants),
            drawn(
                ("clients that left", "n", "provider's call closed after ms, p50", "at most", "not in 10 s"), left
            ),
            _goals(result),
        ]
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _goals(result: Mapping[str, Any]) -> str:
    rows = [
        [
            one["what"],
            one["wanted"],
            "not measured" if one["figure"] is None else f"{one['figure']:.4g} {one['unit']}".strip(),
            "yes" if one["met"] else "**no**",
        ]
        for one in result["goals"]
    ]
    return drawn(("goal", "wanted", "figure", "met"), rows)


RELIABILITY_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "gateway": _gateway,
    "provider_dies": _provider_dies,
    "soak": _soak,
    "streams": _streams,
}


def _three(took_ms: Mapping[str, float]) -> str:
    return " / ".join(f"{took_ms[one]:.0f}" for one in ("p50", "p95", "p99"))
