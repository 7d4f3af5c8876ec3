"""Finds instructions that try to take over: rules first, then a small classifier, in questions and in documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.canonical import canonicalize
from answerable.guards.classifier import classifier
from answerable.guards.detection import MAX_CHARS, fold_lookalikes, views
from answerable.guards.rulebook import Hit, Rule, certainty, hits, rulebook
from answerable.text.sentences import sentences

Mode = Literal["block", "flag"]
# docs/decisions/0046-injection-classifier.md has the figures behind these.
BLOCK_AT = 0.7
FLAG_AT = 0.5
MARK_AT = 0.7  # a document, by its rules
MARK_WINDOW_AT, MARK_WINDOW_CHARS = 0.75, 60  # a document, by its most suspicious stretch
CLASSIFIED_CHARS = 3_000
_UNIT_CHARS = (16, 400)
_PIECE_CHARS = 8_000  # of a long document, with an overlap
_OVERLAP_CHARS = 400
_INVISIBLE = 4  # characters inside of words: fewer are accidents of typesetting
_QUOTED_WEIGHT = 0.55  # of a rule whose hit is quoted: somebody speaks about an attack
_QUOTED_SHARE = 0.6  # of a question: above it the quotes are part of the disguise
_OPEN_QUOTE = re.compile(r"(?:^|[\s(\[:>|*])[\"'`“‘«„][^\"`“”«»„\n]{0,80}$")
_CLOSE_QUOTE = re.compile(r"[^\"`“”«»„\n]{0,120}[\"'`”’»“]")
_SPOKEN_OF = re.compile(
    r"\b(?:attack\w*|adversar\w*|malicious\w*|injection\w*|jailbreak\w*|attempt\w*|such as|e\.g|instruct\w*"
    r"|trick\w*|craft\w*|phrases?|prevent\w*|detect\w*|angriff\w*|ataque\w*)\b[^\n]{0,100}$"
)
_ZERO_WIDTH_IN_WORD = re.compile("[a-z][\u200b\u200c\u200d\u2060\u00ad\ufeff\U000e0000-\U000e01ef]+(?=[a-z])", re.I)
_HIDDEN_MARKUP = re.compile(
    r"<!--(.{1,2000}?)-->"
    r"|<[a-z]{1,10}\b[^>]{0,200}(?:display\s?:\s?none|visibility\s?:\s?hidden|font-size\s?:\s?[012](?:px|pt|em)?\b"
    r"|opacity\s?:\s?0\b|color\s?:\s?#?(?:fff(?:fff)?\b|white))[^>]{0,200}>([^<]{1,2000})<",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How sure it is that a text tries to take over, in [0, 1], and what says so."""

    score: float
    rules: tuple[str, ...] = ()


def scan_question(text: str) -> Finding:
    """Rules over every view of the question; the classifier over its plain form."""
    found = hits(_rules("question"), views(text))
    quoting = _quoting(found, text)
    score = certainty((hit.rule, _weight(hit, quoting)) for hit in found)
    learned = classifier("question").probability(_plain(text[:CLASSIFIED_CHARS]))
    if quoting:
        learned *= _QUOTED_WEIGHT
    names = tuple(hit.rule.id for hit in found)
    return Finding(score=max(score, learned), rules=(*names, "classifier") if learned >= FLAG_AT else names)


def scan_document(text: str) -> tuple[str, ...]:
    """Names of what makes a document suspicious, without repeats; empty for a clean one.

    Rule ids; `classifier` for a sentence that reads like a planted instruction; `hidden.message` for text smuggled
    in invisible characters, `hidden.characters` for words cut by them, `hidden.markup` for instructions in markup
    that a reader does not see. A finding is a reason to mark and to ask the owner, never to drop silently.
    """
    names: dict[str, None] = dict.fromkeys(_hidden(text))
    for piece in _pieces(text):
        names |= dict.fromkeys(_rule_names(piece))
        if classifier("document").peak(_plain(piece), window=MARK_WINDOW_CHARS) >= MARK_WINDOW_AT:
            names["classifier"] = None
    return tuple(names)


def units(text: str) -> Iterator[str]:
    """The sentences and lines of a document in folded form, as the document classifier is trained on."""
    folded = _plain(text)
    shortest, longest = _UNIT_CHARS
    for start, end in sentences(folded):
        if end - start >= shortest:
            yield folded[start : min(end, start + longest)]


def _rule_names(piece: str) -> list[str]:
    found = hits(_rules("document"), views(piece))
    sure = certainty((hit.rule, _weight(hit, _is_quoted(hit) or _is_spoken_of(hit))) for hit in found)
    return [hit.rule.id for hit in found] if sure >= MARK_AT else []


def _hidden(text: str) -> Iterator[str]:
    if any(len(message) >= 8 for message in canonicalize(text[:MAX_CHARS]).hidden):
        yield "hidden.message"
    if len(_ZERO_WIDTH_IN_WORD.findall(text)) >= _INVISIBLE:
        yield "hidden.characters"
    for match in _HIDDEN_MARKUP.finditer(text):
        if _rule_names(match.group(1) or match.group(2)):
            yield "hidden.markup"
            return


def _pieces(text: str) -> Iterator[str]:
    step = _PIECE_CHARS - _OVERLAP_CHARS
    yield from (text[start : start + _PIECE_CHARS] for start in range(0, max(1, len(text) - _OVERLAP_CHARS), step))


def _plain(text: str) -> str:
    return fold_lookalikes(canonicalize(text).text)


@cache
def _rules(where: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rulebook("injection") if rule.where in (where, "both"))


def _weight(hit: Hit, quoted: bool) -> float:
    return hit.rule.weight * (_QUOTED_WEIGHT if quoted else 1.0)


def _quoting(found: Iterable[Hit], text: str) -> bool:
    """Whether every hit of a question stands in quotes, and the question is more than its quotes."""
    found = [hit for hit in found if not hit.rule.squashed]
    return bool(found) and all(
        _is_quoted(hit) and hit.end - hit.start < _QUOTED_SHARE * len(text) for hit in found
    )


def _is_quoted(hit: Hit) -> bool:
    before, after = hit.view[max(0, hit.start - 80) : hit.start], hit.view[hit.end : hit.end + 130]
    return bool(_OPEN_QUOTE.search(before) and _CLOSE_QUOTE.match(after))


def _is_spoken_of(hit: Hit) -> bool:
    return bool(_SPOKEN_OF.search(hit.view[max(0, hit.start - 120) : hit.start]))


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionGuard:
    """Blocks a question that surely tries to take over, flags one that may; in flag mode nothing is blocked."""

    mode: Mode = "block"
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
