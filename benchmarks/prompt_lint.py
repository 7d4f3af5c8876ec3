"""Seeded faults that `prompt lint` finds and misses, and its false alarms on prompts that have none.

    python benchmarks/prompt_lint.py --out benchmarks/results/prompt_lint.json

No model: what is counted is what rules over words find. benchmarks/prompt_lint/ has the faults and the well-made
prompts; the half `held-out` was written before the rules and run after them.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from answerable.app.project import Project
from answerable.app.prompts.settings import lint_settings
from answerable.guards.secrets import secrets
from answerable.prompts.collection import load_library, shipped
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.linter import lint_text
from answerable.prompts.lint.protections import MISSING as RULE_OF
from answerable.prompts.prompt import FAILURES, Prompt

SETS = Path(__file__).parent / "prompt_lint"
HALVES = ("tuning", "held-out")
KEYS = {name: "language_policy" if name == "language" else name for name in FAILURES}  # of a well-made prompt
FILE = """---
id: {id}
version: 1.0.0
owner: desk@example.com
purpose: Answer a question from sources.
route: answer
inputs:
  question: user
  context: document
  language: system
  boundary: system
handles:
{handles}
change: First version.
---
{body}

The boundary is {{{{ boundary }}}}.

--- user ---
{{{{ context }}}}

{{{{ question }}}}
"""


@cache
def well_made(half: str) -> list[dict[str, str]]:
    """The prompts of a half, each with its protections by name."""
    return list(yaml.safe_load((SETS / f"{half}.yaml").read_text("utf-8")))


def written(one: Mapping[str, str], *, instead: Mapping[str, str] | None = None, contract: bool = True) -> str:
    """A well-made prompt as a file, some protections in other words; an empty one takes its contract with it."""
    parts = {name: (instead or {}).get(name, one[key]) for name, key in KEYS.items()}
    told = [name for name in FAILURES if contract and not (instead and name in instead)]
    lines = "\n".join(f"  {name}: as the body says" for name in told) or "  other: nothing"
    uses = "" if "{{ language }}" in parts["language"] else "The code is {{ language }}."
    last = parts.pop("language")  # what changes with the request stands behind what does not
    body = "\n\n".join(part for part in (one["intro"], *parts.values(), last, uses) if part)
    return FILE.format(id=one["id"], handles=lines, body=body)


def faults(name: str = "faults") -> list[dict[str, Any]]:
    """All of a file: `faults`, or `faults-held-out`."""
    return list(yaml.safe_load((SETS / f"{name}.yaml").read_text("utf-8")))


def found_by(fault: Mapping[str, Any]) -> set[str]:
    """The rules that say something of a fault, without those that say it of the prompt as it was."""
    if "config" in fault:
        return _of_project(fault["config"])
    text, before = seeded(fault)
    known = Known(
        secrets=lambda text: [(one.start, one.end, one.rule) for one in secrets(text)],
        base=before if fault.get("against_base") else None,
        covered=fault.get("covered", FAILURES),
    )
    return {
        one.rule for one in lint_text(text, where=fault.get("where", "p.md"), known=known).findings
    } - _said_of(before)


def seeded(fault: Mapping[str, Any]) -> tuple[str, str]:
    """The prompt with the fault, and without. Raises AssertionError where a change does not change anything."""
    base, name = fault["base"], fault.get("without")
    if base not in shipped():
        one = next(one for half in HALVES for one in well_made(half) if one["id"] == base)
        instead = fault.get("instead", {name: ""} if name else {})
        return written(one, instead=instead), written(one)
    before = _shipped(base).source
    text = before
    for old, new in fault.get("replace", ()):
        assert old in text, (fault["id"], old)
        text = text.replace(old, new.replace("{LONG}", "Be brief and exact. " * 500))
    patterns = [*fault.get("lines", ()), *([rf"^  {fault['contract']}: "] if "contract" in fault else [])]
    for pattern in patterns:
        assert re.search(pattern, text, re.M), (fault["id"], pattern)
        text = re.sub(pattern + r".*\n", "", text, flags=re.M)
    if section := fault.get("section"):
        text, count = re.subn(rf"^# [^\n]*{section}\n.*?(?=^# )", "", text, flags=re.M | re.S)
        assert count, fault["id"]
    return (_shipped(base).body if fault.get("body_only") else text), before


@cache
def _said_of(text: str) -> frozenset[str]:
    return frozenset(one.rule for one in lint_text(text, where="p.md", known=Known(covered=FAILURES)).findings)


@cache
def _shipped(name: str) -> Prompt:
    return load_library(name)


def _of_project(config: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answerable.toml"
        path.write_text(config, encoding="utf-8")
        return {one.rule for one in lint_settings(Project.open(path)).findings}


def mutants(half: str) -> Iterator[tuple[str, str, bool]]:
    """(prompt, failure, found) for each well-made prompt with one protection taken out."""
    for one in well_made(half):
        for failure in FAILURES:
            rules = _said_of(written(one, instead={failure: ""}))
            yield one["id"], failure, RULE_OF[failure] in rules


def alarms(half: str) -> list[tuple[str, str]]:
    """(prompt, rule) for each finding in a well-made prompt."""
    return [
        (one["id"], found.rule)
        for one in well_made(half)
        for found in lint_text(written(one), where="p.md", known=Known(covered=FAILURES)).findings
    ]


def library() -> dict[str, list[str]]:
    """Shipped prompt → findings."""
    return {
        name: [one.rule for one in lint_text(load_library(name).source, where=name).findings] for name in shipped()
    }


def measured() -> dict[str, Any]:
    """All figures."""
    return {
        "faults": _rows("faults"),
        "faults_held_out": _rows("faults-held-out"),
        "library": library(),
        "halves": {
            half: {
                "prompts": len(well_made(half)),
                "alarms": [list(one) for one in alarms(half)],
                "mutants": len(told := list(mutants(half))),
                "missed": [[name, failure] for name, failure, found in told if not found],
            }
            for half in HALVES
        },
    }


def _rows(name: str) -> list[dict[str, Any]]:
    return [
        {"id": one["id"], "rule": one["rule"], "hard": one.get("hard", ""), "found": one["rule"] in found_by(one)}
        for one in faults(name)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args(arguments).out
    out.write_text(json.dumps(measured(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
