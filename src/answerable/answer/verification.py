"""Does a passage support a sentence? Deterministic checks; each failure names its kind.

What it sees: facts that are not in the passage (numbers, dates, names), turned negations, and sentences whose
content is elsewhere. What it cannot see: a changed relation between words that are all in the passage
(docs/decisions/0004-sentence-verification.md has the figures for both).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from answerable.core.passage import Passage
from answerable.text.facts import Facts, facts, negations
from answerable.text.language import detect_language
from answerable.text.sentence_stems import sentence_stems
from answerable.text.stems import stem, stems
from answerable.text.words import terms

MIN_OVERLAP = 0.7  # docs/decisions/0004-sentence-verification.md
ALIGNED = 0.5  # share of a sentence's content from which a passage sentence counts as saying the same
_CLAUSE = re.compile(r"[,;:()]|\b(?:but|while|although|whereas|aber|während|obwohl|pero|aunque|mientras)\b", re.I)
_ADDRESS = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\[\]()\"']+|\bwww\.[^\s<>\[\]()\"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|example|test|de|es|eu|info|biz|co|app|ai)\b(?:/\S*)?",
    re.I,
)
_DOTTED = re.compile(r"\w[.@:]\S")  # in every address, and in few sentences
UNSUPPORTED_KINDS = ("uncited", "link", "number", "date", "name", "negation", "overlap", "unchecked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The verdict on one sentence. `overlap` in [0, 1] is None where nothing could be compared."""

    supported: bool
    reason: str = ""  # one of UNSUPPORTED_KINDS when not supported
    overlap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One sentence of a passage, ready to compare."""

    text: str
    stems: frozenset[str]
    facts: Facts
    clauses: tuple[tuple[frozenset[str], int], ...]  # stems and negations of each


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The passages that a sentence cites, as one."""

    parts: tuple[_Part, ...]
    context: frozenset[str]  # stems of titles and headings
    vocabulary: frozenset[str]  # every folded term and its stem
    comparable: bool = True  # False: in another language, so that only facts can be checked, not wording


def check_support(sentence: str, passages: Sequence[Passage], *, language: str = "en") -> Support:
    """Whether the cited passages, taken together, support the sentence."""
    if not passages:
        return Support(supported=False, reason="uncited")
    if any(is_heading(passage, sentence) for passage in passages):
        return Support(supported=False, reason="overlap")
    if any(is_quoted(passage.chunk.text, sentence) for passage in passages):
        return Support(supported=True, overlap=1.0)
    language = _written_in(sentence, language, passages)
    return _check(sentence, _evidence(passages, language), language)


def _written_in(sentence: str, language: str, passages: Sequence[Passage]) -> str:
    """The question's language, or its passages' where the sentence is in that: then its words can be compared."""
    theirs = dict.fromkeys(one.language for one in passages)
    return language if language in theirs else detect_language(sentence, (language, *theirs), default=language)


def check_text(sentence: str, source: str, *, language: str = "en") -> Support:
    """The same against a bare text."""
    if is_quoted(source, sentence):
        return Support(supported=True, overlap=1.0)
    parts = _parts(source, language)
    evidence = _Evidence(parts=parts, context=frozenset(), vocabulary=_vocabulary([source], language))
    return _check(sentence, evidence, language)


def is_heading(passage: Passage, sentence: str) -> bool:
    """A title or heading names a subject and says nothing of it."""
    bare = " ".join(sentence.split()).strip(" .:#").casefold()
    return bare in {" ".join(one.split()).casefold() for one in (passage.title, *passage.chunk.headings)}


def is_quoted(text: str, sentence: str) -> bool:
    """Word for word; a quote cannot be wrong about its source."""
    wanted = " ".join(sentence.split()).rstrip(".!?")
    return bool(wanted) and wanted in _single_blanks(text)


@lru_cache(maxsize=512)  # every sentence of an answer is looked for in the same few passages
def _single_blanks(text: str) -> str:
    return " ".join(text.split())


def holds_addresses(sentence: str, texts: Iterable[str]) -> bool:
    """Whether each web or mail address of the sentence is in the texts, character by character."""
    if not _DOTTED.search(sentence):
        return True
    found = [address.group().rstrip(".,;:!?").casefold() for address in _ADDRESS.finditer(sentence)]
    said = " ".join(texts).casefold() if found else ""
    return all(address in said for address in found)


