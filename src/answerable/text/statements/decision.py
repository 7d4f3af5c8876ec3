"""Two statements: do they contradict each other, hold for different things, replace one another, or agree?

Precision first: whoever is told of ten conflicts and finds eight that are none stops reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from answerable.text.statements.modality import clash
from answerable.text.statements.periods import other_period
from answerable.text.statements.scope import Extent, apart
from answerable.text.statements.statement import Page, Statement
from answerable.text.statements.wording import ordered
from answerable.text.words import fold

# docs/decisions/0128-when-two-statements-conflict.md
MIN_LIKENESS = 0.6  # of the less alike one's clause, in weight of its stems
MIN_LIKENESS_STRICT = 0.75  # where there is no amount: two that differ in a `not` must be about the very same
MIN_SHARED = 2  # stems in both sentences
SURE_SHARED = 3  # so many stand for themselves, wherever they are written
COMPOUND_CHARS = 8
_DIGITS = re.compile(r"\bv?\d+(?:[./-]\d+)*\b|\b(?:version|edition|ausgabe|fassung|versi[oó]n)\b", re.I)
_VERSIONED = re.compile(r"(?<![a-z\d])v?(?:20\d\d(?:-?[01]\d)?(?:-?[0-3]\d)?|\d+\.\d+(?:\.\d+)*)(?!\d)", re.I)
_SAME_TITLE = 0.8


class Decision(StrEnum):
    """What two statements are to each other."""

    CONFLICT = "conflict"
    SCOPE = "scope"
    SUPERSESSION = "supersession"
    AGREEMENT = "agreement"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision with its reason in words."""

    decision: Decision
    kind: str = ""  # amount | date | clock | modality | nothing
    reason: str = ""
    likeness: float = 0.0  # in [0, 1]


def decide(a: Statement, b: Statement, weights: Mapping[str, float]) -> Decided:
    """For two statements of different pages in one language. weights: how telling each stem is."""
    kind = kind_of(a, b)
    if not kind:
        return Decided(decision=Decision.UNRELATED, reason="not comparable")
    likeness, shared = alike(a, b, weights)
    if not _same_subject(a, b, kind, likeness, shared):
        return Decided(decision=Decision.UNRELATED, reason="another subject", likeness=likeness)
    if not _contradict(a, b, kind):
        return Decided(decision=Decision.AGREEMENT, kind=kind, likeness=likeness)
    both = may_both_stand(a, b)
    if both.decision is not Decision.UNRELATED:
        return replace(both, kind=kind, likeness=likeness)
    return Decided(decision=Decision.CONFLICT, kind=kind, reason=_differ(a, b, kind), likeness=likeness)


def may_both_stand(a: Statement, b: Statement) -> Decided:
    """SCOPE or SUPERSESSION with the reason why two that differ do not contradict each other, else UNRELATED."""
    if reason := _other_scope(a, b, a.whole & b.whole):
        return Decided(decision=Decision.SCOPE, reason=reason)
    if reason := supersession(a.page, b.page) or _validity(a, b):
        return Decided(decision=Decision.SUPERSESSION, reason=reason)
    return Decided(decision=Decision.UNRELATED)


def differ(a: Statement, b: Statement) -> bool:
    """Whether two comparable statements cannot both be so, if they are about the same."""
    return _contradict(a, b, kind_of(a, b))


def kind_of(a: Statement, b: Statement) -> str:
    """What of the two can be compared; empty for nothing."""
    if a.page.id == b.page.id or a.page.language != b.page.language:
        return ""
    if a.amount and b.amount:
        opposite = a.amount.slot == "count" and "must_not" in (a.modality, b.modality) and a.modality != b.modality
        return a.amount.slot if a.amount.comparable(b.amount) and not opposite else ""
    if a.nothing or b.nothing:
        none, some = (a, b) if a.nothing else (b, a)
        is_some = some.amount is not None and some.modality in (
            "yes",
            "may",
            "must",
        )  # of mentioning there is no end
        return "nothing" if is_some and none.nothing <= some.whole else ""
    if a.amount or b.amount or "mixed" in (a.modality, b.modality):
        return ""
    return "modality"


def alike(a: Statement, b: Statement, weights: Mapping[str, float]) -> tuple[float, frozenset[str]]:
    """How much of the less alike clause the other sentence with its headings covers, and the stems in both."""
    shared = a.whole & b.whole
    mine = _covered(a.core, b.whole | b.around, weights)
    theirs = _covered(b.core, a.whole | a.around, weights)
    return min(mine, theirs), shared


def _covered(core: frozenset[str], by: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.get(one, 1.0) for one in core)
    return sum(weights.get(one, 1.0) for one in core & by) / total if total else 0.0


def _same_subject(a: Statement, b: Statement, kind: str, likeness: float, shared: frozenset[str]) -> bool:
    if kind == "nothing":
        none = a.nothing or b.nothing
        return len(none & shared) >= MIN_SHARED
    least = MIN_LIKENESS_STRICT if kind == "modality" else MIN_LIKENESS
    if likeness < least or _mass(shared, a.page.language) < MIN_SHARED:
        return False
    if kind == "modality" and not (a.actor <= b.whole and b.actor <= a.whole):
        return False  # who must and what is allowed is the same in both
    return _is_anchored(a, b, shared)


def _is_anchored(a: Statement, b: Statement, shared: frozenset[str]) -> bool:
    """Whether the shared words say by themselves what is meant: many of them, or the subject of both pages."""
    if _mass(shared, a.page.language) >= SURE_SHARED or a.core == b.core:
        return True
    return bool(shared & a.around & b.around)


