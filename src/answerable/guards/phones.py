"""Telephone numbers: by their written shape, and by numbering plan where the `phonenumbers` extra is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module, util
from typing import Any

from answerable.guards.patterns import Found, digits

REGIONS = ("US", "GB", "DE", "ES")  # whose national numbers are recognized; international ones always are
_EXTENSION = r"(?:(?: ?x| ?ext\.? ?)\d{1,5})?"
_SHAPES = (
    re.compile(
        r"(?<![\w+.-])(?<!\d )(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,5}"
        r"(?:[ ./-]?\d{2,5}){1,4}(?!\d)" + _EXTENSION
    ),
    re.compile(
        r"(?<![\w.+/-])(?<!\d )(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?![\d-])"
        + _EXTENSION
    ),
    re.compile(r"(?<![\w+/-])\(\d{2,5}\) ?\d{2,4}[ -]\d{2,4}(?:[ -]\d{2,4})?(?![\w-])"),
    re.compile(r"(?<![\w.,+/-])(?<!\d )0\d{1,4}[ /-]\d{2,4}(?:[ -]\d{2,4}){1,3}(?![\w-])"),
    re.compile(r"(?<![\w.,+/-])(?<!\d )\d{2,3}(?:[ -]\d{2}){3,4}(?![\w-])"),
    re.compile(r"(?<![\w.,+/-])(?<!\d )\d{3} \d{3} \d{3}(?![\w,-]| \d)"),
)  # fmt: skip
_OTHER = re.compile(  # a Social Security number that never was, and dates
    r"\d{3}-\d{2}-\d{4}|(?:19|20)\d\d[ .-]\d\d[ .-]\d\d(?:[ .-]\d\d)*|\d\d[ .-]\d\d[ .-](?:19|20)\d\d"
)
_NAMED = re.compile(
    r"\b(?:phone|telephone|tel|mobile|cell(?:phone)?|call(?: me)?(?: at| on)?|fax|whatsapp|telefon\w*"
    r"|handy(?:nummer)?|rufnummer|anrufen unter|m[oó]vil|tel[eé]fono|ll[aá]m[ae]\w*|reach me at|text me at)\b"
    r"[^\d+(]{0,20}(\+?[\d(][\d ().-]{5,18}\d)(?!\d)",
    re.I,
)  # fmt: skip
# A bare run of digits is an order number as often as not; decimals, vectors and addresses are none at all.
_OTHER_NUMBER = re.compile(r"\d+|[^\d]*\d{1,3}\.\d{4,}|\[.*|(?:\d{1,3}\.){3}\d{1,3}", re.S)
_PLANNED_CHARS, _PLANNED_TRIES = 4_000, 40  # the library takes a millisecond a try
_DIGITS = (7, 15)  # E.164 allows fifteen


def phones(text: str) -> Iterator[Found]:
    """Every number that is written like a telephone number; they may overlap."""
    for shape in _SHAPES:
        for match in shape.finditer(text):
            if _DIGITS[0] <= len(digits(match.group())) <= _DIGITS[1] + 5 and not _is_other(match.group()):
                yield Found(kind="PHONE", start=match.start(), end=match.end())
    for match in _NAMED.finditer(text):
        if _DIGITS[0] <= len(digits(match.group(1))) <= _DIGITS[1] and not _is_other(match.group(1)):
            yield Found(kind="PHONE", start=match.start(1), end=match.end(1))
    yield from _planned(text)


def _is_other(value: str) -> bool:
    return bool(_OTHER.fullmatch(value))


def _planned(text: str) -> Iterator[Found]:
    if len(digits(text[:_PLANNED_CHARS])) < _DIGITS[0] or (library := _library()) is None:
        return
    for region in REGIONS:
        for match in library.PhoneNumberMatcher(text[:_PLANNED_CHARS], region, max_tries=_PLANNED_TRIES):
            if not (_OTHER_NUMBER.fullmatch(match.raw_string) or _is_other(match.raw_string)):
                yield Found(kind="PHONE", start=match.start, end=match.end)


@cache
def _library() -> Any:
    """The optional extra: its plans take 60 ms to import, so not before the first text with a digit."""
    return import_module("phonenumbers") if util.find_spec("phonenumbers") else None
