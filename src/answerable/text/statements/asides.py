"""Sentences that do not say what is so: examples, what others do, what was, what may come, questions, rows."""

from __future__ import annotations

import re

_ASIDE = re.compile(
    r"\b(?:for example|for instance|e\.g|such as|suppose|imagine|let's say|hypothetical\w*|z\.\s?b"
    r"|zum beispiel|beispielsweise|angenommen|por ejemplo|supongamos|p\.\s?ej|competitors?"
    r"|other (?:companies|shops|stores|vendors|providers|banks|organi[sz]ations)"
    r"|many (?:companies|shops)|elsewhere|industry average|wettbewerber"
    r"|andere (?:firmen|unternehmen|anbieter)|competidores|otras (?:empresas|tiendas)|previously"
    r"|formerly|used to|in the past|back then|at that time|until recently|in those (?:days|years)"
    r"|originally|früher|damals|ehemals|bisher|antes|anteriormente|antiguamente|en el pasado|propos\w+"
    r"|would|could|might|should be changed|planned|plans? to|will be discussed|roadmap|vorschlag\w*"
    r"|würde\w*|könnte\w*|geplant|propuesta|propon\w+|podría\w*|according to|reportedly|estimated?"
    r"|roughly|approximately|average|typically|often|sometimes|usually|laut|ungefähr|durchschnittlich"
    r"|meist|oft|manchmal|según|aproximadamente|a menudo|normalmente"
    r")\b",
    re.I,
)
_ROUGHLY = re.compile(r"\b(?:about|around|some|etwa|circa|ca\.|unos|unas)\s+[€$£]?\d", re.I)
_STAMP = re.compile(
    r"\W*(?:effective|last (?:updated|modified|reviewed|revised)|updated|version|date"
    r"|published|stand|gültig ab|fecha)\b",
    re.I,
)
_PAST = re.compile(r"\b(?:was|were|had|did|war|waren|wurde|wurden|hatte|era|eran|fue|fueron|había)\b", re.I)
_QUOTED = re.compile(r"[\"“„«][^\"“”„»]{12,}[\"”“»]")
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|my|ich|mein\w*|yo)\b")
_ASIDE_HEADING = re.compile(
    r"\b(?:examples?|history|changelog|change log|release notes|what's new|archive|proposals?|proposed|roadmap"
    r"|ideas|draft"
    r"|changes|beispiele?|geschichte|änderungen|vorschläge|archiv|ejemplos?|historia|cambios|propuestas?)\b",
    re.I,
)
MIN_WORDS, MAX_WORDS = 4, 45


def is_aside(sentence: str) -> bool:
    """Whether the sentence is no rule of its page. Rather too many are left out than too few."""
    words = len(sentence.split())
    if not MIN_WORDS <= words <= MAX_WORDS or sentence.endswith(("?", ":")) or " | " in sentence:
        return True
    return bool(
        _ASIDE.search(sentence)
        or _ROUGHLY.search(sentence)
        or _STAMP.match(sentence)
        or _PAST.search(sentence)
        or _QUOTED.search(sentence)
        or _FIRST_PERSON.search(sentence)
    )


def is_aside_heading(heading: str) -> bool:
    """Whether what stands below speaks of examples, of the past or of plans."""
    return bool(_ASIDE_HEADING.search(heading))
