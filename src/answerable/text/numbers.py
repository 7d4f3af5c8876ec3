"""Numbers as written in English, German and Spanish, in a form that can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

from answerable.text.words import fold

_NUMBER = re.compile(
    r"(?<![\w.,])(?<![^\W\d_][-/])\d+(?:[.,']\d+)*"
    r"(?:(?!\w)|(?=(?:st|nd|rd|th|[a-zA-Zµ°%€]{1,4})\b|[%€£$°]))"
)
_NUMBER_WORDS = {
    word: str(value)
    for value, words in enumerate(
        (
            "zero null cero", "one eins uno una", "two zwei dos", "three drei tres", "four vier cuatro",
            "five funf cinco", "six sechs seis", "seven sieben siete", "eight acht ocho", "nine neun nueve",
            "ten zehn diez", "eleven elf once", "twelve zwolf doce", "thirteen dreizehn trece",
            "fourteen vierzehn catorce", "fifteen funfzehn quince", "sixteen sechzehn dieciseis",
            "seventeen siebzehn diecisiete", "eighteen achtzehn dieciocho", "nineteen neunzehn diecinueve",
            "twenty zwanzig veinte",
        )
    )
    for word in words.split()
} | {
    "thirty": "30", "dreissig": "30", "treinta": "30", "forty": "40", "vierzig": "40", "cuarenta": "40",
    "fifty": "50", "funfzig": "50", "cincuenta": "50", "sixty": "60", "sechzig": "60", "sesenta": "60",
    "seventy": "70", "siebzig": "70", "setenta": "70", "eighty": "80", "achtzig": "80", "ochenta": "80",
    "ninety": "90", "neunzig": "90", "noventa": "90", "hundred": "100", "hundert": "100", "cien": "100",
    "thousand": "1000", "tausend": "1000", "mil": "1000",
}  # fmt: skip
_ORDINALS = {
    word: str(value)
    for value, words in enumerate(
        (
            "first erste ersten erster primer primera primero", "second zweite zweiten segundo segunda",
            "third dritte dritten tercero tercera tercer", "fourth vierte vierten cuarto cuarta",
            "fifth funfte funften quinto quinta", "sixth sechste sechsten sexto sexta",
            "seventh siebte siebten septimo septima", "eighth achte achten octavo octava",
            "ninth neunte neunten noveno novena", "tenth zehnte zehnten decimo decima",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_AMBIGUOUS_WORDS = frozenset(
    {"one", "una", "uno", "null", "once", "acht", "mil"}
)  # also pronouns, articles, adverbs
_WORD = re.compile(r"[^\W_]+(?:[-'’./_][^\W_]+)*")


def numbers(text: str) -> list[frozenset[str]]:
    """Each number as the set of its readings, as plain decimals: `1,000` is {1000, 1}; `thirty` is {30}."""
    found = [_readings(match.group()) for match in _NUMBER.finditer(text)]
    for match in _WORD.finditer(text):
        word = fold(match.group())
        if word in _NUMBER_WORDS and word not in _AMBIGUOUS_WORDS:
            found.append(frozenset({_NUMBER_WORDS[word]}))
        elif "-" in word and (value := _compound(word)):
            found.append(frozenset({value}))
    return found


def ordinals(text: str) -> frozenset[str]:
    """The ordinal words as plain numbers: `second` is 2. Apart from numbers, for they often count nothing."""
    folded = (fold(match.group()) for match in _WORD.finditer(text))
    return frozenset(_ORDINALS[word] for word in folded if word in _ORDINALS)


def _compound(word: str) -> str | None:
    tens, _, ones = word.partition("-")
    if (
        tens in _NUMBER_WORDS
        and ones in _NUMBER_WORDS
        and len(_NUMBER_WORDS[tens]) == 2
        and len(_NUMBER_WORDS[ones]) == 1
    ):
        return str(int(_NUMBER_WORDS[tens]) + int(_NUMBER_WORDS[ones]))
    return None


@lru_cache(maxsize=8192)
def _readings(token: str) -> frozenset[str]:
    token = token.lstrip("+").replace("'", ",")
    if "." in token and "," in token:
        decimal = max(token.rfind("."), token.rfind(","))
        whole = re.sub(r"[.,]", "", token[:decimal])
        return frozenset({_plain(f"{whole}.{token[decimal + 1 :]}")})
    mark = "." if "." in token else ","
    parts = token.split(mark)
    if len(parts) == 1:
        return frozenset({_plain(token)})
    readings = set()
    if all(len(part) == 3 for part in parts[1:]):
        readings.add(_plain("".join(parts)))
    if len(parts) == 2:
        readings.add(_plain(".".join(parts)))
    return frozenset(readings or {token})


def _plain(number: str) -> str:
    sign = "-" if number.startswith("-") else ""
    whole, _, fraction = number.lstrip("-").partition(".")
    fraction = fraction.rstrip("0")
    return sign + (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
