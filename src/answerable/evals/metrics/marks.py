"""What a claim says beyond its source: unknown words, numbers, amounts, names, opposites, turns and negations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

from answerable.evals.metrics.contrasts import opposed
from answerable.text.dates import dates
from answerable.text.facts import Facts, facts
from answerable.text.numbers import numbers, ordinals
from answerable.text.quantities import agree, quantities
from answerable.text.sentences import sentences
from answerable.text.stems import stem
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms

FUNCTION_WORD = 0.3  # what a function word counts beside a content word
_ALIGNED = 0.5  # share of a claim's content from which a clause says the same, or the opposite
_CLAUSE = re.compile(r"[,;:()]|\b(?:but|while|although|whereas|aber|während|obwohl|pero|aunque|mientras)\b", re.I)
_SHORTEST_BARE = 4  # letters of `unreliable` without its prefix, stemmed: `reli`
_NEAR = 4  # words on each side that a negation is about
_SELF = frozenset({"i", "me", "my", "mine", "myself", "im"})  # function words that say something
_SHORT_NOT = re.compile(r"\b(can|wo|sha)(?:n\s?['’]t|\s?['’]t|not)\b|n\s?['’]t\b", re.I)
_WHOLE = {"can": "can", "wo": "will", "sha": "shall"}
_NEGATORS = {
    "en": "not no never none nobody nothing neither nor without cannot unable lack fail refuse exclude except",
    "de": "nicht kein keine keinen keiner keinem nie niemals nichts ohne weder ausgenommen",
    "es": "no nunca jamas ningun ninguno ninguna nada nadie ni sin tampoco excepto salvo",
}
_TURNS = {  # words that turn or narrow what stands beside them
    "en": "but however although though despite instead rather only merely just unlike unless yet still"
    " hardly barely",
    "de": "aber jedoch obwohl trotz stattdessen nur lediglich kaum sondern",
    "es": "pero aunque pese solo solamente apenas sino",
}
_PREFIXES = {"en": ("un", "in", "im", "ir", "il", "non", "dis", "mis", "anti"), "de": ("un",), "es": ("in", "des")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a claim says beyond its source: a share, and counts."""

    known: float  # share of its words that the source has; a function word counts FUNCTION_WORD
    unknown: float  # number of distinct words that it has not, counted likewise
    numbers: int = 0  # numbers and dates that are nowhere in the source
    quantities: int = 0  # amounts with a unit that no amount of that unit is equal to
    names: int = 0
    contrasts: int = 0  # words whose opposite is there in their place
    turns: int = 0  # `but`, `only`, `without`… that the source does not have
    negations: int = 0  # negations that the source does not have beside the same words, or has and the claim not
    prefixes: int = 0  # `unreliable` for `reliable`


