"""The answer when two pages disagree: both in their own words with their dates, the newer first.

Where a declared rule decides, its page is quoted, and the rule and the other page are named: nothing is picked in
silence.
"""

from __future__ import annotations

from collections.abc import Iterator

from answerable.answer.candidates import Candidate
from answerable.answer.composition import Composition, Shown
from answerable.answer.conflict import Conflict
from answerable.answer.texts import Texts


def disagree(composition: Composition, conflict: Conflict, texts: Texts) -> Iterator[Shown]:
    """Write it, a sentence at a time, so that each may be looked at; every side is an exact quote."""
    language = composition.language
    if conflict.rule:
        yield from _ruled(composition, conflict, texts)
        return
    yield composition.note(texts.say("conflict", language))
    sides = (conflict.first, conflict.second)
    for side in sides:
        yield composition.quote(side.block, side.text, lead=_lead(side, texts, language))
    if all(side.block.passage.updated_at for side in sides):
        yield composition.note(texts.say("conflict.newer", language))


def _ruled(composition: Composition, conflict: Conflict, texts: Texts) -> Iterator[Shown]:
    language, first, second = composition.language, conflict.first, conflict.second
    yield composition.quote(first.block, first.text, lead=_lead(first, texts, language))
    other = second.block.passage
    date = other.updated_at.isoformat() if other.updated_at else texts.say("conflict.no_date", language)
    values = {"title": other.title or other.uri, "date": date}
    yield composition.note(texts.say(f"conflict.by.{conflict.rule}", language, values))


def _lead(side: Candidate, texts: Texts, language: str) -> str:
    passage = side.block.passage
    date = passage.updated_at.isoformat() if passage.updated_at else ""
    values = {"title": passage.title, "quote": side.text, "date": date}
    return texts.say("conflict.side" if date else "conflict.undated", language, values)
