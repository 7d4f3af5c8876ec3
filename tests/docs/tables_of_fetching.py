"""The tables of fetching and of bombs in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _fetching(result: Mapping[str, Any]) -> str:
    rows = [
        ["hostile URLs", str(result["hostile"])],
        ["tries: each alone, and behind redirects", f"{result['tries']:,}"],
        ["connections inside", f"{result['internal_hits']} (95 % bound {result['internal_hits_upper_95']:.1%})"],
        ["benign URLs fetched", f"{result['benign_fetched']} of {result['benign']}"],
        ["slowest, s, of 2 s allowed", str(result["slowest_s"])],
    ]
    return drawn(["fact", "figure"], rows)


def _bombs(result: Mapping[str, Any]) -> str:
    rows = [[name, one["outcome"], str(one["s"]), str(one["worker_mb"])] for name, one in result["rows"].items()]
    return drawn(["file", "ended", "wall s", "peak MB of its process"], rows)


FETCHING_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "fetching": _fetching,
    "bombs": _bombs,
}
