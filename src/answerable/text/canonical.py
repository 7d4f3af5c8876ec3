"""The canonical form of a text: what a reader sees, without the characters that only a machine reads.

One function for documents, questions and answers. Not a translation and not NFKC: letters, accents, digits and
signs that a person wrote stay as they are. For the form in which attacks are looked for: `guards/detection.py`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_RTL = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
# Emoji tag sequences: a black flag, its region in tag letters, a cancel tag.
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f)|[\U000e0000-\U000e007f]+"
)
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_OVERRIDE = re.compile("\u202e([^\u202a-\u202e\u2066-\u2069\n]*)[\u202c\u2069]?")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKS_OF_DIRECTION = re.compile("[\u200e\u200f\u061c]")
_SOFT_HYPHEN = re.compile("\u00ad")
# All of Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt) that no other step looks after.
_ZERO_WIDTH = re.compile(
    "(?!^)\ufeff|[\u2060-\u2065\u206a-\u206f\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
_BREAK_HINT = re.compile("\u200b+")
_MONGOLIAN_SELECTOR = re.compile("(?<![\u1800-\u18af])[\u180b-\u180f]+")
_JOINER = re.compile("[\u200c\u200d]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAK = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no encoding can write it
_MARK = re.compile("[\u0300-\u036f]")
_MARKED = re.compile("[^\u0300-\u036f\n]?[\u0300-\u036f]+")
_COMPATIBLE = re.compile(
    "[\uff01-\uff5e]{3,}|[\U0001d400-\U0001d7ff]{3,}|[\u2460-\u24ff\U0001f100-\U0001f18f]{3,}"
)
_MARKS_KEPT = 2  # on one letter, beyond what composes: phonetic and mathematical notation needs no more
_MARKS_READ = 32  # of one tower: ordering marks takes quadratic time
_TOWER = re.compile(rf"[^\w\s\x00-\u02ff]{{{_MARKS_READ + 1},}}")  # marks of any script, and signs
_ROUNDS = 8  # taking one thing out can bring two others together
_KEPT_CHARS = 20_000  # of a text whose form is remembered: a whole document is read once
_MARKED_SHARE = 0.35  # of the letters carrying marks that do not compose: above it the marks are noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """The text as a reader sees it, the names of what was taken out, and the messages that were hidden in it."""

    text: str
    removed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def canonicalize(text: str) -> Canonical:
    """Take out what a reader cannot see; benign text of any script comes back as it was. Idempotent."""
    return _remembered(text) if len(text) <= _KEPT_CHARS else _canonicalize(text)


@lru_cache(maxsize=8)  # several readers look at one text one after the other
def _remembered(text: str) -> Canonical:
    return _canonicalize(text)


def _canonicalize(text: str) -> Canonical:
    if text.isascii() and not (_CONTROL.search(text) or _LINE_BREAK.search(text)):
        return Canonical(text=text)
    hidden = [*_tag_messages(text), *_selector_messages(text)]
    removed: dict[str, None] = {}
    for _ in range(_ROUNDS):
        before = text
        for name, step in _STEPS:
            after = step(text)
            if after != text:
                removed[name] = None
                text = after
        if text == before:
            break
    return Canonical(text=text, removed=tuple(removed), hidden=tuple(hidden))


def _tag_messages(text: str) -> list[str]:
    runs = (match.group() for match in _TAGS.finditer(text) if not match.group(1))
    decoded = ("".join(chr(ord(char) - 0xE0000) for char in run) for run in runs)
    return [clean for one in decoded if (clean := _CONTROL.sub("", one))]


def _selector_messages(text: str) -> list[str]:
    """Bytes smuggled one a variation selector (Butler, "Smuggling arbitrary data through an emoji", 2025)."""
    runs = (match.group() for match in _SELECTORS.finditer(text) if len(match.group()) > 1)
    decoded = (bytes(map(_selector_byte, run)).decode("utf-8", "ignore") for run in runs)
    return [clean for one in decoded if (clean := _CONTROL.sub("", one).strip())]


def _selector_byte(char: str) -> int:
    code = ord(char)
    return code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16


def without_towers(text: str) -> str:
    """The text with at most 32 combining marks in a row, of any script: it normalizes in linear time."""
    return text if text.isascii() else _TOWER.sub(_lowered, text)


def _lowered(match: re.Match[str]) -> str:
    found = match.group()
    return found[:_MARKS_READ] + "".join(char for char in found[_MARKS_READ:] if not unicodedata.combining(char))


def _drop_tags(text: str) -> str:
    return _TAGS.sub(lambda match: match.group(1) or "", text)


def _drop_selectors(text: str) -> str:
    def kept(match: re.Match[str]) -> str:
        run = match.group()
        before = text[match.start() - 1 : match.start()]
        if len(run) > 1 or not before:
            return ""
        return run if _takes_selector(before, run) else ""

    return _SELECTORS.sub(kept, text)


def _takes_selector(before: str, selector: str) -> bool:
    if selector > "\ufe0f":
        return bool(_CJK.match(before)) or ord(before) >= 0x20000
    return before in "#*0123456789©®‼⁉™ℹ〰" or unicodedata.category(before) in ("So", "Sm", "Sk", "Po", "Lo")


def _drop_bidi(text: str) -> str:
    """An overridden run is shown reversed, so it is read reversed; the controls themselves go.

    Embeddings and isolates stay on a line that runs right to left and closes what it opens: typesetting, no trick.
    """
    if not _BIDI.search(text):
        return text
    return "\n".join(line if _typeset(line) else _without_bidi(line) for line in text.split("\n"))


def _without_bidi(line: str) -> str:
    return _BIDI.sub("", _OVERRIDE.sub(lambda match: match.group(1)[::-1], line))


def _typeset(line: str) -> bool:
    if "\u202d" in line or "\u202e" in line or not _RTL.search(line):
        return False
    depth = 0
    for control in _BIDI.findall(line):
        depth += -1 if control in "\u202c\u2069" else 1
        if depth < 0:
            return False
    return depth == 0


def _drop_break_hints(text: str) -> str:
    """A zero-width space is where a line may break in scripts without blanks: Thai, Lao, Myanmar, Khmer."""

    def kept(match: re.Match[str]) -> str:
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        return "\u200b" if before and after and _without_blanks(before) and _without_blanks(after) else ""

    return _BREAK_HINT.sub(kept, text)


def _without_blanks(char: str) -> bool:
    code = ord(char)
    return 0x0E00 <= code <= 0x109F or 0x1780 <= code <= 0x17FF


def _drop_direction_marks(text: str) -> str:
    return text if _RTL.search(text) else _MARKS_OF_DIRECTION.sub("", text)


def _drop_joiners(text: str) -> str:
    def kept(match: re.Match[str]) -> str:
        before = text[max(0, match.start() - 1) : match.start()]
        after = text[match.end() : match.end() + 1]
        return match.group()[0] if _joins(match.group()[0], before, after) else ""

    return _JOINER.sub(kept, text)


def _joins(joiner: str, before: str, after: str) -> bool:
    if not before:
        return False
    if _script_joins(before):
        return True
    return joiner == "\u200d" and bool(after) and _pictographic(before) and _pictographic(after)


def _script_joins(char: str) -> bool:
    """Arabic, Syriac, Thaana, N'Ko, the Indic scripts, Tibetan, Myanmar, Khmer, Mongolian: joiners spell there."""
    code = ord(char)
    return (
        0x0600 <= code <= 0x08FF
        or 0x0900 <= code <= 0x109F
        or 0x1780 <= code <= 0x18AF
        or 0xFB50 <= code <= 0xFEFC
    )


