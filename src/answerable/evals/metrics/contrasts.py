"""Words that cannot stand for one another: `increase` for `reduce`, `week` for `month`, `all` for `some`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from answerable.text.stems import stem
from answerable.text.words import fold

_LANGUAGES = ("en", "de", "es")
Rivals = Mapping[str, tuple[tuple[frozenset[str], frozenset[str]], ...]]


@cache
def rivals(language: str) -> Rivals:
    """For each stem its (own group, opposed stems) in every line it stands in; empty for other languages."""
    found: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for groups in _lines(language) if language in _LANGUAGES else ():
        for own in groups:
            opposed = frozenset().union(*groups) - own
            for one in own:
                found.setdefault(one, []).append((own, opposed))
    return {one: tuple(pairs) for one, pairs in found.items()}


def opposed(words: Iterable[str], source: frozenset[str], language: str) -> list[str]:
    """The stems whose opposite is in the source, while neither they nor a word like them are."""
    known = rivals(language)
    return [
        one
        for one in words
        if any(own.isdisjoint(source) and not other.isdisjoint(source) for own, other in known.get(one, ()))
    ]


def _lines(language: str) -> list[list[frozenset[str]]]:
    text = resources.files("answerable.evals.library").joinpath(f"contrasts-{language}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [
        [frozenset(stem(fold(word), language) for word in g.split()) for g in line.split("|")] for line in lines
    ]
