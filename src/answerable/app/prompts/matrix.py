"""The last behavior results of a prompt's versions, as a matrix of categories by version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.app.behavior.results import kept
from answerable.app.project import Project
from answerable.evals.behavior.case import CATEGORIES
from answerable.prompts.history import Version

MATRIX_VERSIONS = 4  # newest, side by side


def matrices(project: Project, name: str, past: Sequence[Version]) -> dict[str, Any] | None:
    """The last results of the newest versions' own texts, side by side by category. None: nothing is kept."""
    found = [entry for one in past[:MATRIX_VERSIONS] for entry in _latest(project, name, one)]
    if not found:
        return None
    present = [one for one in CATEGORIES if any(one in each["cells"] for each in found)]
    return {"categories": present, "runs": found}


def last_matrix(project: Project, ref: str, sha256: str) -> dict[str, int] | None:
    """Cases passed and asked, of this very text's newest result. None: nothing is kept."""
    entry = next((one for one in kept(project, ref) if one.get("sha256") == sha256), None)
    if entry is None:
        return None
    cells = entry["matrix"]
    return {
        "passed": sum(one["passed"] for one in cells),
        "n": sum(one["n"] + one["unmeasured"] for one in cells),
        "ok": bool(entry["ok"]),
    }


def _latest(project: Project, name: str, one: Version) -> list[dict[str, Any]]:
    for entry in kept(project, f"{name}@{one.version}"):
        if entry.get("sha256") in one.sha256s:
            return [
                {
                    "version": one.version,
                    "model": entry["model"],
                    "scripted": entry["scripted"],
                    "at": entry["at"],
                    "stopped": entry["stopped"],
                    "cells": {cell["category"]: cell for cell in entry["matrix"]},
                }
            ]
    return []
