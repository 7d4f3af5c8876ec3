"""The standing of rollouts as plain values and back: what is kept on disk for when files or database are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from answerable.prompts.prompt import Input, Prompt, Trust
from answerable.prompts.rollout import Pin, Rollout
from answerable.prompts.standing import Back, Served, Standing

FORMAT = 1


def standing_row(standing: Standing) -> dict[str, Any]:
    """Rollouts with both texts, and what was taken back. Rollouts that nobody is given are not among them."""
    return {
        "format": FORMAT,
        "served": [asdict(one) for one in standing.served.values() if one.candidate is not None],
        "back": {id_: asdict(one) for id_, one in standing.back.items()},
    }


def read_standing(row: Mapping[str, Any]) -> Standing:
    """What was kept; nothing where that is of another format."""
    if row.get("format") != FORMAT:
        return Standing()
    try:
        served = [_served(one) for one in row["served"]]
        back = {id_: _back(one) for id_, one in row["back"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):  # of another release of this program
        return Standing()
    return Standing(served={one.rollout.prompt: one for one in served}, back=back)


def _served(row: Mapping[str, Any]) -> Served:
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
    return Served(rollout=rollout, stable=_prompt(row["stable"]), candidate=_prompt(row["candidate"]))


def _prompt(row: Mapping[str, Any]) -> Prompt:
    inputs = tuple(Input(name=one["name"], trust=Trust(one["trust"])) for one in row["inputs"])
    return Prompt(**{**row, "inputs": inputs})


def _back(row: Mapping[str, Any]) -> Back:
    return Back(**{**row, "at": datetime.fromisoformat(row["at"])})
