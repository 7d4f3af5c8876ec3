"""Finds questions that try to take over: rules over every undone disguise, then a small classifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.classifier import classifier
from answerable.guards.detection import plain_view, views
from answerable.guards.rulebook import Hit, Rule, certainty, hits, rulebook

# docs/decisions/0046-injection-classifier.md has the figures behind these.
BLOCK_AT = 0.75
FLAG_AT = 0.6
CLASSIFIED_CHARS = 3_000
_WINDOW_CHARS = 60
QUOTED_AT = 0.7  # at most, where all that hits is quoted: somebody speaks about an attack
_QUOTED_SHARE = 0.6  # of a question: above it the quotes are part of the disguise
_OPEN_QUOTE = re.compile(r"(?:^|[\s(\[{:=>|*,`])[\"'`“‘«„][^\"`“”«»„\n]{0,80}$")
_CLOSE_QUOTE = re.compile(r"[^\"`“”«»„\n]{0,120}[\"'`”’»“]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How sure it is that a text tries to take over, in [0, 1], and what says so."""

    score: float
    rules: tuple[str, ...] = ()


def scan_question(text: str) -> Finding:
    """Rules over every view of the question; the classifier over its plain form."""
    found = hits(rules("question"), views(text))
    score = certainty((hit.rule, hit.rule.weight) for hit in found)
    learned = _learned(plain_view(text[:CLASSIFIED_CHARS]))
    highest = QUOTED_AT if _quoting(found, text) else 1.0
    names = tuple(hit.rule.id for hit in found)
    return Finding(
        score=min(highest, max(score, learned)), rules=(*names, "classifier") if learned >= FLAG_AT else names
    )


def _learned(folded: str) -> float:
    """Of the whole question or of its most suspicious stretch: an attack can follow a harmless question."""
    model = classifier("question")
    return max(model.probability(folded), model.peak(folded, window=_WINDOW_CHARS))


@cache
def rules(where: str) -> tuple[Rule, ...]:
    """Those for a question or for a document."""
    return tuple(rule for rule in rulebook("injection") if rule.where in (where, "both"))


def quoted_chars(hit: Hit) -> int:
    """How long the quotation is that the hit stands in, on its line; 0 for none."""
    before, after = hit.view[max(0, hit.start - 80) : hit.start], hit.view[hit.end : hit.end + 130]
    opening, closing = _OPEN_QUOTE.search(before), _CLOSE_QUOTE.match(after)
    if opening is None or closing is None:
        return 0
    return len(before) - opening.start() + (hit.end - hit.start) + closing.end()


def _quoting(found: Sequence[Hit], text: str) -> bool:
    """Whether every hit of a question stands in quotes, and the question is more than its quotes."""
    spelt_out = [hit for hit in found if not hit.rule.squashed]
    return bool(spelt_out) and all(0 < quoted_chars(hit) < _QUOTED_SHARE * len(text) for hit in spelt_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionGuard:
    """Blocks a question that surely tries to take over, flags one that may; in flag mode nothing is blocked."""

    mode: Literal["block", "flag"] = "block"
    block_at: float = BLOCK_AT
    flag_at: float = FLAG_AT
    name: str = "injection"
    stage: Literal["question", "answer", "both"] = "question"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """The score is the certainty in [0, 1]; `rule` is the first rule that hit."""
        if answer is not None:
            return Verdict(name=self.name, passed=True)
        finding = scan_question(query.text)
        if finding.score < self.flag_at:
            return Verdict(name=self.name, score=finding.score, passed=True)
        blocked = self.mode == "block" and finding.score >= self.block_at
        return Verdict(
            name=self.name,
            score=finding.score,
            passed=False,
            action="block" if blocked else "flag",
            outcome=Outcome.BLOCKED if blocked else None,
            rule=finding.rules[0] if finding.rules else "",
            reason=f"reads like an attempt to take over: {', '.join(finding.rules[:4])}",
        )
