"""Pages that nobody vouches for: they speak where no other page does, and what decides a case needs two of them.

Why, and the figures: docs/decisions/0218-pages-nobody-vouches-for.md. Against PoisonedRAG (Zou et al. 2024).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answerable.answer.abstention import Answerability
from answerable.answer.copies import same
from answerable.answer.verification import check_support
from answerable.core.passage import LOW, Passage
from answerable.core.query import Query
from answerable.text.echo import Questions
from answerable.text.facts import facts

VOUCHED_BAR = 0.5  # probability from which the other pages are left to answer alone
PER_SOURCE = 2  # of the kept passages, of one such source, while others have something to say
ONE_SOURCE = "one_source"  # why a sentence is withheld
# Who may have what, by when, for how much: what a person acts on.
_ENTITLES = re.compile(
    r"\b(?:must|may|entitled|eligib\w+|allowed|permitted|required|free|refund\w*|fees?|deadlines?|within|until|warrant\w+"
    r"|guarantee\w*|approv\w+|waiv\w+"
    r"|muss|müssen|darf|dürfen|berechtigt|erlaubt|kostenlos|frist\w*|innerhalb|erstatt\w+|gebühr\w*|garantie\w*|anspruch"
    r"|debe\w*|puede\w*|derecho|gratis|gratuit\w+|plazo\w*|dentro de|reembols\w+|tarifa\w*|garantía\w*)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The passages that may answer, and those set aside, with the reason in a word: vouched or echo."""

    passages: tuple[Passage, ...]
    aside: tuple[tuple[Passage, str], ...] = ()


def heard(
    query: Query, passages: Sequence[Passage], weights: Mapping[str, float], answerability: Answerability
) -> Heard:
    """Without the pages nobody vouches for, where the others can answer; else without those of them that repeat
    the question word for word, as long as anything is left."""
    low = [one for one in passages if one.trust == LOW]
    if not low:
        return Heard(passages=tuple(passages))
    vouched = tuple(one for one in passages if one.trust != LOW)
    if vouched and answerability.judge(query, vouched, weights).probability >= VOUCHED_BAR:
        return Heard(passages=vouched, aside=tuple((one, "vouched") for one in low))
    asked = Questions((query.text,))
    echoes = [one for one in low if asked.echoed_by(one.chunk.text)]
    kept = tuple(one for one in passages if one not in echoes)
    if not kept:
        return Heard(passages=tuple(passages))
    return Heard(passages=kept, aside=tuple((one, "echo") for one in echoes))


def capped_by_source(passages: Sequence[Passage]) -> list[Passage]:
    """At most PER_SOURCE of each source nobody vouches for before the others; the rest behind them, in order."""
    seen: Counter[str] = Counter()
    before: list[Passage] = []
    behind: list[Passage] = []
    for one in passages:
        seen[one.source] += one.trust == LOW
        (behind if one.trust == LOW and seen[one.source] > PER_SOURCE else before).append(one)
    return [*before, *behind]


def rests_on_one(sentence: str, cited: Sequence[Passage], context: Sequence[Passage], *, language: str) -> bool:
    """Whether only pages nobody vouches for say it, all of one source, or in words one took from the other."""
    if not cited or any(one.trust != LOW for one in cited):
        return False
    says = [one for one in context if one not in cited and _says(sentence, one, language)]
    if any(one.trust != LOW for one in says):
        return False
    first = cited[0]
    return all(other.source == first.source or same(first, other) for other in (*cited[1:], *says))


def decides(sentence: str, *, language: str) -> bool:
    """Whether a person would act on it: it has a number or a date, or says what is due to whom."""
    found = facts(sentence, language)
    return bool(found.numbers or found.dates or _ENTITLES.search(sentence))


def aside_rows(found: Heard) -> list[dict[str, str]]:
    """Those set aside, as a trace keeps them."""
    return [
        {"chunk": one.chunk.id, "uri": one.uri, "source": one.source, "trust": one.trust, "why": why}
        for one, why in found.aside
    ]


def _says(sentence: str, passage: Passage, language: str) -> bool:
    return check_support(sentence, [passage], language=language).supported
