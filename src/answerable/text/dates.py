"""Dates as written in English, German and Spanish, in a form that can be compared."""

from __future__ import annotations

import re

from answerable.text.words import fold

MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "january jan januar enero",
            "february feb februar febrero",
            "march mar marz maerz marzo",
            "april apr abril",
            "may mai mayo",
            "june jun juni junio",
            "july jul juli julio",
            "august aug agosto",
            "september sept sep septiembre",
            "october oct oktober okt octubre",
            "november nov noviembre",
            "december dec dezember dez diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>[^\W\d_]{3,10})\.?"
_DIGIT = re.compile(r"\d")  # without one there is no date
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:de\s+|of\s+)?{_MONTH}(?:,?\s+(?:de\s+)?(?P<y>\d{{4}}))?\b",
        re.I,
    ),
    re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{{4}}))?\b", re.I),
    re.compile(rf"\b{_MONTH}\s+(?:de\s+)?(?P<y>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})\b"),
)


def dates(text: str) -> tuple[list[frozenset[str]], str]:
    """The dates, and the text with them blanked out.

    Each is the set of its readings, `YYYY-MM-DD` or `YYYY-MM` with `*` for a year that is not said.
    """
    found = _found(text)
    for start, end, _ in found:
        text = text[:start] + " " * (end - start) + text[end:]
    return [readings for _, _, readings in found], text


def date_spans(text: str) -> list[tuple[int, int, frozenset[str]]]:
    """The dates in order, each as (start, end, readings)."""
    return sorted(_found(text), key=lambda one: one[0])


def _found(text: str) -> list[tuple[int, int, frozenset[str]]]:
    """By pattern, the surest first; what one has taken is gone for the next."""
    found: list[tuple[int, int, frozenset[str]]] = []
    if not _DIGIT.search(text):
        return found
    for pattern in _DATES:
        for match in list(pattern.finditer(text)):
            if readings := _date_readings(match.groupdict(), iso=pattern is _DATES[0]):
                found.append((match.start(), match.end(), readings))
                text = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    return found


def _date_readings(parts: dict[str, str | None], *, iso: bool) -> frozenset[str] | None:
    year = parts.get("y") or ""
    if "month" in parts:
        month = MONTHS.get(fold(parts["month"] or ""))
        if month is None:
            return None
        day = int(parts.get("d") or 0)
        return frozenset({_date(year, month, day)}) if day <= 31 else None
    first, second = int(parts["m"] or 0), int(parts["d"] or 0)
    pairs = {(first, second)} if iso else {(first, second), (second, first)}
    return frozenset(_date(year, m, d) for m, d in pairs if 1 <= m <= 12 and 1 <= d <= 31) or None


def _date(year: str, month: int, day: int) -> str:
    return f"{year or '*'}-{month:02d}-{day:02d}" if day else f"{year or '*'}-{month:02d}"
