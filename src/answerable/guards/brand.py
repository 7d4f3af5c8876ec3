"""Patterns of a project's own, from its files: what must never be said, or not in these words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import re2

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.detection import plain_view

MASKED = "[…]"
_RANK = {"block": 0, "mask": 1, "flag": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandPattern:
    """One pattern, compiled for the linear-time engine. `languages` of answers it is read in; empty: all."""

    id: str
    pattern: re.Pattern[str]
    action: Literal["flag", "mask", "block"]
    reason: str
    languages: tuple[str, ...] = ()
    replacement: str = MASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandGuard:
    """Blocks, masks or flags an answer by the project's patterns; the strictest action decides."""

    patterns: Sequence[BrandPattern]
    name: str = "brand"
    stage: Literal["question", "answer", "both"] = "answer"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """`rule` is the pattern's id, and the reason its own. A mask replaces every pattern that masks."""
        found = [] if answer is None else self._hits(answer)
        if answer is None or not found:
            return Verdict(name=self.name, passed=True)
        first = min(found, key=lambda one: _RANK[one.action])
        return Verdict(
            name=self.name,
            passed=False,
            action=first.action,
            outcome=Outcome.BLOCKED if first.action == "block" else None,
            replacement=masked(answer.text, found) if first.action == "mask" else None,
            rule=first.id,
            reason=first.reason,
        )

    def _hits(self, answer: Answer) -> list[BrandPattern]:
        spoken = (one for one in self.patterns if not one.languages or answer.language in one.languages)
        readings = (answer.text, plain_view(answer.text))
        return [one for one in spoken if any(map(one.pattern.search, readings))]


def masked(text: str, found: Iterable[BrandPattern]) -> str:
    """The text with each pattern's replacement where it masks; nothing at all where a disguise hides the place."""
    masks = [one for one in found if one.action == "mask"]
    for one in masks:
        text = one.pattern.sub(one.replacement.replace("\\", r"\\"), text)
    return "" if any(one.pattern.search(plain_view(text)) for one in masks) else text


def phrase_pattern(phrase: str) -> str:
    """A phrase as a pattern: whole words, whatever blanks are between them."""
    return r"\b" + r"\s+".join(re2.escape(word) for word in phrase.split()) + r"\b"


def compiled(pattern: str) -> re.Pattern[str]:
    """For the linear-time engine, without regard to case. Raises re2.error where it is none."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    found: re.Pattern[str] = re2.compile(pattern, options=options)
    return found
