"""What a question asks for, as far as its words tell: its telling terms and the kind of answer it wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from answerable.core.passage import Passage
from answerable.text.facts import facts
from answerable.text.stems import stems


class AnswerKind(StrEnum):
    """What has to be in a sentence for it to answer."""

    MONEY = "money"
    DATE = "date"
    NUMBER = "number"
    PLACE = "place"
    PERSON = "person"
    OTHER = "other"


_KINDS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = (
    (
        AnswerKind.MONEY,
        re.compile(
            r"\bhow much (?:does|do|is|are|will|would|did)\b|\b(?:price|cost|costs|fee)\b"
            r"|\bkostet|\bpreis|\bgebühr"
            r"|\bcuánto (?:cuesta|vale|cobra)|\bprecio",
            re.I,
        ),
    ),
    (
        AnswerKind.NUMBER,
        re.compile(
            r"\bhow (?:many|much|long|often|far|fast|big|large|tall|old|late|soon|quickly)\b"
            r"|\bwhat (?:percentage|number)"
            r"|\bwie (?:viel|viele|lange|oft|weit|groß|hoch|alt|schnell)|\bcuánt[oa]s?\b"
            r"|\bdeadline\b|\bfrist\b|\bplazo\b",
            re.I,
        ),
    ),
    (
        AnswerKind.DATE,
        re.compile(
            r"^\W*when\b|\bwhat (?:year|date|day|time)\b|\bin which year\b|^\W*wann\b|^\W*¿?cuándo\b"
            r"|\bqué (?:año|día)",
            re.I,
        ),
    ),
    (AnswerKind.PERSON, re.compile(r"\bwho\b|\bwhom\b|\bwhose\b|^\W*wer\b|^\W*¿?quién", re.I)),
    (
        AnswerKind.PLACE,
        re.compile(
            r"^\W*where\b|\bin (?:what|which) (?:country|city|place)|^\W*wo\b|^\W*wohin\b|^\W*¿?dónde", re.I
        ),
    ),
)
_MONEY = re.compile(r"[€$£¥]|\b(?:eur|usd|gbp|chf|euros?|dollars?|free|kostenlos|gratis)\b", re.I)


def answer_kind(question: str) -> AnswerKind:
    """The kind of answer the question wants."""
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), AnswerKind.OTHER)


def holds_kind(sentence: str, kind: AnswerKind, language: str = "en") -> bool:
    """Whether a sentence has something of that kind in it."""
    if kind is AnswerKind.OTHER:
        return False
    found = facts(sentence, language)
    if kind is AnswerKind.MONEY:
        return bool(_MONEY.search(sentence))
    if kind is AnswerKind.DATE:
        return bool(found.dates) or any(len(one) == 4 for number in found.numbers for one in number)
    if kind is AnswerKind.NUMBER:
        return bool(found.numbers)
    return bool(found.names)


def passage_stems(passage: Passage) -> frozenset[str]:
    """Every stem of a passage with its title and headings."""
    return stem_set(" ".join((passage.title, *passage.chunk.headings, passage.chunk.text)), passage.language)


@lru_cache(maxsize=8192)
def stem_set(text: str, language: str) -> frozenset[str]:
    """The distinct stems of a text."""
    return frozenset(stems(text, language))


def coverage(weights: Mapping[str, float], held: frozenset[str]) -> float:
    """The share in [0, 1] of the question's weight that `held` covers; 0 for a question without terms."""
    total = sum(weights.values())
    return sum(weight for one, weight in weights.items() if one in held) / total if total > 0 else 0.0


_JOINT = re.compile(
    r"(?<=[.?!;])\s+|,?\s+(?:and|und|y)\s+(?=(?:how|what|when|where|who|which|why|can|could|do|does|is|are|will"
    r"|wie|was|wann|wo|wer|welche\w*|warum|kann|muss|gibt|cómo|qué|cuándo|dónde|quién|cuánt\w+|puedo|hay)\b)",
    re.I,
)
_FEWEST = 2  # stems; less is no question of its own


def parts(question: str, *, language: str) -> list[str]:
    """The questions in a question, at most 3: `Can I return it, and how do I get my money back?` asks two."""
    pieces = [piece.strip() for piece in _JOINT.split(question) if piece.strip()]
    asked = [piece for piece in pieces if piece.endswith("?") or _asks(piece)]
    telling = [piece for piece in asked if len(stem_set(piece, language)) >= _FEWEST]
    return telling[:3] if len(telling) > 1 else [question]


def _asks(piece: str) -> bool:
    return bool(_JOINT.match(f" and {piece}"))
