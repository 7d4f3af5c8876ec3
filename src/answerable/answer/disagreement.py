"""The answer when two pages disagree: both in their own words with their dates, the newer first.

Where a declared rule decides, its page is quoted, and the rule and the other page are named: nothing is picked in
silence.
"""

from __future__ import annotations

from answerable.answer.candidates import Candidate
from answerable.answer.composition import Composition, Shown
from answerable.answer.conflict import Conflict
from answerable.answer.texts import Texts


def disagree(composition: Composition, conflict: Conflict, texts: Texts) -> list[Shown]:
    """Write it; every side is an exact quote."""
    language = composition.language
    if conflict.rule:
        return _ruled(composition, conflict, texts)
    shown = [composition.note(texts.say("conflict", language))]
    sides = (conflict.first, conflict.second)
    shown += [composition.quote(side.block, side.text, lead=_lead(side, texts, language)) for side in sides]
    if all(side.block.passage.updated_at for side in sides):
        shown.append(composition.note(texts.say("conflict.newer", language)))
    return shown


def _ruled(composition: Composition, conflict: Conflict, texts: Texts) -> list[Shown]:
    language, first, second = composition.language, conflict.first, conflict.second
    quoted = composition.quote(first.block, first.text, lead=_lead(first, texts, language))
    other = second.block.passage
    date = other.updated_at.isoformat() if other.updated_at else texts.say("conflict.no_date", language)
    values = {"title": other.title or other.uri, "date": date}
    return [quoted, composition.note(texts.say(f"conflict.by.{conflict.rule}", language, values))]


def _lead(side: Candidate, texts: Texts, language: str) -> str:
    passage = side.block.passage
    date = passage.updated_at.isoformat() if passage.updated_at else ""
    values = {"title": passage.title, "quote": side.text, "date": date}
    return texts.say("conflict.side" if date else "conflict.undated", language, values)
