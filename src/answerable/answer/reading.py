"""A question as it is searched for: slips of spelling settled, codes as the index writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answerable.core.ports import Snapshot, Speller
from answerable.text.facts import names
from answerable.text.spelling import is_plain, nearest_word, reach
from answerable.text.stems import stems
from answerable.text.words import fold, words

GUESSED = 0.8  # a word that was read as another tells a little less than a right one
SURE = 1.0  # distance up to which a word is corrected that may be a name, or stands among strangers
STRANGERS = 0.5  # of the telling words unknown: the question may be of another world or language
_CODE = re.compile(r"\b([^\W\d_]{1,8})[-_./ ]?(\d{2,10})\b")
_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The text that is searched for, and each word of the question that was read as another."""

    text: str
    corrections: tuple[tuple[str, str], ...] = ()  # as written, as read


async def read(view: Snapshot, text: str, *, language: str) -> Reading:
    """The text with the words that the index does not have replaced by those that were meant, where one is near.

    Only words of letters alone are corrected, and only unknown ones: so an exact match never loses to a guess.
    A code is looked up as written and in its other writings (`E217`, `E-217`), of which the index's own wins.
    """
    if not isinstance(view, Speller):
        return Reading(text=text)
    unknown = await view.unknown(text, language=language)
    codes = await _codes(view, text, unknown, language)
    plain = [one for one in unknown if is_plain(one)]
    meant = await _meant(view, plain, text, language) if plain else {}
    return _replaced(text, {**meant, **codes})


async def _meant(view: Speller, plain: Sequence[str], text: str, language: str) -> dict[str, str]:
    near = await view.alike(plain, language=language)
    careful = _careful(text, plain, language)
    meant = {}
    for word, known in near.items():
        most = SURE if word in careful else float(reach(word))
        if found := nearest_word(word, known, most=most):
            meant[word] = found
    return meant


def _careful(text: str, unknown: Sequence[str], language: str) -> frozenset[str]:
    """The words that are corrected only where one slip explains them: names, and all where most are unknown."""
    telling = {fold(word) for word, _, _ in words(text) if is_plain(fold(word))}
    if telling and len(unknown) > STRANGERS * len(telling) and len(unknown) > 1:
        return frozenset(unknown)
    return frozenset(names(text, language))


async def _codes(view: Speller, text: str, unknown: Sequence[str], language: str) -> dict[str, str]:
    """Codes of the text that the index has in another writing only."""
    missing = set(unknown)
    others = {
        written: [one for one in writings if one != fold(written)]
        for written, writings in ((match.group(), _writings(*match.groups())) for match in _CODE.finditer(text))
        if fold(written) in missing or " " in written
    }
    if not others:
        return {}
    absent = set(
        await view.unknown(" ; ".join(one for found in others.values() for one in found), language=language)
    )
    known = {written: [one for one in found if one not in absent] for written, found in others.items()}
    return {fold(written): found[0] for written, found in known.items() if found}


def _writings(letters: str, digits: str) -> tuple[str, ...]:
    letters = fold(letters)
    return f"{letters}-{digits}", f"{letters}{digits}", f"{letters}_{digits}", f"{letters}.{digits}"


def _replaced(text: str, meant: Mapping[str, str]) -> Reading:
    if not meant:
        return Reading(text=text)
    spans = {match.span() for pattern in (_CODE, _PART) for match in pattern.finditer(text)}
    pieces, corrections, end = list[str](), dict[tuple[str, str], None](), 0
    for start, stop in sorted(spans, key=lambda one: (one[0], -one[1])):  # a code before its parts
        as_read = meant.get(fold(text[start:stop]))
        if as_read is not None and start >= end:
            pieces += [text[end:start], as_read]
            corrections[text[start:stop], as_read] = None
            end = stop
    return Reading(text="".join((*pieces, text[end:])), corrections=tuple(corrections))


def discounted(weights: Mapping[str, float], reading: Reading, language: str) -> Mapping[str, float]:
    """The weights of the text's stems, those of corrected words a little lower."""
    guessed = {one for _, meant in reading.corrections for one in stems(meant, language, stop=False)}
    return {one: weight * GUESSED if one in guessed else weight for one, weight in weights.items()}
