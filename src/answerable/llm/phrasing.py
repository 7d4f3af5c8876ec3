"""Ways to put a question that change nothing of what is asked.

Chosen on the development half of the near-miss suite. Each entry must be safe wherever it stands: what is
not here is compared word by word.
"""

from __future__ import annotations

import re


def _rules(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.I), plain) for pattern, plain in pairs)


SPELLED_OUT = {
    "en": _rules(
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"\bshan't\b", "shall not"),
        (r"n't\b", " not"),
        (r"\b(what|how|where|who|when|it|that|there|here)'s\b", r"\1 is"),
        (r"\bi'm\b", "i am"),
        (r"'ve\b", " have"),
        (r"'ll\b", " will"),
        (r"'re\b", " are"),
        (r"\b(i|we|you|he|she|they)'d\b", r"\1 would"),
        (r"'s\b", ""),
        (r"\be-mail", "email"),
        (r"\blog-?in\b", "log in"),
        (r"(?<=\d)\s*(?:%|percent\b|per cent\b)", " %"),
        (r"€\s*(\d[\d.,]*)|(\d[\d.,]*)\s*(?:€|euros?\b|eur\b)", r"\1\2 EUR"),
        (r"\$\s*(\d[\d.,]*)|(\d[\d.,]*)\s*(?:\$|dollars?\b|usd\b)", r"\1\2 USD"),
    ),
}
COURTESY = {
    "en": tuple(
        re.compile(pattern, re.I)
        for pattern in (
            r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|excuse me|sorry)(?: there)?\b[,!.:]?\s*",
            r"^(?:just )?(?:a )?quick question\b[,!.:]?\s*",
            r"^please\b,?\s*",
            r"^(?:could|can|would) you (?:please |kindly )?(?:tell|explain to|let) me (?:know )?",
            r"^(?:i would like|i want|i need|i am trying|i wish) to (?:know|find out|understand)\s*",
            r"^i (?:was|am) wondering\s*",
            r"^(?:do you know|any idea|tell me)\b\s*",
            r"[,.]?\s*(?:please|thanks(?: a lot| in advance)?|thank you(?: very much| so much)?|cheers)$",
        )
    ),
    "de": tuple(
        re.compile(pattern, re.I)
        for pattern in (
            r"^(?:hallo|guten (?:tag|morgen|abend)|entschuldigung)\b[,!.:]?\s*",
            r"^bitte\b,?\s*",
            r"[,.]?\s*(?:bitte|danke|vielen dank)$",
        )
    ),
    "es": tuple(
        re.compile(pattern, re.I)
        for pattern in (
            r"^(?:hola|buenos días|buenas tardes|disculpe|perdón)\b[,!.:]?\s*¿?",
            r"^por favor\b,?\s*¿?",
            r"[,.]?\s*(?:por favor|gracias|muchas gracias)$",
        )
    ),
}
_SELF = r"(?:i|we|one)"
FRAMES = {
    "en": _rules(
        (rf"^(how|when|where|why) {_SELF} (can|could|may|should|must|do)\b", r"\1 \2 i"),
        (rf"^(?:if|whether) {_SELF} (can|could|may|should|must)\b", r"\1 i"),
        (rf"^how (?:can|could|do|would) {_SELF} (?:go about )?", "HOW-TO "),
        (r"^how to\b", "HOW-TO"),
        (r"^what is the (?:best |right |correct |proper )?(?:way|procedure|process) (?:to|for)\b", "HOW-TO"),
        (rf"^what (?:do|must|should) {_SELF} (?:(?:need|have) to )?do (?:in order )?to\b", "HOW-TO"),
        (rf"^(?:can|could|may|might) {_SELF}(?= (?!not\b))", "IS-IT-ALLOWED"),
        (rf"^(?:am|are) {_SELF} (?:able|allowed|permitted) to\b", "IS-IT-ALLOWED"),
        (r"^is it (?:possible|allowed|permitted|ok|okay|permissible)(?: for (?:me|us))? to\b", "IS-IT-ALLOWED"),
        (rf"^(?:do {_SELF} (?:need|have) to|must {_SELF}|have {_SELF} got to)\b", "IS-IT-A-MUST"),
        (r"^is it (?:necessary|required|mandatory|obligatory)(?: for (?:me|us))? to\b", "IS-IT-A-MUST"),
        (r"^how much (?:does|do) (.+?) cost$", r"PRICE \1"),
        (r"^what (?:does|do) (.+?) cost$", r"PRICE \1"),
        (r"^what (?:is|are) the (?:price|cost)s? (?:of|for) (.+)$", r"PRICE \1"),
        (r"^how much time\b", "how long"),
        (r"\bmaximum\b", "max"),
        (r"\bminimum\b", "min"),
        (r"\btelephone\b", "phone"),
        (r"\bsign in\b", "log in"),
        (r"\bin order to\b", "to"),
    ),
}
DROPPED = {"en": frozenset(("a", "an", "the", "my", "our", "do", "does"))}
SAME_WORDS = {
    "en": {
        "we": "i",
        "us": "me",
        "is": "be",
        "are": "be",
        "am": "be",
        "purchase": "buy",
        "purchas": "buy",
        "bought": "buy",
        "one": "1",
        "two": "2",
        "three": "3",
        "four": "4",
        "five": "5",
        "six": "6",
        "seven": "7",
        "eight": "8",
        "nine": "9",
        "ten": "10",
        "twelve": "12",
    },
}
