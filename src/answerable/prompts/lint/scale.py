"""Whether a text asks for a verdict as a number, a letter or stars."""

from __future__ import annotations

import re

_UNITS = r"(?:points?|stars?|marks|punkte?n?|sterne?n?|puntos?|estrellas?)"
_RATED = (
    rf"\b(?:rat(?:e|es|ed|ing)|scor(?:e|es|ed|ing)|scales?|grad(?:e|es|ed|ing)|likert|assess\w*|evaluat\w*|rank"
    rf"|judge|award\w*|bewert\w*|skala|noten?|benot\w*|vergib|punt[uú]\w*|escala|valor[ae]\w*|califi\w*"
    rf"|eval[uú]\w*|{_UNITS})\b"
)
_LEAST = r"(?:[01]|zero|one|null|eins?|cero|uno?)"
_MOST = (
    r"(?:3|4|5|6|7|9|10|100|three|four|five|six|seven|ten|hundred|drei|vier|fünf|sechs|zehn|hundert"
    r"|tres|cuatro|cinco|diez|cien)"
)
_RANGE = (
    rf"\b{_LEAST}\s*(?:(?:to|through|and|bis|und|a|al|y|up to)\b|-|–|—|…|\.\.\.?)\s*{_MOST}\b"
    rf"|\bout of {_MOST}\b|/\s?(?:5|10|100)\b|\b{_MOST}[- ](?:point|star|stufig)"
    rf"|\bA\s*(?:to|through|-|–|bis|a)\s*[EF]\b"
    rf"|\b[01]\.0?\s*(?:to|and|-|–)\s*1\.0\b"
)
_GIVEN = (
    r"\b(?:give|award|assign|grant|gib|vergib|vergebe|verteile|da|otorga|asigna)\b"
    rf"[^.!?]{{0,60}}\b{_MOST} {_UNITS}\b"
)
_GOOD = r"(?:how (?:good|well|relevant|correct|helpful|likely|sure)|quality|confidence)"
_PERCENT = rf"\b{_GOOD}\b[^.!?]{{0,60}}\bper ?cent(?:age)?\b"
_PERCENT_FIRST = rf"\bper ?cent(?:age)?\b[^.!?]{{0,60}}\b{_GOOD}\b"
_SCALE = re.compile(
    rf"{_RATED}[^.!?]{{0,80}}?(?:{_RANGE})|(?:{_RANGE})[^.!?]{{0,60}}?{_RATED}|{_GIVEN}|{_PERCENT}|{_PERCENT_FIRST}",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\n(?=\s{0,40}(?:\n|#|[-*] |\d+[.)] ))")  # what stands in one sentence does not go over it
_HEADING = re.compile(r"^(#[^\n]*)\n", re.MULTILINE)
_BEFORE = 100  # characters that are looked through for a denial
_DENIED = re.compile(
    r"\b(?:no|not|never|without|instead of|rather than"
    r"|kein\w*|nicht|nie|ohne|statt|sin|nunca|en vez de)\b[^.!?]{0,30}$",
    re.IGNORECASE,
)


def scale(text: str) -> tuple[int, int] | None:
    """The first [start, end) that asks for one; None where none does. `never rate from 1 to 5` asks for none."""
    flat = _BREAK.sub(".", _HEADING.sub(r"\1.", text)).replace("\n", " ")
    for match in _SCALE.finditer(flat):
        if not _DENIED.search(flat[max(0, match.start() - _BEFORE) : match.start()]):
            return match.span()
    return None
