"""The questions inside a question: what each part of it has to be searched for, without a model.

A part is words of the question itself; nothing is made up. A question that asks for one thing has no parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from answerable.answer.followup import points_back
from answerable.answer.question import stem_set
from answerable.text.facts import names
from answerable.text.sentences import sentences
from answerable.text.words import words

MOST = 4  # parts; more is a list, not a question
_FEWEST = 2  # stems of a part, or one name
_OWN = 1  # stems that no other part has
SUBJECT = 4  # words

_COMPARED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\bdiffer(?:ence|ences)\s+between\s+(?P<a>.+?)\s+and\s+(?P<b>[^?.!]+)",
        r"\bcompar(?:e|ed|ing)\s+(?P<a>.+?)\s+(?:with|to|and|against)\s+(?P<b>[^?.!]+)",
        r"\bhow\s+(?:does|do)\s+(?P<a>.+?)\s+differ\s+from\s+(?P<b>[^?.!]+)",
        r"(?:^|\b(?:better|cheaper|faster)[:,]?\s+)(?P<a>[^?.!,]+?)\s+(?:vs\.?|versus)\s+(?P<b>[^?.!]+)",
        r"\bunterschiede?\w*\s+zwischen\s+(?P<a>.+?)\s+und\s+(?P<b>[^?.!]+)",
        r"\bvergleich\w*\s+(?:von\s+)?(?P<a>.+?)\s+(?:mit|und)\s+(?P<b>[^?.!]+)",
        r"\bdiferencias?\s+(?:hay\s+)?entre\s+(?P<a>.+?)\s+y\s+(?P<b>[^?.!]+)",
        r"\bcompar(?:a|ar|ando|ación)\s+(?:de\s+)?(?P<a>.+?)\s+(?:con|y)\s+(?P<b>[^?.!]+)",
    )
)
_ASKING = (
    r"how|what|when|where|who|which|why|can|could|do|does|did|is|are|am|will|would|should|may|must|has|have"
    r"|wie|was|wann|wo|wer|welche\w*|warum|wohin|woher|kann|können|könnt|darf|muss|müssen|soll|gibt|ist|sind"
    r"|hat|habe"
    r"|cómo|qué|cuándo|dónde|quién\w*|cuánt\w+|cuál\w*|puedo|puede|pueden|debo|hay|es|son|tengo|tiene"
)
_ASKS = re.compile(rf"^\W*(?:(?:and|but|so|or|und|aber|oder|y|pero|o)\s+)?(?:{_ASKING})\b", re.I)
# A clause joined to another: what follows asks anew.
_JOINED = re.compile(rf"\s*[,;]?\s+(?:and|und|y|e)\s+(?=¿?(?:{_ASKING})\b)|\s*;\s+", re.I)
# A clause that says under which condition.
_CONDITION = re.compile(
    r"\s*,?\s+(?=(?:if|even if|even though|although|provided that|in case|falls|wenn|obwohl|sofern|auch wenn"
    r"|si|aunque|en caso de)\b)"
    r"|\s*,?\s+(?=(?:that|which|who)?\s*(?:i|we|you|was|were|is|are)?\s*(?:have\s+|had\s+)?"
    r"(?:bought|purchased|ordered|paid)\s+(?:it\s+|them\s+)?(?:with|using|in|on|during|at|from|by|through)\b)"
    r"|(?<!bought)(?<!ordered)(?<!purchased)(?<!paid)(?<! it)(?<!ich)(?<!compré)\s+"
    r"(?=(?:with|using|mit|con)\s+(?:the\s+)?(?:coupon|code|voucher|gutschein|cupón|código)?\s*[A-Z]{3,}\d+\b)"
    r"|\s*,\s+(?=(?:die|der|das|den|welche[nrs]?)\s+(?:ich|wir|man)\b)"
    r"|\s+(?=que\s+(?:compré|compramos|he comprado|pedí|pagué)\b)"
    r"|\s+(?=(?:comprad|pagad|pedid|adquirid)[oa]s?\s+(?:con|en|durante)\b)",
    re.I,
)
_FIRST = re.compile(  # the same, where the condition comes first: `If I …, can I …?`
    r"^\W*(?P<condition>(?:if|even if|although|when|falls|wenn|obwohl|si|aunque|cuando)\b[^,?]+),\s+(?P<rest>.+)$",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing to search for. `kind`: question, condition (a circumstance), or side (of a comparison)."""

    text: str
    kind: str


def decompose(question: str, *, language: str) -> tuple[Part, ...]:
    """The parts, at least two and at most MOST, in the order of the question; none where it asks for one thing."""
    found = _compared(question) or _clauses(question)
    own = _telling(found, language)
    return own if len(own) > 1 else ()


def asks(sentence: str) -> bool:
    """Whether a sentence is a question, by its mark or its first word."""
    return sentence.rstrip().endswith("?") or bool(_ASKS.match(sentence))


def _compared(question: str) -> list[Part]:
    """`the difference between A and B` is to be searched for A, and for B."""
    for pattern in _COMPARED:
        if match := pattern.search(question):
            return [Part(text=_clean(match[side]), kind="side") for side in ("a", "b")]
    return []


def _clauses(question: str) -> list[Part]:
    """Sentences, the questions joined in them, and the conditions that hang on these."""
    parts: list[Part] = []
    for start, end in sentences(question, "en"):
        for clause in _JOINED.split(question[start:end]):
            parts += _conditions(clause)
    return parts


def _conditions(clause: str) -> list[Part]:
    if first := _FIRST.match(clause):
        return [Part(text=_clean(first["condition"]), kind="condition"), *_conditions(first["rest"])]
    head, *tail = [_clean(piece) for piece in _CONDITION.split(clause)]
    kind = "question" if _ASKS.match(head) or clause.rstrip().endswith("?") else "condition"
    return [Part(text=head, kind=kind), *(Part(text=piece, kind="condition") for piece in tail)]


def _telling(parts: Iterable[Part], language: str) -> tuple[Part, ...]:
    """Those that could be searched for alone, a pointing one with what it points at; no two for the same words."""
    kept: list[Part] = []
    subject = ""
    for given in parts:
        points = given.kind == "question" and subject and points_back(given.text, language)
        part = replace(given, text=f"{given.text} ({subject})") if points else given
        own = stem_set(part.text, language)
        before = frozenset[str]().union(*(stem_set(one.text, language) for one in kept))
        if part.kind == "side" or (_enough(part, own, language) and len(own - before) >= _OWN):
            subject = subject or _subject(part.text, language)
            kept.append(part)
    return tuple(kept[:MOST])


def _enough(part: Part, stems: frozenset[str], language: str) -> bool:
    return len(stems) >= _FEWEST or bool(names(f"x {part.text[:1].lower()}{part.text[1:]}", language))


def _subject(text: str, language: str) -> str:
    """The last telling words of a clause: what a later `it` is likely about."""
    telling = [word for word, _, _ in words(text) if stem_set(word, language)]
    return " ".join(telling[-SUBJECT:])


def _clean(text: str) -> str:
    return text.strip(" \t\n,;:?!.¿¡")
