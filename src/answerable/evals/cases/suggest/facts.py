"""Candidates from documents: an amount, asked for; its sentence is the gold span, the amount itself the must.

Rules, not a model: a sentence of a known form gives its own question, any other the question after its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.evals.cases.freshness import says
from answerable.evals.cases.suggest.candidate import Candidate, Kind
from answerable.evals.metrics.places import slug
from answerable.text.sentences import sentences
from answerable.text.words import terms

_SHORTEST, _LONGEST = 25, 240  # characters of a sentence that states a fact
_COPIED = 6  # words in a row that a question may share with its passage
_NUMBER = r"\d+(?:[.,:]\d+)*(?:\s?[–-]\s?\d+(?:[.,]\d+)*)?"
_UNITS = (
    r"(?:business |working |calendar )?(?:days?|hours?|minutes?|seconds?|weeks?|months?|years?)"
    r"|Werktagen?|Tagen?|Stunden|Minuten|Wochen|Monaten?|Jahren?"
    r"|días(?: laborables)?|horas|minutos|semanas|meses|años"
    r"|€|%|kg|g|mm|cm|m|km|W|V|GHz|Hz|GB|TB|mAh|Uhr|points|Punkte|puntos"
)
_AMOUNT = rf"[€$£]\s?{_NUMBER}|{_NUMBER}\s?(?:{_UNITS})(?![\w])"
_ANY_AMOUNT = re.compile(_AMOUNT)
_SUBJECT = r"([^,;:]{3,70}?)"
_FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (rf"{_SUBJECT} costs? (?:only )?(?:{_AMOUNT})", "How much is {}?"),
        (
            rf"{_SUBJECT} takes? (?:about |up to |on average )?(?:{_AMOUNT})",
            "How long should I expect {} to take?",
        ),
        (rf"{_SUBJECT} (?:is|are) valid for (?:{_AMOUNT})", "For how long can I use {}?"),
        (rf"{_SUBJECT} (?<!the )lasts? (?:about |up to )?(?:{_AMOUNT})", "How long will {} last?"),
        (rf"{_SUBJECT} weighs? (?:about )?(?:{_AMOUNT})", "How heavy is {}?"),
        (rf"{_SUBJECT} can be (?:\w+ed) within (?:{_AMOUNT})", "What is the time limit for {}?"),
    ),
    "de": (
        (rf"{_SUBJECT} kostet (?:{_AMOUNT})", "Wie teuer ist {}?"),
        (rf"{_SUBJECT} dauert (?:in der Regel |etwa )?(?:{_AMOUNT})", "Wie lange muss ich für {} rechnen?"),
        (rf"{_SUBJECT} wiegt (?:etwa )?(?:{_AMOUNT})", "Wie schwer ist {}?"),
    ),
    "es": (
        (rf"{_SUBJECT} cuesta (?:{_AMOUNT})", "¿Qué precio tiene {}?"),
        (rf"{_SUBJECT} tarda (?:entre |hasta )?(?:{_AMOUNT})", "¿Cuánto tiempo necesita {}?"),
        (rf"{_SUBJECT} pesa (?:{_AMOUNT})", "¿Cuál es el peso de {}?"),
    ),
}
_BY_HEADING = {
    "en": "What should I know about “{heading}” ({title})?",
    "de": "Was gilt bei „{heading}“ ({title})?",
    "es": "¿Qué debo saber sobre «{heading}» ({title})?",
}
_ARTICLES = re.compile(r"(?:The|A|An|Your|Our|Each|Every|Most|All|Der|Die|Das|Ein|Eine|El|La|Los|Las|Un|Una)\b")
_STATES = re.compile(r"(?:It|This|That|They|These|Those|There|Er|Sie|Es|Dies\w*|Esto|Esta|Este)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document under one heading."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A published document, as far as questions are made of it."""

    uri: str
    title: str
    language: str
    sections: tuple[Section, ...]


def candidates_of(page: Page) -> Iterator[Candidate]:
    """One candidate a section, by its first sentence that states an amount; those of a known form come first."""
    if page.language not in _FORMS:
        return
    for section in page.sections:
        made = [one for quote in _stating(section, page.language) if (one := _candidate(page, section, quote))]
        yield from sorted(made, key=lambda one: one.note != "")[:1]


def copied(question: str, passage: str) -> int:
    """The longest run of words that the question shares with the passage."""
    asked, said = terms(question), f" {' '.join(terms(passage))} "
    longest = 0
    for start in range(len(asked)):
        while f" {' '.join(asked[start : start + longest + 1])} " in said and start + longest < len(asked):
            longest += 1
    return longest


def _stating(section: Section, language: str) -> Iterator[str]:
    for start, end in sentences(section.text, language):
        one = section.text[start:end]
        whole = _SHORTEST <= len(one) <= _LONGEST and one.endswith(".") and not {"|", "\n"} & set(one)
        if whole and _ANY_AMOUNT.search(one) and not _STATES.match(one):
            yield one


def _candidate(page: Page, section: Section, quote: str) -> Candidate | None:
    question, note = _question(page, section, quote)
    amount = _ANY_AMOUNT.search(quote)
    if not amount or not question or says(question, amount.group()) or copied(question, quote) > _COPIED:
        return None
    case = EvalCase(
        id="candidate-document",
        question=question,
        tags=("document",),
        language=page.language,
        expect=Expectation(
            outcome=Outcome.ANSWERED,
            must=(amount.group(),),
            cites=(f"{page.uri}#{slug(section.heading)}" if section.heading else page.uri,),
            spans=(GoldSpan(document=page.uri, quote=quote),),
        ),
        why=f"States an amount in {page.uri}.",
    )
    return Candidate(kind=Kind.DOCUMENT, source=page.uri, case=case, note=note)


def _question(page: Page, section: Section, quote: str) -> tuple[str, str]:
    """The question, and a note where it is only after the heading."""
    for pattern, asks in _FORMS[page.language]:
        match = re.match(pattern, quote)
        if match:
            return asks.format(_inside(match.group(1))), ""
    if not section.heading or section.heading == page.title:
        return "", ""
    if section.heading.endswith("?"):
        return section.heading, ""
    asked = _BY_HEADING[page.language].format(heading=section.heading, title=page.title)
    return asked, "after its heading: say what is asked more exactly"


def _inside(subject: str) -> str:
    """The subject as it stands inside a sentence: small, unless it is a name."""
    second: Sequence[str] = subject.split()[1:2]
    named = any(one[0].isupper() or one[0].isdigit() for one in second) or any(
        char.isupper() or char.isdigit() for char in subject.split(maxsplit=1)[0][1:]
    )
    if _ARTICLES.match(subject) or not named:
        return subject[0].lower() + subject[1:]
    return subject
