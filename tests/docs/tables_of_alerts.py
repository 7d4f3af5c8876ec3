"""The table of monitoring drills in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _drills(result: Mapping[str, Any]) -> str:
    rows = [
        [
            one["fault"],
            one["rule"] or "not seen",
            "-" if one["answers"] is None else f"{one['answers']}",
            "-" if one["minutes"] is None else f"{one['minutes']:g}",
            one["blame"] or "-",
        ]
        for one in result["drills"]
    ]
    clean = result["clean"]
    said = "not measured" if clean is None else f"{len(clean['raised'])} alerts in {clean['answers']} answers"
    rows.append(["none (clean run, replayed)", said, "-", "-", "-"])
    return drawn(("fault", "seen by rule", "after answers", "simulated minutes", "said to come from"), rows)


ALERT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"monitoring_drills": _drills}
