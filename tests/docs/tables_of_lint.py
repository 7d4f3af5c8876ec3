"""The tables of prompt lint in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _prompt_lint(result: Mapping[str, Any]) -> str:
    rows = []
    for half, name in (("tuning", "looked at while the rules were written"), ("held-out", "held out")):
        one = result["halves"][half]
        faults = result["faults" if half == "tuning" else "faults_held_out"]
        rows.append(
            [
                name,
                f"{len({prompt for prompt, _ in one['alarms']})} of {one['prompts']}",
                f"{one['mutants'] - len(one['missed'])} of {one['mutants']}",
                _found([fault for fault in faults if not fault["hard"]]),
                _found([fault for fault in faults if fault["hard"]]),
            ]
        )
    clean = sum(not one for one in result["library"].values())
    heads = (
        "prompts and faults",
        "well-made prompts with a finding",
        "protections taken out: found",
        "seeded faults found",
        "hard ones found",
    )
    seeded = [
        [fault["id"], fault["rule"], fault["hard"], "found" if fault["found"] else "**missed**", name]
        for faults, name in ((result["faults"], ""), (result["faults_held_out"], "held out"))
        for fault in faults
    ]
    library = drawn(
        ("the shipped library", "figure"), [["prompts without a finding", f"{clean} of {len(result['library'])}"]]
    )
    return "\n".join([drawn(heads, rows), library, drawn(("fault", "rule", "hard, since", "", ""), seeded)])


def _found(faults: list[Mapping[str, Any]]) -> str:
    return f"{sum(one['found'] for one in faults)} of {len(faults)}" if faults else "–"


LINT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"prompt_lint": _prompt_lint}
