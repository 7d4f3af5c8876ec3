"""The tables of the simulated month and of the telemetry outage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_PARTS = {
    "disk": "no disk to put them on, either",
    "database": "the whole database stood still",
    "kill": "killed (-9) while events were blocked",
}
_BOUNDS = {"low": "at least this", "high": "at most this", "": ""}


def _simulate(result: Mapping[str, Any]) -> str:
    parts = []
    for name, title in (("month", "The month with everything"), ("clean", "The month without any change")):
        if name in result:
            parts += _month(result[name], title)
    for name, who in (("faithful", "who never err"), ("coverage", "who err in 3 of 100 readings")):
        if name in result:
            parts += _coverage(result[name], who)
    return "\n".join(parts)


def _month(month: Mapping[str, Any], title: str) -> list[str]:
    facts = (
        f"{title}: {month['tasks']:,} tasks that count, {month['events']:,} events, jobs every "
        f"{month['look_minutes']:.0f} minutes (alerts), {month['close_days']} days (tasks) and day (drift). "
        f"Alarms outside of changes and their aftermath: {month['false_alarms']}.\n"
    )
    parts = [facts]
    if month["incidents"]:
        heads = ("change", "noticed after", "questions until then", "by", "blamed on the right cause", "alarms")
        parts.append(drawn(heads, [_incident(one) for one in month["incidents"]]))
    heads = ("metric", "truth", "says", "95 % interval", "n", "holds")
    parts.append(drawn(heads, [_metric(one) for one in month["metrics"] if one["truth"] is not None]))
    return parts


def _incident(one: Mapping[str, Any]) -> list[str]:
    if not one["blame"]:
        return [one["name"], "–", "–", "–", "nothing to blame", f"{one['alarms']}"]
    if one["detected"] is None:
        return [one["name"], "not noticed", "–", "–", "–", "0"]
    named = f"after {one['named_after_h']:.0f} h ({one['named_by']})" if one["named_right"] else "no"
    return [
        f"{one['name']} ({one['blame']})",
        f"{one['after_h']:.0f} h",
        f"{one['after_answers']:,}",
        one["by"],
        named,
        f"{one['alarms']}",
    ]


def _metric(one: Mapping[str, Any]) -> list[str]:
    between = "–" if one["low"] is None else f"{_said(one['low'])} to {_said(one['high'])}"
    holds = {True: "yes", False: "NO", None: "unmeasured"}[one["covered"]]
    return [_name(one), _said(one["truth"]), _said(one["value"]), between, f"{one['n']:,}", holds]


def _coverage(found: Mapping[str, Any], who: str) -> list[str]:
    head = (
        f"{found['months']} short months of about {found['needs']:,} needs each, without changes, with reviewers "
        f"{who}: how often the interval held.\n"
    )
    rows = [
        [
            _name(one),
            _said(one["truth"]),
            _said(one["mean"]),
            f"{one['own']} of {one['months']}",
            f"{one['long_run']} of {one['months']}",
            f"{100 * one['long_run_low']:.0f} to {100 * one['long_run_high']:.0f} %",
        ]
        for one in found["rows"]
    ]
    heads = (
        "metric",
        "truth, long run",
        "mean of what it says",
        "held the month's own truth",
        "held the long run's",
        "95 % interval of that",
    )
    return [head, drawn(heads, rows)]


def _name(one: Mapping[str, Any]) -> str:
    bound = _BOUNDS[one["bound"]]
    of = f"{one['metric']} {one['part']}"
    return f"{of}, {bound}: {one['of']}" if bound else of


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"


def _outage(result: Mapping[str, Any]) -> str:
    parts = []
    if one := result.get("load"):
        change = one["p95_change"]
        rows = [
            ["minutes without telemetry, of each server", " and ".join(f"{each:g}" for each in one["minutes"])],
            ["answers in pairs of half a minute, rounds", f"{one['rounds']}"],
            ["p95 with telemetry, ms", f"{one['with']['p95']:,.0f} (n {one['with']['n']:,})"],
            ["p95 without, ms", f"{one['without']['p95']:,.0f} (n {one['without']['n']:,})"],
            ["change of p95, all rounds", f"{100 * change['value']:+.1f} % ({_between(change)})"],
            ["change of p95, mean of the two halves", f"{100 * one['p95_change_mean_of_halves']:+.1f} %"],
            *_lost("server that was cut off first", one["server_0"]),
            *_lost("server that was cut off then", one["server_1"]),
        ]
        parts.append(drawn(("telemetry stopped under load", "figure"), rows))
    for name, title in _PARTS.items():
        if one := result.get(name):
            parts.append(drawn((title, "figure"), _lost("then", one)))
    return "\n".join(parts)


def _between(one: Mapping[str, Any]) -> str:
    if one["low"] is None:
        return "too few rounds for an interval"
    return f"95 %: {100 * one['low']:+.1f} to {100 * one['high']:+.1f}"


def _lost(who: str, one: Mapping[str, Any]) -> list[list[str]]:
    return [
        [f"{who}: answers, events in the log", f"{one['answers']:,}, {one['events']:,}"],
        [f"{who}: events lost, told twice", f"{one['lost']}, {one['twice']}"],
        [f"{who}: seconds until all were written", f"{one['caught_up_s']}"],
    ]


SIMULATION_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "simulate": _simulate,
    "telemetry_outage": _outage,
}
