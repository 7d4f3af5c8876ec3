"""A file of rules: patterns with an id, a family and a weight. Data, read once; see rules/*.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

_NOT_LETTERS = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern over folded text. weight in (0, 1]: how sure a hit is."""

    id: str
    family: str
    pattern: re.Pattern[str]
    weight: float
    languages: tuple[str, ...]
    where: str = "both"  # question | document | both
    squashed: bool = False  # read over the letters alone, blanks and signs left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that hit: view[start:end]."""

    rule: Rule
    view: str
    start: int
    end: int


@cache
def rulebook(name: str) -> tuple[Rule, ...]:
    """The rules of `rules/NAME.toml`, in the file's order."""
    data = tomllib.loads(resources.files(__package__).joinpath("rules", f"{name}.toml").read_text("utf-8"))
    return tuple(
        Rule(
            id=row["id"],
            family=row["family"],
            pattern=re.compile(row["pattern"]),
            weight=float(row["weight"]),
            languages=tuple(row["languages"]),
            where=row.get("where", "both"),
            squashed=row.get("squashed", False),
        )
        for row in data["rule"]
    )


def hits(rules: Iterable[Rule], views: Iterable[str]) -> list[Hit]:
    """Each rule's first hit in any of the folded views, in the order of the rules.

    A rule over the letters alone only speaks where no other rule of its family did.
    """
    views = list(views)
    found: list[Hit] = []
    for rule in rules:
        if rule.squashed and any(hit.rule.family == rule.family for hit in found):
            continue
        for view in (_NOT_LETTERS.sub("", view) for view in views) if rule.squashed else views:
            if match := rule.pattern.search(view):
                found.append(Hit(rule=rule, view=view, start=match.start(), end=match.end()))
                break
    return found


def certainty(weighed: Iterable[tuple[Rule, float]]) -> float:
    """1 - Π(1 - weight) over the strongest rule of each family: independent evidence adds up (noisy-or)."""
    best: dict[str, float] = {}
    for rule, weight in weighed:
        best[rule.family] = max(best.get(rule.family, 0.0), weight)
    doubt = 1.0
    for weight in best.values():
        doubt *= 1.0 - weight
    return 1.0 - doubt