def _pictographic(char: str) -> bool:
    """Emoji that Python's Unicode does not know yet count by their block."""
    return char in "\ufe0f↔" or 0x1F000 <= ord(char) <= 0x1FAFF or unicodedata.category(char) in ("So", "Sk")


def _drop_marks(text: str) -> str:
    """Compose accents; drop towers of marks, and every loose mark where marks are sown over the whole text."""
    if not _MARK.search(text):
        return text
    loose = sum(bool(_loose(match)) for match in _MARKED.finditer(text))
    letters = sum(map(str.isalpha, text))
    limit = 0 if loose >= 4 and loose > _MARKED_SHARE * letters else _MARKS_KEPT
    return _MARKED.sub(lambda match: _composed(match)[: _kept_length(match, limit)], text)


def _composed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match.group()[:_MARKS_READ])


def _loose(match: re.Match[str]) -> str:
    return "".join(char for char in _composed(match) if "\u0300" <= char <= "\u036f")


def _kept_length(match: re.Match[str], limit: int) -> int:
    composed, loose = _composed(match), len(_loose(match))
    return len(composed) - max(0, loose - limit)


def _plain_letters(text: str) -> str:
    """Words in full-width, mathematical or circled letters become plain; CJK text keeps its full-width forms."""
    if _CJK.search(text):
        return text
    return _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)


_STEPS = (
    ("tag_characters", _drop_tags),
    ("variation_selectors", _drop_selectors),
    ("bidi_controls", _drop_bidi),
    ("direction_marks", _drop_direction_marks),
    ("soft_hyphens", lambda text: _SOFT_HYPHEN.sub("", text)),
    ("zero_width", lambda text: _drop_break_hints(_MONGOLIAN_SELECTOR.sub("", _ZERO_WIDTH.sub("", text)))),
    ("joiners", _drop_joiners),
    ("control_characters", lambda text: _CONTROL.sub("", _LINE_BREAK.sub("\n", _SURROGATE.sub("\ufffd", text)))),
    ("combining_marks", _drop_marks),
    ("compatibility_letters", _plain_letters),
)
