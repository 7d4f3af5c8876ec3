"""Fiscal periods that a text names: quarters, halves and years, and days that close one."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from answerable.text.dates import date_spans

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_ORDINALS |= {"erste": 1, "zweite": 2, "dritte": 3, "vierte": 4}
_ORDINALS |= {"primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4}
_YEAR = (
    r"(?:(?:of\s{{1,4}})?(?:the\s{{1,4}})?(?:(?:fiscal|financial)\s{{0,4}})?"
    r"(?:year\s{{1,4}})?(?:del?\s{{1,4}}|von\s{{1,4}})?(?P<{0}>(?:19|20)\d\d))"
)
_QUARTER = re.compile(
    rf"(?<![\w.])(?:(?:(?P<before>(?:19|20)\d\d)\s+)?Q(?P<number>[1-4])(?:[\s,/']{{0,6}}{_YEAR.format('year')})?"
    rf"|(?P<word>{'|'.join(_ORDINALS)})[nrs]?[\s-]+(?:(?:fiscal|financial)\s+)?(?:quarter|quartal|trimestre)"
    rf"(?:\s+{_YEAR.format('said')})?)(?!\w)",
    re.I,
)
_HALF = re.compile(r"(?<![\w.])(?:H(?P<number>[12])|(?P<word>first|second)[\s-]+half)(?!\w)", re.I)
_FISCAL = re.compile(
    r"(?<![\w.])(?:FY\s?'?|(?:fiscal|financial)\s+(?:year\s+)?)(?P<year>(?:19|20)?\d\d)(?!\w)", re.I
)
_SPAN = re.compile(
    r"\b(?P<count>three|six|nine|twelve|thirteen|twenty-six|thirty-nine|\d{1,2})[\s-]+(?:months?|weeks?)"
    r"(?:\s+periods?)?(?=\s+end(?:ed|ing))",
    re.I,
)
_MONTHS_OF = re.compile(
    r"\bfirst\s+(?P<count>three|six|nine)\s+months?(?=\s+(?:of|compared|in)\b)|\b(?P<whole>year)[\s-]to[\s-]date",
    re.I,
)
# Words before a day that make it the day a figure is of, or a period's last.
_AS_OF = re.compile(
    r"\b(?:as\s+(?:of|at)|(?:period|quarter|year|months?|weeks?)s?\s+end(?:ed|ing)|through|zum|per|stichtag|al"
    r"|a fecha de)\s*(?:the\s+)?$",
    re.I,
)

_REPORTING = re.compile(
    r"\b(?:quarterly|annual|fiscal|reporting)\s+(?:period|year|quarter)\s+ended\b.{0,40}", re.I | re.S
)
_HINT = re.compile(r"\d|quarter|quartal|trimestre|half|months?\b|to[\s-]date", re.I)  # without one there is none
_SORTS = tuple(map(re.compile, (r"Q\d$", "^H", "^FY", "months$", "^to ")))


@lru_cache(maxsize=4096)
def periods(text: str) -> frozenset[str]:
    """Such as `Q2`, `2024 Q2`, `H1`, `FY24`, `nine months`, `to 2024-03-31`."""
    if not _HINT.search(text):
        return frozenset()
    found = {f"H{match['number'] or _ORDINALS[match['word'].lower()]}" for match in _HALF.finditer(text)}
    for match in _QUARTER.finditer(text):
        quarter = match["number"] or str(_ORDINALS[match["word"].lower()])
        year = match["before"] or match["year"] or match["said"]
        found.add(f"{year} Q{quarter}" if year else f"Q{quarter}")
    found |= {f"FY{match['year'][-2:]}" for match in _FISCAL.finditer(text)}
    found |= {f"{match['count'].lower()} months" for match in _SPAN.finditer(text)}
    found |= {f"{(match['count'] or match['whole']).lower()} months" for match in _MONTHS_OF.finditer(text)}
    return frozenset(found | {f"to {day}" for day in closing_days(text)})


def reported(beginning: str) -> frozenset[str]:
    """The period that a page says at its beginning to be about: `for the quarterly period ended June 30, 2024`."""
    found = _REPORTING.search(beginning)
    return frozenset(f"to {day}" for day in closing_days(found.group())) if found else frozenset()


def closing_days(text: str) -> frozenset[date]:
    """Days after `as of`, `months ended`, `through`: what the sentence says holds for that day, or until it."""
    days = set()
    for start, _, readings in date_spans(text):
        whole = sorted(one for one in readings if "*" not in one and one.count("-") == 2)
        if whole and _AS_OF.search(text[max(0, start - 40) : start]):
            days.add(_date(whole[0]))
    return frozenset(one for one in days if one)


def _date(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def other_period(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether both name a quarter, a span, a closing day …, and not one of the same: `Q2` is that of any year."""
    for sort in _SORTS:
        ours, others = ([one for one in each if sort.search(one)] for each in (mine, theirs))
        if ours and others and not any(_same(a, b) for a in ours for b in others):
            return True
    return False


def _same(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return short == long or (short.startswith("Q") and long.endswith(f" {short}"))
