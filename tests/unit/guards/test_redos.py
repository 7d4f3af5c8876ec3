"""No pattern over strangers' text can take more than linear time, or somebody says how long the text can be."""

from __future__ import annotations

import re

import pytest
from benchmarks.redos import CAPPED, patterns

from answerable.guards.rulebook import _KINDS, rulebook
from answerable.testing.redos import adversaries, ambiguous


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(?:\w+\s*)*x", r"\s*a?\s*$", r"\d+[\d.]*x", r"(?:a|b+){3,}c"])
def test_what_takes_more_than_linear_time_is_called_ambiguous(pattern: str) -> None:
    assert ambiguous(pattern)


@pytest.mark.parametrize("pattern", [r"a{1,64}(?:\.a{1,64}){0,8}@", r"\d+", r"\w+ \w+", r"[^<]*<", r"(?:ab){2}c+"])
def test_what_is_bounded_or_told_apart_is_not(pattern: str) -> None:
    assert ambiguous(pattern) == []


def test_every_ambiguous_pattern_reads_a_text_that_is_cut() -> None:
    loose = [
        name
        for name, pattern, _ in patterns()
        if ambiguous(pattern.pattern, pattern.flags) and not name.startswith(tuple(CAPPED))
    ]
    assert set(loose) == {
        # Measured at full length (benchmarks/redos.py): what follows the repeat decides at once.
        "guards.links._URL",
        "text.numbers._NUMBER",
        "text.placeholders._PLACEHOLDER",
    }


def test_the_texts_are_made_from_the_pattern_and_as_long_as_asked() -> None:
    texts = adversaries(r"\bkey\b[^.\n]{0,30}\bvalue\b", chars=1_000)
    assert texts == adversaries(r"\bkey\b[^.\n]{0,30}\bvalue\b", chars=1_000)
    assert {len(text) for text in texts} <= set(range(990, 1_011))
    assert any(re.search(r"key.{0,30}value", text) for text in texts)
    assert any("key" in text and "value" not in text for text in texts)


@pytest.mark.parametrize("book", ["injection", "safety", "scope"])
def test_every_rule_reads_what_was_made_against_it(book: str) -> None:
    """Two such texts a rule, short ones: RE2 refuses none of them and gives places inside of the text."""
    for rule in rulebook(book):
        for text in adversaries(rule.pattern, chars=2_000)[:2]:
            span = rule.first(text, text.translate(_KINDS))
            assert span is None or 0 <= span[0] <= span[1] <= len(text), rule.id
