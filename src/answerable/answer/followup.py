"""What a follow-up is about: the words to search for when a question leans on those before it. Without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from answerable.core.query import Query, Turn
from answerable.text.facts import names
from answerable.text.placeholders import without_placeholders
from answerable.text.stems import stems
from answerable.text.words import fold, words

TURNS = 4  # how far back a topic is followed
TURN_CHARS = 1_000  # of each: a caller writes the conversation, and a search must not grow with it
CARRIED = 5  # words of a topic without a name
FEW_TERMS = 2  # less is no question of its own, unless it names something

# `And for laptops?` is the question before with another thing in it.
_ELLIPSIS = re.compile(
    r"^\W*(?:(?:and|or|but)\b(?:\s+(?:what|how)\s+about\b)?|what\s+about\b|how\s+about\b"
    r"|(?:und|oder|aber)\b(?:\s+was\s+ist\s+mit\b|\s+wie\s+(?:ist|sieht)\s+es\s+(?:mit|bei)\b)?|was\s+ist\s+mit\b"
    r"|wie\s+(?:ist|sieht)\s+es\s+(?:mit|bei|für)\b"
    r"|(?:y|o|pero)\b(?:\s+(?:qué\s+(?:tal|pasa\s+con)|si)\b)?|qué\s+(?:tal|pasa\s+con)\b)\s*",
    re.I,
)
_ASKS = re.compile(
    r"^\W*(?:how|what|when|where|who|which|why|can|could|do|does|did|is|are|will|would|should|may|must|has|have"
    r"|wie|was|wann|wo|wer|welche\w*|warum|kann|darf|muss|gibt|ist|sind|hat|cómo|qué|cuándo|dónde|quién|cuánt\w+"
    r"|cuál\w*|puedo|puede|debo|hay|es|son)\b",
    re.I,
)
# Words that point back, where they do not only fill the place of a subject.
_POINTS = {
    "en": re.compile(
        r"\bits?\b(?!\s+(?:possible|allowed|true|safe|necessary|okay|ok|legal|normal|better|worth)\b)"
        r"(?!\s+takes?\s+(?:to|for|until)\b)"
        r"|\b(?:them|they|theirs?|those|these)\b"
        r"|\b(?:this|that)\b(?!\s+(?:year|week|month|time|way|i|we|you|my|the|is\s+why)\b)"
        r"|\b(?:the|a|an|which|that|this|another|new|old|same|other|first|second|refurbished|cheaper)\s+ones?\b"
        r"|\bthere\b(?!\s+(?:is|are|was|were|be|any|a|an)\b)(?<!is there)(?<!are there)",
    ),
    "de": re.compile(
        r"\b(?<!gibt )(?<!geht )(?<!dauert )(?<!ist )es\b|\b(?:[Ss]ie|ihn|ihm|ihnen)\b(?! und)"
        r"|\b(?:davon|dafür|damit|dazu|darauf|dort)\b(?! und)"
        r"|\b(?:[Dd]as|[Dd]ie|[Dd]en|[Dd]er|[Dd]iese[nrsm]?)\b(?=\s*(?:[?.,!]|$)|\s+[a-zäöü]\w*\s*(?:[?.,!]|$))"
        r"|\b(?:[Dd]as|[Dd]en|[Dd]iese[nrsm]?)\b\s+(?=[a-zäöü]\w+\s+[a-zäöü])",
    ),
    "es": re.compile(
        r"\b\w+(?:ar|er|ir)(?:lo|la|los|las|le|les)\b|\b(?:eso|esto|ello|ellos|ellas|aquello|allí|ahí)\b"
        r"|\b(?:lo|los|las|la)\s+(?:puedo|puede|pueden|tengo|tienen|debo|devuelvo|cambio|compré|pagué|envían|hay)\b"
        r"|\b(?:ese|esa|este|esta)\b(?!\s+\w)",
        re.I,
    ),
}
_CLAUSE = re.compile(
    r"[,.;:!?]\s|\s(?:if|when|because|after|before|and|but|wenn|falls|weil|nachdem|und|aber|si|cuando|porque|y|pero)\s",
    re.I,
)
_WHICH = re.compile(r"^\W*(?:which|what|welche\w*|was|cuál\w*|qué)\b", re.I)
_PLACE = re.compile(
    r"\b(?P<how>for|to|in|from|with|of|on|at|für|nach|in|aus|mit|von|bei|zu|para|a|en|de|con)\s+(?P<what>[^?.!,]+)",
    re.I,
)
_ACTION = {  # what was to be done: `Can I return …`
    "en": re.compile(r"\b(?:can|could|do|may|should|must|to)\s+(?:(?:i|we|you)\s+)?(?!not\b)([a-z]+)\b", re.I),
    "de": re.compile(r"\b([a-zäöüß]+en)\b"),
    "es": re.compile(r"\b(\w+(?:ar|er|ir))\b"),
}
_ACTS = re.compile(r"\w+(?:ar|er|ir)\s", re.I)  # Spanish: `para devolver …` is no place
_WEAK = frozenset(stems("long take time day days happen mean", "en")) | frozenset(
    [*stems("lange dauert zeit tage heißt", "de"), *stems("tiempo tarda días significa", "es")]
)
_ENDS = " \t\n?!.,;¿¡"


def standalone(query: Query) -> str:
    """The question as it could be asked alone: with what it leans on; without masked values."""
    own = without_placeholders(query.text)
    before = _topic(latest(query.history), query.language or "en")
    return _joined(own, before, query.language or "en") if before else own


def latest(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """What of the conversation is read at all: the last turns, the beginning of each."""
    return tuple(replace(turn, text=turn.text[:TURN_CHARS]) for turn in history[-2 * TURNS :])


def _topic(history: Sequence[Turn], language: str) -> tuple[str, str] | None:
    """The last question as it could be asked alone, and what was said to it.

    A chain of follow-ups keeps its subject.
    """
    topic: tuple[str, str] | None = None
    for turn in history:
        text = without_placeholders(turn.text)
        if turn.role == "user":
            topic = (_joined(text, topic, language)[:TURN_CHARS] if topic else text, "")
        elif topic:
            topic = (topic[0], text)
    return topic


def _joined(own: str, topic: tuple[str, str], language: str) -> str:
    lead = _ELLIPSIS.match(own)
    rest = own[lead.end() :] if lead else ""
    if rest and not _ASKS.match(rest):
        return _with_another(topic[0], rest, language)
    if not _leans(own, language):
        return own
    carried = _carried(own, topic, language)
    return f"{own.rstrip()} ({carried})" if carried else own


def _with_another(asked: str, rest: str, language: str) -> str:
    """The question before with `rest` in the place of what is like it: `to Norway` of `to Germany`."""
    base, rest = asked.rstrip(_ENDS), rest.strip(_ENDS)
    if place := _PLACE.match(rest):
        same = [one for one in _PLACE.finditer(base) if fold(one["how"]) == fold(place["how"])]
        if same and not _ACTS.match(same[-1]["what"]):
            return f"{base[: same[-1].start()]}{rest}{base[same[-1].end() :]}?"
    old = _named(base, language)
    if old and _named(f"x {rest}", language):
        start, end = next((one for one in old if _alike(base[slice(*one)], rest)), old[0])
        return f"{base[:start].removesuffix('the ')}{rest}{base[end:]}?"
    return f"{base}, {rest}?"


def _alike(name: str, other: str) -> bool:
    """Whether two names begin alike, as a series of products does."""
    return fold(name.split(maxsplit=1)[0]) in fold(other).split()


def _leans(own: str, language: str) -> bool:
    """Whether it says too little alone, or points at something that it does not say itself."""
    if len(set(stems(own, language))) < FEW_TERMS:
        return not names(own, language)
    return points_back(own, language)


def points_back(own: str, language: str) -> bool:
    """Whether it points at something (`it`, `davon`, `devolverlo`) that it does not say itself."""
    pattern = _POINTS.get(language, _POINTS["en"])
    return any(not _said_before(own, match.start(), language) for match in pattern.finditer(own))


def _said_before(own: str, at: int, language: str) -> bool:
    """Whether an earlier clause of the same question has what is pointed at."""
    ends = [match.start() for match in _CLAUSE.finditer(own) if match.start() < at]
    return bool(ends) and len(set(stems(own[: ends[-1]], language))) >= FEW_TERMS


def _carried(own: str, topic: tuple[str, str], language: str) -> str:
    """The words of the topic that the question lacks.

    What the assistant named, where that was asked for; else the topic's names and nouns, and what was to be done
    with them only where the question itself says nothing of it.
    """
    asked, said = topic
    if _WHICH.match(asked) and (named := _named(said, language)):
        start, end = named[0]
        return said[start:end]
    mine = set(stems(own, language))
    acts = not mine <= _WEAK
    action = _ACTION.get(language, _ACTION["en"]).findall(asked) if acts else []
    names_at = {at for start, end in _named(asked, language) for at in range(start, end)}
    found = [
        (word, start in names_at)
        for word, start, _ in words(asked)
        if (start in names_at or _is_subject(word, language, acts))
        and word not in action
        and not mine.issuperset(stems(word, language, stop=start not in names_at))
    ]
    enough = [word for word, is_name in found if is_name] if len(found) > CARRIED else []
    return " ".join((enough or [word for word, _ in found])[:CARRIED])


def _is_subject(word: str, language: str, acts: bool) -> bool:
    """German nouns tell themselves; elsewhere every telling word may be one."""
    return not (language == "de" and acts) or word[:1].isupper()


def _named(text: str, language: str) -> list[tuple[int, int]]:
    """Where names stand, words of one name together: `Aurora One`, `Vela 5`, `SUMMER20`."""
    known = set(names(text, language))
    spans: list[tuple[int, int]] = []
    for word, start, end in words(text):
        joins = bool(spans) and text[spans[-1][1] : start] == " "
        if fold(word) in known and not (start == 0 and word.istitle()):
            spans.append((spans.pop()[0], end) if joins else (start, end))
        elif joins and word.isdigit():
            spans.append((spans.pop()[0], end))
    return spans
