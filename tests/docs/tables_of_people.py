"""The table of incidents in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _incidents(result: Mapping[str, Any]) -> str:
    rows = [
        [kind, what, f"{one['p50']:.2f}", f"{one['p95']:.2f}", f"{one['max']:.2f}", str(one["n"])]
        for kind, both in result["seconds"].items()
        for what, one in both.items()
    ]
    look = result["look_ms"]
    heads = ("block", "what", "seconds p50", "p95", "longest", "n")
    return drawn(heads, rows) + (
        f"\nOne look (a question and two stored answers): {look['p50']:.2f} / {look['p95']:.2f} ms p50 / p95, "
        f"n = {look['n']:,}.\n"
    )


PEOPLE_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"incidents": _incidents}
