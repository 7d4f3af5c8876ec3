"""A file of rules: patterns with an id, a family and a weight. Data, read once; see rules/*.toml.

Every pattern is run by RE2, in time linear in the text; one that looks ahead or behind is no pattern for it and
fails when the file is read. What a rule must not mean is said by `unless`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import re2

from answerable.core.errors import ConfigError

_NOT_LETTERS = re.compile(r"[^a-z]+")
_BEFORE, _AFTER = 16, 60  # characters around a match in which `unless` is looked for
_MATCHES = 50  # of one rule in one view: who needs more to find one that counts hides nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One RE2 pattern over folded text. weight in (0, 1]: how sure a hit is. A rule is itself: each is read once.

    A match in or around which `unless` is found does not count.
    """

    id: str
    family: str
    pattern: str
    weight: float
    languages: tuple[str, ...]
    where: str = "both"  # question | document | both
    squashed: bool = False  # read over the letters alone, blanks and signs left out
    unless: str = ""

    def first(self, view: str, plain: str) -> tuple[int, int] | None:
        """Where it hits first. `plain` is the view by kinds of characters, for a pattern of ASCII alone."""
        text = plain if self.pattern.isascii() else view
        for start, end in _spans(self.pattern, text):
            if not (self.unless and _engine(self.unless).search(plain[max(0, start - _BEFORE) : end + _AFTER])):
                return start, end
        return None


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
            pattern=_checked(row["id"], row["pattern"]),
            weight=float(row["weight"]),
            languages=tuple(row["languages"]),
            where=row.get("where", "both"),
            squashed=row.get("squashed", False),
            unless=_checked(row["id"], row.get("unless", "")),
        )
        for row in data["rule"]
    )


def _checked(rule: str, pattern: str) -> str:
    try:
        _engine(pattern)
    except re2.error as error:
        raise ConfigError(
            f"rule {rule}: {error}", hint="RE2 has no look-ahead and no look-behind: use `unless`"
        ) from error
    return pattern


@cache
def _engine(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern if pattern.isascii() else pattern.replace(r"\w", r"[\pL\pN_]"), options)


def _spans(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Those of the first matches, whatever lies in between: one that does not count must not hide the next."""
    start = 0
    for _ in range(_MATCHES):
        match = _engine(pattern).search(text, start)
        if match is None:
            return
        yield match.span()
        start = match.start() + 1


def hits(rules: Iterable[Rule], views: Iterable[str]) -> list[Hit]:
    """Each rule's first hit in any of the folded views, in the order of the rules.

    A rule over the letters alone only speaks where no other rule of its family did.
    """
    sieve = _sieve(tuple(rules))
    plain = [_Read.of(view, sieve.plain) for view in views]
    letters = [_NOT_LETTERS.sub("", one.view) for one in plain] if sieve.reads_letters else []
    squashed = [_Read.of(view, sieve.squashed) for view in letters]
    found: list[Hit] = []
    for rule in sieve.rules:
        if rule.squashed and any(hit.rule.family == rule.family for hit in found):
            continue
        if hit := _first(rule, squashed if rule.squashed else plain):
            found.append(hit)
    return found


def _first(rule: Rule, read: Iterable[_Read]) -> Hit | None:
    for one in read:
        if rule.id in one.possible and (span := rule.first(one.view, one.plain)):
            return Hit(rule=rule, view=one.view, start=span[0], end=span[1])
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A view, the same by kinds of characters, and the ids of the rules that may hit it."""

    view: str
    plain: str
    possible: frozenset[str]

    @classmethod
    def of(cls, view: str, automaton: _Automaton) -> _Read:
        plain = view if view.isascii() else view.translate(_KINDS)
        return cls(view=view, plain=plain, possible=automaton.possible(plain, plain=view.isascii()))


class _Kinds(dict[int, int]):
    """Characters beyond ASCII as ASCII ones of their kind: of a word, a blank, or neither."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        kind = code if code < 128 else ord("_") if char.isalnum() else ord(" ") if char.isspace() else 127
        self[code] = kind
        return kind


_KINDS = _Kinds()


class _Automaton:
    """All patterns at once, in one pass: which of the rules can hit a text at all.

    RE2 knows a word and a blank only over ASCII, so every other character is read as one of its kind; a pattern
    that names such characters may hit any text that has some.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._ids = [rule.id for rule in rules]
        self._named = frozenset(rule.id for rule in rules if not rule.pattern.isascii())
        self._set = re2.Set.SearchSet()
        for rule in rules:
            self._set.Add(rule.pattern)
        self._set.Compile()

    def possible(self, text: str, *, plain: bool) -> frozenset[str]:
        """Ids of rules, for a text by kinds of characters; `plain`: it had only ASCII."""
        matched = (self._set.Match(text) or ()) if self._ids else ()
        found = frozenset(self._ids[place] for place in matched)
        return found if plain else found.union(self._named)


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