COUNTED = tuple(one.name for one in fields(Marks) if one.name not in ("known", "unknown"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A text ready to be looked into."""

    words: frozenset[str]
    sentences: tuple[frozenset[str], ...]
    clauses: tuple[tuple[frozenset[str], bool], ...]  # content words of each, and whether it is negated
    numbers: frozenset[str]  # every reading, ordinals and the years of dates among them
    dates: tuple[frozenset[str], ...]
    quantities: dict[str, frozenset[float]]


def find_marks(claim: str, sources: tuple[str, ...], *, language: str = "en") -> Marks:
    """What the claim says beyond the sources, taken together."""
    return _marks(claim, _joined(sources, language), language)


def _marks(claim: str, source: _Source, language: str) -> Marks:
    words = _words(claim, language)
    distinct = dict.fromkeys(words)
    new = [one for one in distinct if one not in source.words]
    weigh = {one: _weight(one, language) for one in distinct}
    total = sum(weigh[one] for one in words)
    unknown = frozenset(new)
    claimed = facts(claim, language)
    return Marks(
        known=sum(weigh[one] for one in words if one not in unknown) / total if total else 0.0,
        unknown=sum(weigh[one] for one in new),
        numbers=_numbers_missing(claimed, source),
        quantities=_quantities_missing(claim, source),
        names=sum(stem(name, language) not in source.words and name not in source.words for name in claimed.names),
        contrasts=len(opposed(distinct, source.words, language)),
        turns=sum(one in _set(_TURNS, language) | _set(_NEGATORS, language) for one in new),
        negations=_negations_missing(words, source, language) + _is_unnegated(distinct, source, language),
        prefixes=sum(_is_prefixed(one, source.words, language) for one in new),
    )


@lru_cache(maxsize=2048)
def _words(text: str, language: str) -> tuple[str, ...]:
    spelled = _SHORT_NOT.sub(lambda found: f"{_WHOLE.get((found[1] or '').lower(), '')} not", text)
    return tuple(stem(one, language) for one in terms(spelled))


@lru_cache(maxsize=1024)  # every claim of an answer looks into the same passages
def _source(text: str, language: str) -> _Source:
    pieces = [text[start:end] for start, end in sentences(text, language)]
    each = tuple(frozenset(_words(one, language)) for one in pieces)
    found, rest = dates(text)
    years = frozenset(date.partition("-")[0] for readings in found for date in readings)
    return _Source(
        words=frozenset().union(*each),
        sentences=each,
        clauses=tuple(_clause(part, language) for one in pieces for part in _CLAUSE.split(one) if part.strip()),
        numbers=ordinals(text).union(years, *numbers(rest)),
        dates=tuple(found),
        quantities=quantities(text),
    )


@lru_cache(maxsize=512)
def _joined(texts: tuple[str, ...], language: str) -> _Source:
    found = [_source(one, language) for one in texts]
    kinds = {kind for one in found for kind in one.quantities}
    return _Source(
        words=frozenset().union(*(one.words for one in found)),
        sentences=tuple(part for one in found for part in one.sentences),
        clauses=tuple(part for one in found for part in one.clauses),
        numbers=frozenset().union(*(one.numbers for one in found)),
        dates=tuple(part for one in found for part in one.dates),
        quantities={kind: frozenset().union(*(o.quantities.get(kind, ()) for o in found)) for kind in kinds},
    )


def _weight(word: str, language: str) -> float:
    return FUNCTION_WORD if word in _function_words(language) and word not in _SELF else 1.0


@lru_cache(maxsize=16)
def _function_words(language: str) -> frozenset[str]:
    return frozenset(stem(one, language) for one in STOPWORDS.get(language, ()))


def _numbers_missing(claimed: Facts, source: _Source) -> int:
    missing = sum(one.isdisjoint(source.numbers) for one in claimed.numbers)
    return missing + sum(
        not any(_same_date(a, b) for a in one for o in source.dates for b in o) for one in claimed.dates
    )


def _same_date(mine: str, theirs: str) -> bool:
    """A claim may be vaguer than its source, not sharper."""
    year, _, rest = mine.partition("-")
    other_year, _, other_rest = theirs.partition("-")
    return year in ("*", other_year) and (rest == other_rest or other_rest.startswith(f"{rest}-"))


def _quantities_missing(claim: str, source: _Source) -> int:
    return sum(
        not agree(frozenset({one}), source.quantities.get(kind, frozenset()))
        for kind, values in quantities(claim).items()
        for one in values
    )


def _negations_missing(words: Sequence[str], source: _Source, language: str) -> int:
    negators = _set(_NEGATORS, language)
    negated = [one for one in source.sentences if not negators.isdisjoint(one)]
    missing = 0
    for place, word in enumerate(words):
        if word in negators:
            about = _about(words, place, source.words - negators)
            missing += not about or not any(about <= one for one in negated)
    return missing


def _is_unnegated(words: Iterable[str], source: _Source, language: str) -> bool:
    """Whether the clause that says the most like a plain claim says it with a negation."""
    negators = _set(_NEGATORS, language)
    content = frozenset(words) - _function_words(language)
    if not source.clauses or not content or not negators.isdisjoint(words):
        return False
    near, negated = max(source.clauses, key=lambda one: (len(content & one[0]), -len(one[0])))
    return negated and len(content & near) >= _ALIGNED * len(content)


def _clause(text: str, language: str) -> tuple[frozenset[str], bool]:
    words = _words(text, language)
    negators = _set(_NEGATORS, language)
    return frozenset(words) - _function_words(language) - negators, sum(one in negators for one in words) % 2 == 1


def _about(words: Sequence[str], place: int, known: frozenset[str]) -> frozenset[str]:
    """The two nearest known words behind a negation, else those before it."""
    after = [one for one in words[place + 1 : place + 1 + _NEAR] if one in known][:2]
    before = [one for one in words[max(0, place - _NEAR) : place] if one in known][-2:]
    return frozenset(after or before)


def _is_prefixed(word: str, source: frozenset[str], language: str) -> bool:
    """Whether the source has the word without its negating prefix; stems of the two may end differently."""
    bare = [word[len(one) :] for one in _PREFIXES.get(language, ()) if word.startswith(one)]
    return any(known.startswith(one) for one in bare if len(one) >= _SHORTEST_BARE for known in source)


@lru_cache(maxsize=16)
def _stems_of(text: str, language: str) -> frozenset[str]:
    return frozenset(stem(one, language) for one in text.split())


def _set(lists: dict[str, str], language: str) -> frozenset[str]:
    return _stems_of(lists.get(language, ""), language)
