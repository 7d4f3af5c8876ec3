"""The standing of rollouts as plain values and back: what is kept on disk for when files or database are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from answerable.adapters.last_good import LastGood
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.prompts.collection import in_place_of
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import Pin, Rollout
from answerable.prompts.standing import Back, Served, Standing

FORMAT = 1


def copy_of(project: Project) -> LastGood:
    """Where this folder's processes keep what they know of rollouts."""
    return LastGood(path=project.state / "rollouts.json")


def known_backs(project: Project) -> Mapping[str, Back]:
    """The rollouts that a process of this folder knows taken back, by id; no database is asked."""
    return read_standing(copy_of(project).read()).back


def standing_row(standing: Standing) -> dict[str, Any]:
    """Rollouts with both texts, and what was taken back. Rollouts that nobody is given are not among them."""
    return {
        "format": FORMAT,
        "served": [
            {"rollout": asdict(one.rollout), "stable": _kept(one.stable), "candidate": _kept(one.candidate)}
            for one in standing.served.values()
            if one.candidate is not None
        ],
        "back": {id_: asdict(one) for id_, one in standing.back.items()},
    }


def read_standing(row: Mapping[str, Any]) -> Standing:
    """What was kept; nothing where that is of another format. A text that is not the rollout's is not served."""
    if row.get("format") != FORMAT:
        return Standing()
    try:
        served = [good for one in row["served"] if (good := _served(one)) is not None]
        back = {id_: _back(one) for id_, one in row["back"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):  # of another release of this program
        return Standing()
    return Standing(served={one.rollout.prompt: one for one in served}, back=back)


def _served(row: Mapping[str, Any]) -> Served | None:
    told = row["rollout"]
    rollout = Rollout(
        **{
            **told,
            "stable": Pin(**told["stable"]),
            "candidate": Pin(**told["candidate"]),
            "guards": tuple(told["guards"]),
            "steps": tuple(told["steps"]),
            "started": datetime.fromisoformat(told["started"]),
        }
    )
    try:
        stable, candidate = (_prompt(row[side], rollout.prompt) for side in ("stable", "candidate"))
    except ConfigError:  # by the rules of another release
        return None
    if (stable.sha256, candidate.sha256) != (rollout.stable.sha256, rollout.candidate.sha256):
        return None
    return Served(rollout=rollout, stable=stable, candidate=candidate)


def _kept(prompt: Prompt) -> dict[str, str]:
    return {"text": prompt.text, "where": prompt.where}


def _prompt(row: Mapping[str, Any], id_: str) -> Prompt:
    """Its text has all that it includes, so that no other file is needed."""
    return in_place_of(parse(row["text"], where=row["where"]), id_)


def _back(row: Mapping[str, Any]) -> Back:
    return Back(**{**row, "at": datetime.fromisoformat(row["at"])})
