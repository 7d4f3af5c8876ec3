"""Amounts, clock times and dates of a sentence on scales on which two pages can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from answerable.text.dates import date_spans
from answerable.text.numbers import numbers
from answerable.text.stems import stem
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold

Range = tuple[float, float]

# unit → (slot, how many of the slot's base unit, spellings in English, German and Spanish)
_UNITS: dict[str, tuple[str, float, str]] = {
    "second": ("time", 1 / 3600, "seconds? sekunden? segundos?"),
    "minute": ("time", 1 / 60, "minutes? mins? minuten? minutos?"),
    "hour": ("time", 1.0, "hours? hrs? stunden? horas?"),
    "day": ("time", 24.0, "days? tage?n? d[ií]as?"),
    "week": ("time", 168.0, "weeks? wochen? semanas?"),
    "month": ("time", 730.5, "months? monate?n? mes(?:es)?"),
    "year": ("time", 8766.0, "years? jahre?n? años?"),
    "percent": ("percent", 1.0, "% percent prozent"),
    "euro": ("money", 1.0, "€ eur euros?"),
    "dollar": ("money", 1.0, r"\$ usd dollars?"),
    "pound": ("money", 1.0, "£ gbp"),
    "franc": ("money", 1.0, "chf franken"),
    "milligram": ("mass", 0.001, "mg"),
    "gram": ("mass", 1.0, "g grams? gramm gramos?"),
    "kilogram": ("mass", 1000.0, "kg kilograms? kilogramm kilos?"),
    "avoirdupois": ("mass", 453.592, "lbs? pounds?"),
    "millimeter": ("length", 0.001, "mm"),
    "centimeter": ("length", 0.01, "cm"),
    "meter": ("length", 1.0, "m met(?:er|re)s? metern?"),
    "kilometer": ("length", 1000.0, "km kilomet(?:er|re)s?"),
    "mile": ("length", 1609.34, "miles?"),
    "speed": ("speed", 1.0, "km/h kmh kph"),
    "mph": ("speed", 1.609, "mph"),
    "kilobyte": ("data", 0.001, "kb"),
    "megabyte": ("data", 1.0, "mb megabytes?"),
    "gigabyte": ("data", 1000.0, "gb gigabytes?"),
    "terabyte": ("data", 1_000_000.0, "tb terabytes?"),
    "liter": ("volume", 1.0, "l lit(?:er|re)s? litros?"),
    "watt": ("power", 1.0, "w watts?"),
    "celsius": ("temperature", 1.0, "°c"),
}
_SIGNS = {"€": "euro", "$": "dollar", "£": "pound"}
_BY_SPELLING = [(name, re.compile(f"(?:{'|'.join(unit[2].split())})", re.I)) for name, unit in _UNITS.items()]
_UNIT = "|".join(spelling for unit in _UNITS.values() for spelling in unit[2].split())
_WRITTEN = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty sixty ninety eine? einen"
    " zwei drei vier fünf sechs sieben acht neun zehn zwölf un una dos tres cuatro cinco seis siete ocho diez doce"
)
_NUMBER = rf"(?:(?<![\w.,-])\d[\d.,']*\d|(?<![\w.,-])\d|\b(?:{'|'.join(_WRITTEN.split())})\b)"
_TO = r"\s?(?:-|–|to|bis|a|hasta)\s?"
_WORKING = r"(?:(?P<working>business|working|werk|arbeits)|calendar|consecutive|kalender)?[\s-]{0,8}"
_MEASURED = re.compile(
    rf"(?P<low>{_NUMBER})(?:{_TO}(?P<high>{_NUMBER}))?[\s-]{{0,8}}{_WORKING}(?P<unit>{_UNIT})(?!\w)", re.I
)
_SIGNED = re.compile(r"(?P<unit>[€$£])\s?(?P<low>\d[\d.,]*)(?:\s?(?:-|–|to)\s?[€$£]?(?P<high>\d[\d.,]*))?")
_COUNTED = re.compile(
    rf"(?P<low>{_NUMBER})(?:{_TO}(?P<high>{_NUMBER}))?(?P<of>(?:\s+[^\W\d_][\w-]+){{1,3}})", re.I
)
_NUMBERED = re.compile(r"\W*(?:section |article |§\s?)?\d+(?:\.\d+)*", re.I)
_FREE = re.compile(
    r"\b(?:is|are|comes?|travels?)\s(?:always\s)?free\b(?!\s(?:of|from|to)\s(?!charge))|\bfree of charge\b"
    r"|\bat no (?:extra )?(?:cost|charge)\b|\bkosten(?:los|frei)\b|\bgratis\b|\bsin coste\b",
    re.I,
)
_CLOCK = re.compile(
    r"(?<![\d.,:])(?P<h>[01]?\d|2[0-4])(?:[:.](?P<m>[0-5]\d))?\s?(?P<mark>[ap]\.?\s?m\b\.?|uhr\b|o['’]clock\b)"
    r"|(?<![\d.,:])(?P<h24>[01]?\d|2[0-4]):(?P<m24>[0-5]\d)(?![:\d])",
    re.I,
)
_PER = re.compile(
    r"^\s?(?:(?:per|pro|por|each|every|je|of each|for each)\s(?:each )?|/\s?"
    r"|(?:an?|al)\s(?=(?:day|week|month|year|hour|minute|night"
    r"|año|mes|d[ií]a)\b))(?P<per>[^\W\d_]{2,}(?:\s(?:and|und|y)\s[^\W\d_]{2,})?)",
    re.I,
)
_MOST = re.compile(
    r"\b(?:up to|at most|no more than|not more than|maximum|max|within|under|below|less than|fewer than|bis zu"
    r"|höchstens|maximal|innerhalb|unter|hasta|máximo|como mucho|menos de|dentro de)\b[^.;]{0,25}$",
    re.I,
)
_LEAST = re.compile(
    r"\b(?:at least|no less than|minimum|min|over|above|more than|from|starting at|exceed\w*|mindestens|ab|über"
    r"|mehr als|al menos|mínimo|más de|desde|a partir de)\b[^.;]{0,25}$",
    re.I,
)
_ROUNDING = 0.03  # between two units: a month is no whole number of days
_TIMES = frozenset("day week month year hour minut night tag woch monat jahr stund dia seman mes ano hor".split())
_WORKING_DAYS = 1.4  # calendar days in a working day
_PER_STEM = {
    "daili": "day",
    "annual": "year",
    "year": "year",
    "ano": "year",
    "jahr": "year",
    "tag": "day",
    "dia": "day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """text[start:end]. `ranges` are its readings on the slot's scale: hours, minutes of a day, days of a year."""

    start: int
    end: int
    slot: str  # time | money | percent | mass | … | count | clock | date
    unit: str
    ranges: tuple[Range, ...]
    of: frozenset[str] = frozenset()  # the currency, or the stems of what is counted
    per: str = ""  # stem of what it is for each of
    bound: str = ""  # most | least

    def comparable(self, other: Amount) -> bool:
        """Whether the two are of one kind: `5 %` and `5 days` are not."""
        if self.slot != other.slot or {self.bound, other.bound} == {"most", "least"}:
            return False
        if "*" in self.of | other.of:
            return True
        return self._per_alike(other) and (not self.of or not other.of or bool(self.of & other.of))

    def _per_alike(self, other: Amount) -> bool:
        """The same rate; one that does not say for each of what fits all but a rate in time."""
        if self.per and other.per:
            return self.per == other.per
        return (self.per or other.per) not in _TIMES

    def agrees(self, other: Amount) -> bool:
        """Whether some reading of one meets some reading of the other."""
        slack = _ROUNDING if self.unit != other.unit else 1e-9
        return any(_meet(a, b, slack) for a in self.ranges for b in other.ranges)


