"""The answer when two pages disagree: both in their own words with their dates, the newer first."""

from __future__ import annotations

from answerable.answer.candidates import Candidate
from answerable.answer.composition import Composition, Shown
from answerable.answer.conflict import Conflict
from answerable.answer.texts import Texts


def disagree(composition: Composition, conflict: Conflict, texts: Texts) -> list[Shown]:
    """Write it; every side is an exact quote."""
    language = composition.language
    shown = [composition.note(texts.say("conflict", language))]
    sides = (conflict.first, conflict.second)
    shown += [composition.quote(side.block, side.text, lead=_lead(side, texts, language)) for side in sides]
    if all(side.block.passage.updated_at for side in sides):
        shown.append(composition.note(texts.say("conflict.newer", language)))
    return shown


def _lead(side: Candidate, texts: Texts, language: str) -> str:
    passage = side.block.passage
    date = passage.updated_at.isoformat() if passage.updated_at else ""
    values = {"title": passage.title, "quote": side.text, "date": date}
    return texts.say("conflict.side" if date else "conflict.undated", language, values)
