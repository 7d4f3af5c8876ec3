"""Two documents that say different amounts of the same thing: the person is shown both, never one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from answerable.answer.extractive import Candidate, candidates
from answerable.answer.question import coverage
from answerable.core.prompt import ContextBlock
from answerable.text.facts import facts
from answerable.text.numbers import numbers

MIN_COVERAGE = 0.5  # docs/decisions/0005-conflicts.md
MIN_LIKENESS = 0.5
_UNITS = {
    "day": "days? tage?n? d[ií]as?", "week": "weeks? wochen? semanas?", "month": "months? monate?n? mes(?:es)?",
    "year": "years? jahre?n? años?", "hour": "hours? stunden? horas?", "minute": "minutes? minuten? minutos?",
    "percent": "% percent prozent", "euro": "€ eur euros?", "dollar": r"\$ usd dollars?", "pound": "£ gbp pounds?",
}  # fmt: skip
_UNIT = "|".join(f"(?P<{unit}>{'|'.join(words.split())})" for unit, words in _UNITS.items())
_BETWEEN = r"[\s-]*(?:business|working|calendar|consecutive|werk|kalender)?[\s-]*"
_QUANTITY = re.compile(rf"(?P<number>\d[\d.,]*){_BETWEEN}(?:{_UNIT})(?!\w)", re.I)
_PREFIXED = re.compile(r"(?P<sign>[€$£])\s?(?P<number>\d[\d.,]*)")
_SIGNS = {"€": "euro", "$": "dollar", "£": "pound"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The two sentences, the newer document's first where both have a date."""

    first: Candidate
    second: Candidate
    unit: str


def find_conflict(blocks: Sequence[ContextBlock], weights: Mapping[str, float]) -> Conflict | None:
    """The clash that matters most: same subject, same unit, another amount, another document; or none."""
    fitting = [
        (coverage(weights, one.stems | one.around), one)
        for block in blocks
        for one in candidates(block)
        if quantities(one.text)
    ]
    fitting = [pair for pair in fitting if pair[0] >= MIN_COVERAGE]
    clashes = [
        (a_fit + b_fit, conflict)
        for (a_fit, a), (b_fit, b) in combinations(fitting, 2)
        if a.block.passage.chunk.document_id != b.block.passage.chunk.document_id and (conflict := _clash(a, b))
    ]
    return max(clashes, key=lambda pair: pair[0], default=(0.0, None))[1]


def quantities(text: str) -> dict[str, frozenset[str]]:
    """Every amount by its unit."""
    found: dict[str, set[str]] = {}
    for match in _QUANTITY.finditer(text):
        unit = next(name for name in _UNITS if match.group(name))
        found.setdefault(unit, set()).update(*numbers(match.group("number")))
    for match in _PREFIXED.finditer(text):
        found.setdefault(_SIGNS[match.group("sign")], set()).update(*numbers(match.group("number")))
    return {unit: frozenset(values) for unit, values in found.items()}


def _clash(a: Candidate, b: Candidate) -> Conflict | None:
    mine, theirs = quantities(a.text), quantities(b.text)
    shared = mine.keys() & theirs.keys()
    if len(mine) != 1 or len(theirs) != 1 or not shared:
        return None
    (unit,) = shared
    if mine[unit] & theirs[unit] or not _same_subject(a, b):
        return None
    newer_second = (b.block.passage.updated_at or a.block.passage.updated_at) and _date(b) > _date(a)
    first, second = (b, a) if newer_second else (a, b)
    return Conflict(first=first, second=second, unit=unit)


def _date(one: Candidate) -> str:
    return one.block.passage.updated_at.isoformat() if one.block.passage.updated_at else ""


def _same_subject(a: Candidate, b: Candidate) -> bool:
    """Alike in content words, and neither names a thing that the other does not (a country, a product, a code)."""
    language = a.block.passage.language
    if language != b.block.passage.language:
        return False
    mine = {one for one in a.stems if not one.isdigit()}
    theirs = {one for one in b.stems if not one.isdigit()}
    if not mine or not theirs or len(mine & theirs) / min(len(mine), len(theirs)) < MIN_LIKENESS:
        return False
    return set(facts(a.text, language).names) == set(facts(b.text, language).names)