def _meet(a: Range, b: Range, slack: float) -> bool:
    room = slack * max(abs(a[1]), abs(b[1]))
    return a[0] <= b[1] + room and b[0] <= a[1] + room


@lru_cache(maxsize=4096)
def amounts(text: str, language: str = "en") -> tuple[Amount, ...]:
    """In order of their places; what one reading has taken is gone for the next."""
    found: list[Amount] = []
    for reader in (_dates, _clocks, _measures, _free, _counts):
        for one in reader(text, language):
            found.append(one)
            text = text[: one.start] + "\x1f" * (one.end - one.start) + text[one.end :]
    return tuple(sorted(found, key=lambda one: one.start))


def _dates(text: str, _: str) -> Iterator[Amount]:
    for start, end, readings in date_spans(text):
        days = [one.split("-", 1)[1] if one.startswith("*") else one for one in readings]
        whole = [_day_number(one) for one in days if one.count("-") >= 1]
        ranges = tuple((one, one) for one in whole if one is not None)
        if ranges:
            year = "" if any(one.startswith("*") for one in readings) else "year"
            yield Amount(start=start, end=end, slot="date", unit="date", ranges=ranges, per=year)


def _day_number(date: str) -> float | None:
    """Days into the calendar year only: whether the year is the same is a matter of scope."""
    parts = [int(one) for one in date.split("-")]
    if len(parts) == 3:
        parts = parts[1:]
    elif parts[0] > 12:
        return None  # a month of a year has no day
    return float(parts[0] * 31 + parts[1])


