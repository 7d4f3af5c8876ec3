"""Sentences as spans. Rules, not a model: fast, the same every time, and good on prose, lists and headings."""

from __future__ import annotations

import re

_END = re.compile(
    # From the first sign of a run, never giving one back: a page of dots would take quadratic time.
    r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’»)\]]*+(?=\s|$)"
    r"|[。！？]|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)]|#|\|)\s?|[^\n]* \| )"
)
_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof sr jr st no nos vs etc e.g i.e eg ie cf al fig figs sec vol pp p art inc ltd co corp
    approx est dept tel ext max min bzw ca usw z.b d.h u.a nr str abs vgl ggf inkl evtl bspw zzgl sra srta ej pag
    núm ud uds jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m u.s u.k e.u""".split()
)
_WORD_BREAK = re.compile(r"[\s\"'“”(«]")
_NEXT = re.compile(r"\s*(\S?)")
_LONGEST = 24  # characters: whatever is longer is no abbreviation and no ordinal
_ORDINAL_LANGUAGES = frozenset({"de", "da", "no", "fi", "hu"})  # `3. Mai` does not end a sentence


def sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """The [start, end) of each sentence, blanks trimmed, in order; list items and table rows stand alone."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if "\n" not in match.group() and _continues(text, start, match, language):
            continue
        end = match.start() if match.group().startswith("\n") else match.end()
        _append(spans, text, start, end)
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def _continues(text: str, start: int, match: re.Match[str], language: str) -> bool:
    if not match.group().startswith(".") or match.group().startswith(".."):
        return False
    dot = match.start()
    if dot == start or _WORD_BREAK.match(text[dot - 1]):
        return False
    begin = _last_word(text, max(start, dot - _LONGEST), dot)
    word = text[begin:dot].lower()
    following = _NEXT.match(text, match.end()).group(1)  # type: ignore[union-attr]  # it always matches
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and following.isupper()):
        return True
    if word.isdigit() and language in _ORDINAL_LANGUAGES and len(word) <= 2:
        return True
    if word.isdigit() and not text[start:begin].strip():
        return True  # a numbered list item: the number is not a sentence
    return following.islower()


def _last_word(text: str, start: int, end: int) -> int:
    """Where the word that ends at `end` begins, looking no further back than `start`."""
    while end > start and not _WORD_BREAK.match(text[end - 1]):
        end -= 1
    return end