def _evidence(passages: Sequence[Passage], language: str) -> _Evidence:
    heads = [" ".join((passage.title, *passage.chunk.headings)) for passage in passages]
    return _Evidence(
        parts=tuple(part for one in passages for part in _parts(one.chunk.text, one.language)),
        context=frozenset(one for head in heads for one in stems(head, language)),
        vocabulary=_vocabulary([*heads, *(one.chunk.text for one in passages)], language),
        comparable=any(one.language == language for one in passages),
    )


def _check(sentence: str, evidence: _Evidence, language: str) -> Support:
    content = frozenset(stems(sentence, language))
    if not content or not evidence.parts:
        return Support(supported=False, reason="overlap")
    claim = facts(sentence, language)
    if reason := _missing_fact(sentence, claim, content, evidence, language):
        return Support(supported=False, reason=reason)
    if not evidence.comparable:
        return Support(supported=True)
    if _turned(claim, content, evidence.parts):
        return Support(supported=False, reason="negation")
    overlap = _window_overlap(content, evidence)
    supported = overlap >= MIN_OVERLAP
    return Support(supported=supported, reason="" if supported else "overlap", overlap=overlap)


def _missing_fact(sentence: str, claim: Facts, content: frozenset[str], evidence: _Evidence, language: str) -> str:
    """The kind of the first fact that the passages do not hold, or nothing."""
    if not holds_addresses(sentence, (part.text for part in evidence.parts)):
        return "link"
    known = [readings for part in evidence.parts for readings in part.facts.dates]
    if not all(any(_same_date(a, b) for a in date for other in known for b in other) for date in claim.dates):
        return "date"
    words = {one for one in content if not one.isdigit()} if evidence.comparable else set[str]()
    if not all(_number_held(number, words, evidence.parts) for number in claim.numbers):
        return "number"
    if not all(_name_held(name, evidence.vocabulary, language) for name in claim.names):
        return "name"
    return ""


def _same_date(mine: str, theirs: str) -> bool:
    """Whether the source says it: a sentence may be vaguer than its source, not sharper."""
    year, _, rest = mine.partition("-")
    other_year, _, other_rest = theirs.partition("-")
    return year in ("*", other_year) and (rest == other_rest or other_rest.startswith(f"{rest}-"))


def _number_held(number: frozenset[str], words: set[str], parts: tuple[_Part, ...]) -> bool:
    """A number counts only where its sentence, or that sentence's neighborhood, is about the same thing."""
    for place, part in enumerate(parts):
        if _has_number(number, part.facts):
            near = frozenset().union(*(other.stems for other in parts[max(0, place - 1) : place + 2]))
            if not words or words & near:
                return True
    return False


def _has_number(number: frozenset[str], known: Facts) -> bool:
    years = {date.partition("-")[0] for readings in known.dates for date in readings}
    return bool(number & known.ordinals or number & years or any(number & other for other in known.numbers))


def _name_held(name: str, vocabulary: frozenset[str], language: str) -> bool:
    singular = name[:-2] if name.endswith(("'s", "’s")) else name[:-1] if name.endswith("s") else name
    return bool({name, singular, stem(name, language)} & vocabulary)


def _turned(claim: Facts, content: frozenset[str], parts: tuple[_Part, ...]) -> bool:
    """Whether the passage sentence that says the most like it says the opposite."""
    best = max(parts, key=lambda part: len(content & part.stems))
    if len(content & best.stems) / len(content) < ALIGNED:
        return False
    if claim.negations:
        return best.facts.negations == 0
    _, negated = max(best.clauses, key=lambda clause: (len(content & clause[0]), -len(clause[0])))
    return negated % 2 == 1


def _window_overlap(content: frozenset[str], evidence: _Evidence) -> float:
    """The best share of the sentence's content stems within three neighboring sentences and the headings."""
    best = 0.0
    for place in range(len(evidence.parts)):
        near = frozenset().union(*(part.stems for part in evidence.parts[place : place + 3]))
        best = max(best, len(content & (near | evidence.context)) / len(content))
    return best


def _vocabulary(texts: Sequence[str], language: str) -> frozenset[str]:
    found = {term for text in texts for term in terms(text)}
    return frozenset(found | {stem(term, language) for term in found})


@lru_cache(maxsize=512)
def _parts(text: str, language: str) -> tuple[_Part, ...]:
    """Cached: every sentence of an answer is checked against the same few passages."""
    return tuple(_part(text[start:end], own, language) for start, end, own in sentence_stems(text, language))


def _part(piece: str, own: frozenset[str], language: str) -> _Part:
    clauses = [one for one in _CLAUSE.split(piece) if one.strip()] or [piece]
    return _Part(
        text=piece,
        stems=own,
        facts=facts(piece, language),
        clauses=tuple((frozenset(stems(one, language)), negations(one, language)) for one in clauses),
    )
