"""Whether a text holds a phrase: the same words, numbers and dates, however they are written.

Case, accents, blanks and punctuation do not count; `1,000`, `1 000` and (in German) `1.000` are one number,
`thirty` is 30, `€49.90` is `49.90 EUR`, `2026-05-02` is `2 May 2026`. Only whole words match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from answerable.text.dates import date_spans
from answerable.text.numbers import numbers
from answerable.text.words import fold

_TOKEN = re.compile(
    r"(?P<number>(?<![^\W_])(?:(?<!\S)[-−])?\d+(?:[.,'’]\d+)*(?=[^\W\d_]{0,4}(?![^\W_])))"
    r"|(?P<east>[぀-ヿ㐀-䶿一-鿿가-힯฀-๿])"
    r"|(?P<word>(?:(?![぀-ヿ㐀-䶿一-鿿가-힯฀-๿])[^\W_])+)"
    r"|(?P<sign>[€$£%])"
)
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[   ]\d{3})+(?![\d])")
_UNITS = {
    word: unit
    for unit, words in {
        "euro": "€ eur euro euros",
        "dollar": "$ usd dollar dollars",
        "pound": "£ gbp pound pounds",
        "percent": "% percent prozent",
    }.items()
    for word in words.split()
}
_MONEY = frozenset({"euro", "dollar", "pound"})
_POINT_DECIMAL = frozenset({"en", "zh", "ja", "ko", "th", "he"})  # 1,000.5; elsewhere 1.000,5


@dataclass(frozen=True, slots=True)
class Token:
    """One unit of comparison. `readings` has more than one where a number's marks do not tell."""

    kind: str  # word | number | date
    readings: frozenset[str]


def holds(text: str, phrase: str, *, language: str = "en") -> bool:
    """Whether the phrase is in the text, token for token; an empty phrase is in every text."""
    return any(
        _contains(_tokens(text, language, whole), _tokens(phrase, language, whole)) for whole in (True, False)
    )


def tokens(text: str, *, language: str = "en") -> tuple[Token, ...]:
    """The units of the text in order."""
    return _tokens(text, language, True)


@lru_cache(maxsize=2048)  # an answer is asked for many phrases
def _tokens(text: str, language: str, whole: bool) -> tuple[Token, ...]:
    """With `whole`, dates and numbers grouped by blanks are one token each."""
    if not whole:
        return _money_last(list(_simple(text, language)))
    found: list[Token] = []
    place = 0
    for start, end, readings in date_spans(text):
        found += _simple(_grouped(text[place:start]), language)
        found.append(Token("date", readings))
        place = end
    found += _simple(_grouped(text[place:]), language)
    return _money_last(found)


def _grouped(text: str) -> str:
    return _GROUPED.sub(lambda match: re.sub(r"\s", "", match.group()), text)


def _simple(text: str, language: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "number":
            yield Token("number", _readings(match.group(), language))
        else:
            yield _word(match.group())


@lru_cache(maxsize=16384)
def _word(word: str) -> Token:
    folded = fold(word)
    if written := numbers(folded):
        return Token("number", written[0])
    return Token("word", frozenset({_UNITS.get(folded, folded)}))


@lru_cache(maxsize=8192)
def _readings(number: str, language: str) -> frozenset[str]:
    sign = "-" if number[0] in "-−" else ""
    found = numbers(number.lstrip("-−").replace("’", "'"))
    readings = found[0] if found else frozenset({number.lstrip("-−")})
    if len(readings) > 1:  # 1,000 or 1.000: a group of three in the one language, a fraction in the other
        grouped = ("," in number) == (language in _POINT_DECIMAL)
        whole = frozenset({re.sub(r"\D", "", number).lstrip("0") or "0"})
        readings = readings & whole if grouped else readings - whole
    return frozenset(sign + one for one in readings)


def _money_last(found: list[Token]) -> tuple[Token, ...]:
    """`€ 5` and `EUR 5` as `5 euro`."""
    for place in range(len(found) - 1):
        here, after = found[place], found[place + 1]
        leads = here.kind == "word" and here.readings <= _MONEY and after.kind == "number"
        if leads and not (place and found[place - 1].kind == "number"):
            found[place], found[place + 1] = after, here
    return tuple(found)


def _contains(text: tuple[Token, ...], phrase: tuple[Token, ...]) -> bool:
    last = len(text) - len(phrase)
    return any(
        all(_same(wanted, text[start + place]) for place, wanted in enumerate(phrase)) for start in range(last + 1)
    )


def _same(wanted: Token, found: Token) -> bool:
    if wanted.kind != found.kind:
        return False
    if wanted.kind == "date":
        return any(_says(one, other) for one in wanted.readings for other in found.readings)
    return not wanted.readings.isdisjoint(found.readings)


def _says(wanted: str, found: str) -> bool:
    """Whether the found date is the wanted one, or a sharper one: 2 May 2026 says May 2026 and 2 May."""
    year, _, rest = wanted.partition("-")
    other_year, _, other_rest = found.partition("-")
    return year in ("*", other_year) and (rest == other_rest or other_rest.startswith(f"{rest}-"))
