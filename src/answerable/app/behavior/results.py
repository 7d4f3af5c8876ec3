"""Kept results of `prompt test`: a JSON file for each version of a prompt, one entry for each text and model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from answerable.app.behavior.cases import results_path
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.evals.behavior.results import FORMAT, Results, as_json

_MOST = 20  # entries of one version: texts times models


def keep(project: Project, results: Results) -> None:
    """The latest first. An entry of the same text and model yields; so do its cases that were not asked again.

    Raises ConfigError where it cannot be written.
    """
    path, entry = results_path(project, results.prompt), as_json(results)
    others = [one for one in kept(project, results.prompt) if _key(one) != _key(entry)]
    text = json.dumps({"format": FORMAT, "runs": [entry, *others][:_MOST]}, ensure_ascii=False, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="or use --no-save") from exc


def kept(project: Project, ref: str) -> list[dict[str, Any]]:
    """What was kept of `answer@1.0.0`, the latest first; each as results.as_json has it. Unreadable: nothing."""
    try:
        told = json.loads(results_path(project, ref).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        return []
    return [one for one in told.get("runs", []) if isinstance(one, dict)]


def _key(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return entry.get("sha256"), entry.get("model"), entry.get("scripted")
