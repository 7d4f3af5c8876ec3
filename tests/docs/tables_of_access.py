"""The tables of access in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _access(result: Mapping[str, Any]) -> str:
    shown = result["shown"]
    fields = f"{len(shown['found'])} of {shown['fields']} (in replies: of {shown['fields_in_replies']})"
    rows = [["fields of the API that are a vector or a score", fields]]
    rows += [
        [
            f"{one['route']}, not yours or not there, 2 x {one['n'] // 2}",
            f"p = {one['p']}; medians {one['median_ms_foreign']} and {one['median_ms_missing']} ms; "
            f"different bodies: {one['bodies'] - 1}",
        ]
        for one in result["told_apart"]
    ]
    rows += [
        [f"{one['how']}, {one['carrier']}, {one['path']}: held for, s", f"at most {one['max_s']} of {one['n']}"]
        for one in result["effects"]
    ]
    return drawn(["fact", "figure"], rows)


def _mutations(result: Mapping[str, Any]) -> str:
    rows = [[one["name"], "yes" if one["seen"] else "no", one["by"].rpartition("::")[2]] for one in result["rows"]]
    rows += [[name, "not run", ""] for name in result["not_run"]]
    return drawn(["taken out", "seen", "by"], rows)


ACCESS_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "access": _access,
    "route_mutations": _mutations,
}
