"""An experiment as lines of a terminal: one row a setting, then the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FEW = 30  # questions below which a share has no percent sign
COLUMNS = (
    "setting",
    "recall",
    "95 %",
    "against it",
    "verdict",
    "precision",
    "cut spans",
    "chunks",
    "ms/query",
    "index s",
)


def headline(result: Mapping[str, Any]) -> str:
    """What was compared over what."""
    return (
        f"{result['questions']} questions with gold spans from {result['clusters']} documents, "
        f"{result['documents']:,} documents in all, equal context budget {result['budget_tokens']:,} tokens"
    )


def rows(result: Mapping[str, Any]) -> list[list[str]]:
    """In the order of COLUMNS."""
    return [_row(one) for one in result["settings"]]


def _row(one: Mapping[str, Any]) -> list[str]:
    said = "the present one" if one["base"] else str(one["change"])
    return [
        one["name"],
        f"{one['recall'] * 100:.1f} %",
        f"{one['low'] * 100:.1f} - {one['high'] * 100:.1f}",
        difference(one),
        f"{said}, left at {one['n']}" if one["left_early"] else said,
        f"{one['precision'] * 100:.1f} %",
        share(one["cut_spans"], one["gold_spans"]),
        "" if one["chunks"] is None else f"{one['chunks']:,}",
        "" if one["query_ms_p50"] is None else f"{one['query_ms_p50']:.1f}",
        f"{one['index_cpu_s']:.1f}",
    ]


def difference(one: Mapping[str, Any]) -> str:
    """Points of recall against the present setting, with the interval."""
    found = one["difference"]
    if found is None:
        return ""
    return f"{found['mean'] * 100:+.1f} ({found['low'] * 100:+.1f} .. {found['high'] * 100:+.1f})"


def share(part: int | None, whole: int | None) -> str:
    """A percentage, or `k of n` of few."""
    if part is None or not whole:
        return ""
    return f"{part} of {whole}" if whole < FEW else f"{part / whole * 100:.1f} %"
