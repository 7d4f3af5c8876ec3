"""Amounts with their units, on one scale for each kind, so that 12 months and one year are the same."""

from __future__ import annotations

import re
from functools import lru_cache

from answerable.text.numbers import numbers

# unit → (kind, how many of the kind's base unit, its spellings in English, German and Spanish)
_UNITS: dict[str, tuple[str, float, str]] = {
    "day": ("days", 1.0, "days? tage?n? d[ií]as?"),
    "week": ("days", 7.0, "weeks? wochen? semanas?"),
    "month": ("days", 30.44, "months? monate?n? mes(?:es)?"),
    "year": ("days", 365.25, "years? jahre?n? años?"),
    "hour": ("hours", 1.0, "hours? stunden? horas?"),
    "minute": ("hours", 1 / 60, "minutes? minuten? minutos?"),
    "percent": ("percent", 1.0, "% percent prozent"),
    "euro": ("euro", 1.0, "€ eur euros?"),
    "dollar": ("dollar", 1.0, r"\$ usd dollars?"),
    "pound": ("pound", 1.0, "£ gbp pounds?"),
}
_UNIT = "|".join(f"(?P<{name}>{'|'.join(unit[2].split())})" for name, unit in _UNITS.items())
# Possessive, and begun only where a number begins: a page of digits or blanks takes no longer than one of words.
_BETWEEN = r"[\s-]*+(?:business|working|calendar|consecutive|werk|kalender)?[\s-]*+"
_WRITTEN = "one|two|three|four|five|six|seven|eight|nine|ten|zwei|drei|vier|fünf|sechs|dos|tres|cuatro|cinco|seis"
_NUMBER = rf"(?<!\d)(?<!\d[.,])\d[\d.,]*+|\b(?:{_WRITTEN})\b"
_QUANTITY = re.compile(rf"(?P<number>{_NUMBER}){_BETWEEN}(?:{_UNIT})(?!\w)", re.I)
_PREFIXED = re.compile(r"(?P<sign>[€$£])\s?(?P<number>\d[\d.,]*)")
_SIGNS = {"€": "euro", "$": "dollar", "£": "pound"}
_SAME = 0.03  # relative: months and years are not whole numbers of days


@lru_cache(maxsize=8192)  # as with facts
def quantities(text: str) -> dict[str, frozenset[float]]:
    """Every amount, by its kind, in the kind's base unit (days, hours, percent, euro, dollar, pound)."""
    found: dict[str, set[float]] = {}
    for match in _QUANTITY.finditer(text):
        name = next(one for one in _UNITS if match.group(one))
        kind, factor, _ = _UNITS[name]
        found.setdefault(kind, set()).update(value * factor for value in _values(match.group("number")))
    for match in _PREFIXED.finditer(text):
        found.setdefault(_SIGNS[match.group("sign")], set()).update(_values(match.group("number")))
    return {kind: frozenset(values) for kind, values in found.items()}


def agree(mine: frozenset[float], theirs: frozenset[float]) -> bool:
    """Whether two sets of amounts share one."""
    return any(abs(a - b) <= _SAME * max(abs(a), abs(b)) for a in mine for b in theirs)


def _values(number: str) -> list[float]:
    if number.lower() == "one":
        return [1.0]
    return [float(reading) for readings in numbers(number) for reading in readings]
