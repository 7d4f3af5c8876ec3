"""The rules, from rules.toml: each with an id, a level, why it is one, and how a finding is put right."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from answerable.prompts.lint.finding import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One. `title` is what a finding of it says without the particulars."""

    id: str
    level: Level
    title: str
    why: str
    fix: str


@cache
def rules() -> Mapping[str, Rule]:
    """By id, in the order in which the page explains them."""
    data = tomllib.loads(resources.files(__package__).joinpath("rules.toml").read_text("utf-8"))
    return {
        row["id"]: Rule(
            id=row["id"], level=Level(row["level"]), title=row["title"], why=row["why"], fix=row["fix"]
        )
        for row in data["rule"]
    }
