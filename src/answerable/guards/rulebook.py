"""A file of rules: patterns with an id, a family and a weight. Data, read once; see rules/*.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import re2

_NOT_LETTERS = re.compile(r"[^a-z]+")
_LOOKS = re.compile(r"\(\?<?[=!]")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One pattern over folded text. weight in (0, 1]: how sure a hit is. A rule is itself: each is read once."""

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
    sieve = _sieve(tuple(rules))
    plain = [(view, sieve.plain.possible(view)) for view in views]
    letters = [_NOT_LETTERS.sub("", view) for view, _ in plain] if sieve.reads_letters else []
    squashed = [(view, sieve.squashed.possible(view)) for view in letters]
    found: list[Hit] = []
    for rule in sieve.rules:
        if rule.squashed and any(hit.rule.family == rule.family for hit in found):
            continue
        if hit := _first(rule, squashed if rule.squashed else plain):
            found.append(hit)
    return found


def _first(rule: Rule, views: Iterable[tuple[str, frozenset[str]]]) -> Hit | None:
    for view, possible in views:
        if rule.id in possible and (match := rule.pattern.search(view)):
            return Hit(rule=rule, view=view, start=match.start(), end=match.end())
    return None


class _Kinds(dict[int, int]):
    """Characters beyond ASCII as ASCII ones of their kind: of a word, a blank, or neither."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        kind = code if code < 128 else ord("_") if char.isalnum() else ord(" ") if char.isspace() else 127
        self[code] = kind
        return kind


_KINDS = _Kinds()


class _Automaton:
    """All patterns at once, in one pass and linear time: which of the rules can hit a text at all.

    Only over ASCII do both engines mean the same by a word and by a blank, so every other character is read as one
    of its kind; a pattern that names such characters may hit any text that has some. A pattern that looks ahead or
    behind is none for such an engine and may hit anything.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        regular = [rule for rule in rules if not _LOOKS.search(rule.pattern.pattern)]
        self._ids = [rule.id for rule in regular]
        self._any = frozenset(rule.id for rule in rules).difference(self._ids)
        self._named = self._any.union(rule.id for rule in regular if not rule.pattern.pattern.isascii())
        self._set = re2.Set.SearchSet()
        for rule in regular:
            self._set.Add(rule.pattern.pattern)
        self._set.Compile()

    def possible(self, text: str) -> frozenset[str]:
        """Ids of rules."""
        if not self._ids:
            return self._any
        matched = self._set.Match(text if text.isascii() else text.translate(_KINDS)) or ()
        found = frozenset(self._ids[place] for place in matched)
        return found.union(self._any if text.isascii() else self._named)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sieve:
    rules: tuple[Rule, ...]
    plain: _Automaton
    squashed: _Automaton

    @property
    def reads_letters(self) -> bool:
        """Whether any rule is one over the letters alone."""
        return any(rule.squashed for rule in self.rules)


@lru_cache(maxsize=16)
def _sieve(rules: tuple[Rule, ...]) -> _Sieve:
    return _Sieve(
        rules=rules,
        plain=_Automaton([rule for rule in rules if not rule.squashed]),
        squashed=_Automaton([rule for rule in rules if rule.squashed]),
    )


def certainty(weighed: Iterable[tuple[Rule, float]]) -> float:
    """1 - Π(1 - weight) over the strongest rule of each family: independent evidence adds up (noisy-or)."""
    best: dict[str, float] = {}
    for rule, weight in weighed:
        best[rule.family] = max(best.get(rule.family, 0.0), weight)
    doubt = 1.0
    for weight in best.values():
        doubt *= 1.0 - weight
    return 1.0 - doubt