def _mass(shared: frozenset[str], language: str) -> int:
    """How many things are named: German writes two as one long word."""
    return sum(2 if language == "de" and len(one) >= COMPOUND_CHARS else 1 for one in shared)


def _contradict(a: Statement, b: Statement, kind: str) -> bool:
    if a.amount and b.amount:
        return not a.amount.agrees(b.amount)
    return kind == "nothing" or clash(a.modality, b.modality)


def _other_scope(a: Statement, b: Statement, shared: frozenset[str]) -> str:
    """In words why the two hold for different things; empty where they hold for the same."""
    if category := apart(_extent(a), _extent(b)):
        return f"another {category}"
    if a.page.years and b.page.years and not a.page.years & b.page.years and not supersession(a.page, b.page):
        return "another year"
    if _other_period(a, b):
        return "another period"
    if _differs(a.condition, b.condition) and not _is_flat_denial(a, b):
        return "another condition"
    if _names_apart(a, b):
        return "other names"
    if _kinds_apart(a, b):
        return "another kind"
    return "another page topic" if _topics_apart(a.page, b.page, shared) else ""


def _other_period(a: Statement, b: Statement) -> bool:
    """As the sentences say; where they name none alike, as their pages say."""
    if other_period(a.periods, b.periods):
        return True
    return not a.periods & b.periods and other_period(a.page.periods, b.page.periods)


def _extent(one: Statement) -> Extent:
    return Extent(own=one.scope, frame=one.frame, stems=one.whole | one.around)


def _is_flat_denial(a: Statement, b: Statement) -> bool:
    """`Allowed as long as …` and `not allowed` without any: the second denies the first, whatever it hangs on."""
    permitted, denied = (a, b) if a.condition else (b, a)
    return (
        a.amount is None and not denied.condition and permitted.modality == "may" and denied.modality == "must_not"
    )


def _differs(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    if not mine and not theirs:
        return False
    return not mine or not theirs or len(mine & theirs) * 2 < len(mine | theirs)


def _names_apart(a: Statement, b: Statement) -> bool:
    """A name in one sentence that the other, its headings and its title do not have."""
    return bool(_strange(a, b) or _strange(b, a))


def _strange(mine: Statement, theirs: Statement) -> bool:
    known = theirs.names | {part for one in (theirs.page.title, theirs.text) for part in _words(one)}
    return any(one not in known for one in mine.names)


def _kinds_apart(a: Statement, b: Statement) -> bool:
    """`Gas boilers` and `oil boilers`: before the same word, each has one that the other never uses."""
    mine, theirs = _before(a), _before(b)
    return any(
        strange not in b.whole | b.around and other not in a.whole | a.around
        for word in mine.keys() & theirs.keys()
        for strange in mine[word]
        for other in theirs[word]
    )


def _before(one: Statement) -> dict[str, set[str]]:
    said = ordered(one.text, one.page.language)
    found: dict[str, set[str]] = {}
    for first, second in pairwise(said):
        if first and second:
            found.setdefault(second, set()).add(first)
    return found


def _words(text: str) -> set[str]:
    return {fold(one) for one in re.findall(r"[^\W_]+(?:[-'’./_][^\W_]+)*", text)}


def _topics_apart(a: Page, b: Page, shared: frozenset[str]) -> bool:
    """Pages of one form about different things: `Lamp 3` and `Lamp 5`, `Shipping to Japan` and `to Canada`.

    Each title has a word of its own that the other page never uses. It counts where the titles are alike besides,
    and where the page keeps speaking of it.
    """
    mine, theirs = a.topic - b.topic - b.stems - shared, b.topic - a.topic - a.stems - shared
    if not mine or not theirs:
        return False
    return bool(a.topic & b.topic) or bool(mine & a.central and theirs & b.central)


def supersession(a: Page, b: Page) -> str:
    """In words why one page stands in the place of the other; empty where nothing says so."""
    for one, other in ((a, b), (b, a)):
        if one.replaces and fold(other.title) and _named(one.replaces, fold(other.title)):
            return f"{one.title} says that it replaces {other.title}"
    if _VERSIONED.search(a.uri) and a.uri != b.uri and _VERSIONED.sub("", a.uri) == _VERSIONED.sub("", b.uri):
        return f"versions of one file: {a.uri}, {b.uri}"
    bare_a, bare_b = _bare(a.title), _bare(b.title)
    if a.title != b.title and bare_a and SequenceMatcher(None, bare_a, bare_b).ratio() >= _SAME_TITLE:
        mine, theirs = _DIGITS.findall(a.title), _DIGITS.findall(b.title)
        if mine and theirs and mine != theirs and (bare_a == bare_b):
            return f"versions of one page: {a.title}, {b.title}"
    return ""


def _named(said: str, title: str) -> bool:
    return title in said or (len(said) > 8 and said.strip() in title)


def _bare(title: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", _DIGITS.sub(" ", fold(title))))


def _validity(a: Statement, b: Statement) -> str:
    """One holds from a day on, the other until then, or it was written before."""
    for one, other in ((a, b), (b, a)):
        if one.since is None:
            continue
        if other.until is not None and other.until <= one.since:
            return f"one holds until {other.until}, the other from {one.since}"
        written = other.page.updated_at
        if other.since is None and written is not None and written < one.since:
            return f"one holds from {one.since}, the other was written on {written}"
    return ""


def _differ(a: Statement, b: Statement, kind: str) -> str:
    if a.amount and b.amount:
        mine, theirs = (one.text[one.amount.start : one.amount.end] for one in (a, b) if one.amount)
        return f"{mine} or {theirs}"
    if kind == "nothing":
        return "one says that there is none"
    return f"{a.modality.replace('_', ' ')} or {b.modality.replace('_', ' ')}"
