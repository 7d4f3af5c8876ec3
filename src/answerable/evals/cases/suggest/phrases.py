"""The same question in other words, turned into its negation, or in another language: by rules, where they hold.

Each rule is a pattern of the whole question and what it becomes. Where no rule holds, nothing is proposed: a
sentence that nobody would say is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from answerable.text.facts import negations as negations_in
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

_Rules = tuple[tuple[str, str], ...]
_SAME: dict[str, _Rules] = {
    "en": (
        (r"How long is (.+) valid\?", r"For how long can I use \1?"),
        (r"For how long is (.+) valid\?", r"When does \1 run out?"),
        (r"How much is (.+)\?", r"What do I have to pay for \1?"),
        (r"What does (.+) cost(| .+)\?", r"How much do you charge for \1\2?"),
        (r"How much does (.+) cost\?", r"What is the price of \1?"),
        (r"What does (.+) mean\?", r"I do not understand \1. Can you explain it?"),
        (r"Can I (.+)\?", r"Is it possible to \1?"),
        (r"How can I (.+)\?", r"What do I have to do to \1?"),
        (r"How do I (.+)\?", r"What are the steps to \1?"),
        (r"How heavy is (.+)\?", r"What is the weight of \1?"),
        (r"Until when can I (.+)\?", r"What is the last day on which I can \1?"),
        (r"Until when does (.+?) get (.+)\?", r"What is the last day on which \1 gets \2?"),
        (r"How many (.+) can I (.+)\?", r"What is the largest number of \1 I can \2?"),
        (r"How many (.+) does (.+?) (support|reach|take)\?", r"What number of \1 does \2 \3?"),
        (r"How (?:soon|fast|quickly) (must|do) I (.+)\?", r"Within what time \1 I \2?"),
        (r"Is there (.+)\?", r"Do you have \1?"),
        (r"Which (.+)\?", r"Can you tell me which \1?"),
        (r"When (will|is|are) (.+)\?", r"On what date \1 \2?"),
        (r"What are (.+)\?", r"Please tell me \1."),
    ),
    "de": (
        (r"Was kostet (.+)\?", r"Wie teuer ist \1?"),
        (r"Wie lange kann ich (.+)\?", r"Bis wann darf ich \1?"),
        (r"Welche Farbe hat (.+)\?", r"In welcher Farbe gibt es \1?"),
        (r"Wie viel Rabatt bekommen (.+)\?", r"Welchen Nachlass gibt es für \1?"),
        (r"Kann ich (.+)\?", r"Ist es möglich, dass ich \1?"),
        (r"(.+), was bedeutet das\?", r"\1. Was heißt das?"),
    ),
    "es": (
        (r"¿Hacéis (.+)\?", r"¿Es posible pedir \1?"),
        (r"¿Cuánto cuesta (.+)\?", r"¿Qué precio tiene \1?"),
        (r"¿Tengo que (.+)\?", r"¿Es obligatorio \1?"),
        (r"¿Puedo (.+)\?", r"¿Es posible \1?"),
        (r"¿Cuántos años de (.+)\?", r"¿Durante cuántos años hay \1?"),
        (r"¿Cuántas horas dura (.+)\?", r"¿Cuánto aguanta \1?"),
    ),
}
_DENIED: dict[str, _Rules] = {
    "en": (
        (r"(.*)\bCan I (.+)\?", r"\1Can't I \2?"),
        (r"(.*)\b(Do|Does|Is|Are|Will|Has|Have) (.+)\?", r"\1\2n't \3?"),
        (r"(.*)\bHow much (.+) with (.+)\?", r"\1How much \2 without \3?"),
    ),
    "de": (
        (r"(.*)\bKann ich (.+) (\w+en)\?", r"\1Kann ich \2 nicht \3?"),
        (r"(.*)\bBekomme ich (.+)\?", r"\1Bekomme ich etwa nicht \2?"),
    ),
    "es": ((r"(.*)¿(Hacéis|Tengo|Puedo|Es|Está|Hay|Tiene) (.+)\?", r"\1¿No \2 \3?"),),
}
# One thing, named: a product or a code, which is called the same everywhere.
_THING = r"((?:[A-Z0-9][\w-]*)(?: [A-Z0-9][\w-]*)*)"
_PARALLEL: tuple[dict[str, tuple[str, str]], ...] = (
    {
        "en": (rf"How much does (?:the )?{_THING} cost\?", "How much does the {} cost?"),
        "de": (rf"Was kostet (?:der |die |das )?{_THING}\?", "Was kostet {}?"),
        "es": (rf"¿Cuánto cuesta (?:el |la )?{_THING}\?", "¿Cuánto cuesta {}?"),
    },
    {
        "en": (rf"How heavy is (?:the )?{_THING}\?", "How heavy is the {}?"),
        "de": (rf"Wie schwer ist (?:der |die |das )?{_THING}\?", "Wie schwer ist {}?"),
        "es": (rf"¿Cuánto pesa (?:el |la )?{_THING}\?", "¿Cuánto pesa {}?"),
    },
    {
        "en": (rf"What does error {_THING} on my {_THING} mean\?", "What does error {} on my {} mean?"),
        "de": (rf"Was bedeutet Fehler {_THING} bei {_THING}\?", "Was bedeutet Fehler {} bei {}?"),
        "es": (rf"¿Qué significa el error {_THING} en {_THING}\?", "¿Qué significa el error {} en {}?"),
    },
    {
        "en": (rf"What does payment code {_THING} mean\?", "What does payment code {} mean?"),
        "de": (rf"Was bedeutet der Zahlungscode {_THING}\?", "Was bedeutet der Zahlungscode {}?"),
        "es": (rf"¿Qué significa el código de pago {_THING}\?", "¿Qué significa el código de pago {}?"),
    },
    {
        "en": (rf"My {_THING} shows {_THING}\. What is broken\?", "My {} shows {}. What is broken?"),
        "de": (rf"Mein {_THING} zeigt {_THING}, was bedeutet das\?", "Mein {} zeigt {}, was ist kaputt?"),
        "es": (rf"Mi {_THING} muestra {_THING}\. ¿Qué significa\?", "Mi {} muestra {}. ¿Qué está roto?"),
    },
    {
        "en": (rf"Can I upgrade the memory of the {_THING}\?", "Can I upgrade the memory of the {}?"),
        "de": (rf"Kann ich den Speicher von {_THING} erweitern\?", "Kann ich den Speicher von {} erweitern?"),
        "es": (rf"¿Puedo ampliar la memoria de {_THING}\?", "¿Puedo ampliar la memoria de {}?"),
    },
)
_FEWEST = 3  # words that a question of keywords has at least


def paraphrases(question: str, language: str) -> Iterator[str]:
    """The question by another rule's words, and as the bare words that a hurried person types."""
    yield from _applied(_SAME.get(language, ()), question)
    dropped = STOPWORDS.get(language, frozenset())
    content = [
        one for one, _, _ in words(question) if fold(one) not in dropped or (one.isupper() and len(one) > 1)
    ]
    if dropped and len(content) >= _FEWEST and not negations_in(question, language):
        yield " ".join(content).lower()


def negations(question: str, language: str) -> Iterator[str]:
    """The question with its assumption denied; the facts of a right answer stay."""
    for one in _applied(_DENIED.get(language, ()), question):
        yield re.sub(r"(?<=¿No )\w", lambda first: first.group().lower(), one)


def translations(question: str, language: str, languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(language, question) where the whole question is a form that is known in both."""
    for form in _PARALLEL:
        match = re.fullmatch(form[language][0], question) if language in form else None
        if match:
            yield from ((one, form[one][1].format(*match.groups())) for one in languages if one in form)


def _applied(rules: _Rules, question: str) -> Iterator[str]:
    for pattern, becomes in rules:
        match = re.fullmatch(pattern, question)
        if match:
            yield match.expand(becomes)
            return
