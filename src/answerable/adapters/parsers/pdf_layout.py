"""What the lines of a PDF are: running headers, headings, list items, paragraphs. By place, size and weight."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from answerable.adapters.parsers.pdf_page import BROKEN, Line
from answerable.adapters.parsers.prose import goes_on

_ZONE = 0.09  # of the page's height, at its top and its bottom
_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|seite|página|p\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/|von|de)\s*\d{1,4})?[-–—|\s]*\Z",
    re.I,
)
_DIGITS = re.compile(r"\d+")
_ITEM = re.compile(r"(?:[•●▪◦‣∙·○■□\uf0b7\uf0a7\uf0d8–-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
_NUMBERED = re.compile(
    r"(?:(?:section|article|part|item)\s+)?(\d{1,2}(?:\.\d{1,2})*|[A-Z])\.?\s+(\S.{3,80})\Z", re.IGNORECASE
)
_BULLET = re.compile(r"[•●▪◦‣∙·○■□\uf0b7\uf0a7\uf0d8–]\s+")
_BROKEN = re.compile(rf"([\w-]*){BROKEN}(\w*)")
_LARGER = 1.1  # times the body's size
_MAX_HEADING = 150  # characters
_MAX_HEADING_LINES = 3
_NUMBERS = re.compile(r"[\d,.$€%()—-]+")


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in this document."""

    body: float  # points
    sizes: tuple[float, ...]  # of headings, largest first
    pitch: float  # from line to line, in sizes


def without_running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Headers and footers go: lines in the outer zones that most pages repeat, digits apart, and page numbers."""
    seen = Counter(
        key
        for lines, height in zip(pages, heights, strict=True)
        for key in {_key(line) for line in lines if _outer(line, height)}
    )
    often = max(2, 0.4 * len(pages))
    return [
        [
            line
            for line in lines
            if not (_outer(line, height) and seen[_key(line)] >= often) and not _is_page_number(line, height)
        ]
        for lines, height in zip(pages, heights, strict=True)
    ]


def style_of(lines: Sequence[Line]) -> Style:
    """The body's size is that of most characters."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    body = weights.most_common(1)[0][0] if weights else 10.0
    larger = sorted({line.size for line in lines if line.size > _LARGER * body and _short(line)}, reverse=True)
    total = sum(weights.values())
    sizes = tuple(size for size in larger if weights[size] < 0.2 * total)[:4]
    steps = sorted(
        (above.y - line.y) / line.size
        for above, line in pairwise(lines)
        if above.size == line.size == body and above.page == line.page and 0.8 < (above.y - line.y) / line.size < 3
    )
    return Style(body, sizes, steps[len(steps) // 5] if steps else 1.3)


def heading_level(lines: Sequence[Line], at: int, style: Style, outline: Mapping[tuple[int, str], int]) -> int:
    """Of lines[at]; 0: no heading. The outline knows best; then size; then bold lines that stand alone."""
    line = lines[at]
    known = outline.get((line.page, flat(line.text)))
    if known:
        return known
    if not _short(line) or not any(char.isalpha() for char in line.text):
        return 0
    if line.size in style.sizes:
        return style.sizes.index(line.size) + 1
    if line.bold and line.size >= style.body and _titled(line.text) and _bold_run(lines, at) <= _MAX_HEADING_LINES:
        return min(len(style.sizes) + 1, 6)
    numbered = _NUMBERED.match(line.text)
    if numbered and numbered.group(2).isupper() and line.size >= style.body:
        return min(len(style.sizes) + 1 + numbered.group(1).count("."), 6)
    return 0


def _bold_run(lines: Sequence[Line], at: int) -> int:
    """How many bold lines stand together here: a heading has few."""
    first = last = at
    while first > 0 and continues_heading(lines[first - 1], lines[first]) and at - first <= _MAX_HEADING_LINES:
        first -= 1
    while (
        last + 1 < len(lines)
        and continues_heading(lines[last], lines[last + 1])
        and last - at <= _MAX_HEADING_LINES
    ):
        last += 1
    return last - first + 1


def continues_heading(line: Line, following: Line) -> bool:
    """Whether a heading goes on in the next line."""
    near = 0 < line.y - following.y < 1.7 * line.size
    return near and following.page == line.page and following.size == line.size and following.bold == line.bold


def starts_paragraph(above: Line, line: Line, style: Style) -> bool:
    if above.page != line.page or line.y > above.y:  # a new page or column: a broken sentence goes on
        return above.text[-1] in ".:!?" or not line.text[:1].islower()
    if abs(above.size - line.size) > 0.6 or above.bold != line.bold or _ITEM.match(line.text):
        return True
    return above.y - line.y > style.pitch * line.size * 1.25 + 0.5


def is_item(line: Line) -> bool:
    return _ITEM.match(line.text) is not None


def item_text(text: str) -> str:
    """With `-` for every kind of bullet."""
    return _BULLET.sub("- ", text, count=1) if _BULLET.match(text) else text


def paragraph_text(lines: Sequence[Line], words: set[str]) -> str:
    """Joined where the line was full; words that the typesetter broke are made whole. `words`: of the document."""
    right = max(line.x1 for line in lines)
    text = lines[0].text
    for line, following in pairwise(lines):
        text = _join(text, line, following, right)
    return mended(text, words)


def words_of(lines: Iterable[Line]) -> set[str]:
    return {word for line in lines for word in re.findall(r"[\w-]+", line.text.casefold())}


def flat(text: str) -> str:
    """For comparing a line with an outline's entry."""
    return "".join(char for char in text.casefold() if char.isalnum())


def mended(text: str, words: set[str]) -> str:
    """Words that the typesetter broke made whole; a hyphen stays where the document writes it elsewhere, too."""

    def whole(match: re.Match[str]) -> str:
        before, after = match.group(1), match.group(2)
        hyphenated = f"{before}-{after}".casefold() in words and f"{before}{after}".casefold() not in words
        written = hyphenated or not before[-1:].isalpha() or not after[:1].islower()
        return f"{before}-{after}" if written else before + after

    return _BROKEN.sub(whole, text)


def _join(text: str, line: Line, following: Line, right: float) -> str:
    first = following.text.split(" ", 1)[0]
    if text.endswith(BROKEN):
        return text + following.text
    if text.endswith("-") and text[-2:-1].isalpha() and first[:1].islower():
        return text[:-1] + BROKEN + following.text
    room = right - line.x1
    full = goes_on(text, following.text) or room < (len(first) + 1) * 0.45 * line.size
    return text + (" " if full and not _tabular(line, following) else "\n") + following.text


def _tabular(line: Line, following: Line) -> bool:
    """Rows of figures, of a table without rules."""
    return all(
        len(cells) >= 3 and sum(1 for cell in cells[-2:] if _NUMBERS.fullmatch(cell)) == 2
        for cells in (line.text.split(), following.text.split())
    )


def _short(line: Line) -> bool:
    return len(line.text) <= _MAX_HEADING


def _titled(text: str) -> bool:
    return (text[0].isupper() or text[0].isdigit()) and text[-1] not in ".,;" and len(text) <= 100


def _outer(line: Line, height: float) -> bool:
    return line.y < _ZONE * height or line.y > (1 - _ZONE) * height


def _is_page_number(line: Line, height: float) -> bool:
    inner = 1.7 * _ZONE * height < line.y < (1 - _ZONE) * height
    return not inner and _PAGE_NUMBER.match(line.text) is not None


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text), round(line.y / 10)
