"""The table of metrics by version in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _version_metrics(result: Mapping[str, Any]) -> str:
    rows = [
        [one["metric"], one["by"], *(f"{one[name]:.2f}" for name in ("wall_s", "cpu_s", "server_cpu_s"))]
        for one in result["rows"]
    ]
    facts = result["facts"]
    told = [
        ["answers", f"{result['answers']}"],
        ["writing one answer without its row of facts, server CPU ms", f"{facts['write_cpu_ms_without']:.3f}"],
        ["with it, server CPU ms", f"{facts['write_cpu_ms_with']:.3f}"],
        ["p95 and refusals by version out of the records, server CPU s", f"{facts['from_records_cpu_s']:.2f}"],
        ["records, MB", f"{facts['answer_mb']}"],
        ["facts, MB", f"{facts['answer_fact_mb']}"],
        ["load of the machine's two cores", f"{result['machine']['load']}"],
    ]
    return "\n".join(
        [drawn(("metric", "by", "wall s", "own CPU s", "server CPU s"), rows), drawn(("fact", "figure"), told)]
    )


MONITORING_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"version_metrics": _version_metrics}