def _clocks(text: str, _: str) -> Iterator[Amount]:
    for match in _CLOCK.finditer(text):
        hour = int(match["h24"] or match["h"])
        minute = int(match["m24"] or match["m"] or 0)
        mark = (match["mark"] or "").lower()
        if mark.startswith("p") and hour < 12:
            hour += 12
        at = float(hour * 60 + minute)
        yield Amount(start=match.start(), end=match.end(), slot="clock", unit="clock", ranges=((at, at),))


def _measures(text: str, language: str) -> Iterator[Amount]:
    for pattern in (_SIGNED, _MEASURED):
        for match in pattern.finditer(text):
            name = _SIGNS.get(match["unit"]) or _unit_of(match["unit"])
            slot, factor, _ = _UNITS[name]
            factors: tuple[float, ...] = (factor,)
            if name == "day" and match.groupdict().get("working"):
                factors = (factor, factor * _WORKING_DAYS)
            yield _amount(
                text,
                match,
                language,
                slot=slot,
                unit=name,
                factors=factors,
                of=frozenset({name}) if slot == "money" else frozenset(),
            )
        text = pattern.sub(lambda found: "\x1f" * len(found.group()), text)


def _unit_of(spelling: str) -> str:
    return next(name for name, pattern in _BY_SPELLING if pattern.fullmatch(spelling))


def _free(text: str, _: str) -> Iterator[Amount]:
    for match in _FREE.finditer(text):
        yield Amount(
            start=match.start(),
            end=match.end(),
            slot="money",
            unit="free",
            ranges=((0.0, 0.0),),
            of=frozenset({"*"}),
        )


def _counts(text: str, language: str) -> Iterator[Amount]:
    for match in _COUNTED.finditer(text):
        if fold(match["low"]) in {"one", "ein", "eine", "einen", "un", "una"}:
            continue  # an article more often than a count
        if match["low"][0].isdigit() and _NUMBERED.fullmatch(text[: match.end("low")]):
            continue  # the number of a section or of an item
        of: list[str] = []
        for word in match["of"].split():
            folded = fold(word)
            if folded in STOPWORDS.get(language, frozenset()) or folded in ("per", "pro", "por", "je"):
                break
            of.append(stem(folded, language))
        if of:
            end = match.start("of") + match["of"].index(match["of"].split()[0])
            yield _amount(text, match, language, slot="count", unit="", factors=(1.0,), of=frozenset(of), end=end)


def _amount(
    text: str,
    match: re.Match[str],
    language: str,
    *,
    slot: str,
    unit: str,
    factors: tuple[float, ...],
    of: frozenset[str],
    end: int | None = None,
) -> Amount:
    before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() :]
    lows = _readings(match["low"]) or [0.0]
    highs = (_readings(match["high"]) if match["high"] else []) or lows
    ranges = tuple(
        (low * factor, high * factor)
        for factor in factors
        for low, high in zip(lows, highs, strict=False)
        if low <= high
    )
    per = _PER.match(after)
    return Amount(
        start=match.start(),
        end=match.end() if end is None else end,
        slot=slot,
        unit=unit,
        ranges=ranges or ((lows[0] * factors[0],) * 2,),
        of=of,
        per=_per(per["per"], language) if per else "",
        bound="most" if _MOST.search(before) else "least" if _LEAST.search(before) else "",
    )


def _per(words: str, language: str) -> str:
    last = stem(fold(words.rsplit(maxsplit=1)[-1]), language)
    return _PER_STEM.get(last, last)


def _readings(number: str) -> list[float]:
    if fold(number) in {"one", "ein", "eine", "einen", "un", "una"}:
        return [1.0]
    readings = {one for each in numbers(number.rstrip(".,'")) for one in each}
    return sorted((float(one) for one in readings if one.count(".") <= 1), reverse=True)
