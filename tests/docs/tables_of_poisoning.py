"""The tables of poisoning: who was told what, and what ingestion makes of documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_HEADS = (
    "defenses, planted, trust",
    "writer",
    "wrong answer given",
    "95 % interval",
    "given with a warning",
    "right",
    "both shown",
    "no answer",
)
_LOOKS = ("set", "documents", "marked", "95 % interval", "held", "95 % interval")


def _poisoning(result: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            f"{result['questions']} questions, {result['left_out']} of 100 left out, "
            f"among {result['haystack']} passages.\n",
            drawn(_HEADS, [_told(one) for one in result["rows"]]),
            "What ingestion makes of public sets, benign ones first.\n",
            drawn(_LOOKS, [_looked(one) for one in result["looks"]]),
        ]
    )


def _told(one: Mapping[str, Any]) -> list[str]:
    told, n = one["told"], one["n"]
    nothing = n - sum(told.get(key, 0) for key in ("wrong", "warned", "right", "both", "neither"))
    return [
        one["world"],
        one["writer"],
        f"{told.get('wrong', 0)} of {n}",
        _interval(one["success"]),
        f"{told.get('warned', 0)}",
        f"{told.get('right', 0)}",
        f"{told.get('both', 0)}",
        f"{nothing}, {told.get('neither', 0)} beside the point",
    ]


def _looked(one: Mapping[str, Any]) -> list[str]:
    marked, held = one["marked"], one["held"]
    return [
        f"{one['set']}, {one['kind']}",
        f"{one['n']}",
        f"{marked['k']}",
        _interval(marked),
        f"{held['k']}",
        _interval(held),
    ]


def _interval(one: Mapping[str, Any]) -> str:
    low, high = one["interval95"]
    return f"{100 * low:.1f} to {100 * high:.1f} %"


_UNDONE = {
    "documents": "documents",
    "changed": "changed by the sync",
    "restored": "restored",
    "removed": "taken out",
    "seconds": "rollback s",
    "cpu_s": "of it CPU s",
    "wrong": "left wrong",
    "blast_radius_s": "blast radius s",
    "purge_s": "purge s",
    "rows_left_after_purge": "rows left",
}


def _undoing(result: Mapping[str, Any]) -> str:
    return drawn(tuple(_UNDONE.values()), [[f"{one[key]}" for key in _UNDONE] for one in result["rows"]])


POISONING_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"poisoning": _poisoning, "undoing": _undoing}
