"""Finds questions that try to take over: rules over every undone disguise, then a small classifier."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.classifier import Linear, classifier
from answerable.guards.detection import plain_view, views
from answerable.guards.rulebook import Hit, Rule, certainty, hits, rulebook

# docs/decisions/0208-detection.md has the figures behind these.
BLOCK_AT = 0.75
FLAG_AT = 0.6
CLASSIFIED_CHARS = 1_500  # of a question as a whole; its stretches are looked at to the end
_STRETCHED_CHARS = 6_000
_WINDOW_CHARS = 60
_STRETCH_PENALTY = 1.33  # in logits: of many stretches one looks like an attack by chance; .85 counts as .6
QUOTED_AT = 0.7  # at most, where all that hits is quoted: somebody may speak about an attack
SPOKEN_AT = 0.5  # at most, where what leads up to every quotation says that it is one
_QUOTED_SHARE = 0.6  # of a question: above it the quotes are part of the disguise
_OPEN_QUOTE = re.compile(r"(?:^|[\s(\[{:=>|*,`])[\"'`“‘«„][^\"`“”«»„\n]{0,80}$")
_SPOKEN_OF = re.compile(
    r"\b(?:phrases?|examples?|quot\w+|prompts? like|samples?|fixtures?|report\w*|included?|contain\w*|says?|said"
    r"|flag\w*|detect\w*|attack\w*|malicious|scam|such as|e\.g|beispiel\w*|ejemplo\w*|maps?|describes?|called"
    r"|mentions?|text)\b[^\n]{0,60}$"
)
_FOLLOWED = re.compile(r"\b(?:do|obey|follow|execute|run|apply|now|mach\w*|befolg\w*|haz|sigue)\b")
_CLOSE_QUOTE = re.compile(r"[^\"`“”«»„\n]{0,120}[\"'`”’»“]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How sure it is that a text tries to take over, in [0, 1], and what says so."""

    score: float
    rules: tuple[str, ...] = ()


def scan_question(text: str) -> Finding:
    """Rules over every view of the question; the classifier over its plain form."""
    return judged(text, classifier("question"))


def judged(text: str, model: Linear) -> Finding:
    """The same by other weights."""
    found = hits(rules("question"), views(text))
    score = certainty((hit.rule, hit.rule.weight) for hit in found)
    likely = learned(plain_view(text[:_STRETCHED_CHARS]), model)
    highest = _highest(found, text)
    names = tuple(hit.rule.id for hit in found)
    return Finding(
        score=min(highest, max(score, likely)), rules=(*names, "classifier") if likely >= FLAG_AT else names
    )


def learned(folded: str, model: Linear) -> float:
    """Of the whole question or, less surely, of its most suspicious stretch: an attack can follow a question."""
    peak = model.peak(folded, window=_WINDOW_CHARS)
    odds = peak / max(1e-9, 1.0 - peak) * math.exp(-_STRETCH_PENALTY)
    return max(model.probability(folded[:CLASSIFIED_CHARS]), odds / (1.0 + odds))


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


def _highest(found: Sequence[Hit], text: str) -> float:
    """What the score may be: less where every hit stands in quotes, and the question is more than its quotes."""
    spelt_out = [hit for hit in found if not hit.rule.squashed]
    if not spelt_out or not all(0 < quoted_chars(hit) < _QUOTED_SHARE * len(text) for hit in spelt_out):
        return 1.0
    return SPOKEN_AT if all(map(_is_mentioned, spelt_out)) else QUOTED_AT


def _is_mentioned(hit: Hit) -> bool:
    """Whether words before the quotation call it one, and none before it ask to act on it."""
    before = hit.view[max(0, hit.start - 160) : hit.start]
    return bool(_SPOKEN_OF.search(before)) and not _FOLLOWED.search(before)


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
