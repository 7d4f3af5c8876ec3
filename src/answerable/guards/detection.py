"""The form of a text in which attacks are looked for: every disguise that can be undone is undone. Never shown."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from answerable.text.canonical import canonicalize, without_towers
from answerable.text.stopwords import STOPWORDS

MAX_CHARS = 20_000  # read of one text; longer ones are looked at in pieces by those who must see everything
_FRAGMENTS = 20  # decoded of one text
_LOOKALIKES = {  # Cyrillic, Greek, Armenian and phonetic letters that look Latin, case-folded
    ord(char): latin
    for latin, chars in {
        "a": "аαɑ", "b": "вьβ", "c": "сςϲ", "d": "ԁɗ", "e": "еєεҽ", "g": "ɡցɢ", "h": "һհнћ",
        "i": "іıɪɩι", "j": "јϳ",
        "k": "кκ", "l": "ӏʟ", "m": "мμ", "n": "пηոɴ", "o": "оοσօ", "p": "рρ", "q": "ԛզ", "r": "гʀ", "s": "ѕꜱ",
        "t": "тτ", "u": "υս", "v": "νѵ", "w": "ԝωա", "x": "хχ", "y": "уγүʏ", "z": "ᴢ",
    }.items()
    for char in chars
}  # fmt: skip
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_STEMS = re.compile(r"ignor|previous|instruct|prompt|reveal|system|disregard|overrid|forget|jailbr|secret")
_LEET_L = str.maketrans("0134578@$!|", "oleastbasil")
_MIXED = re.compile(r"[013457@$]")
_MIXED_WORD = re.compile(r"(?<!\S)(?=\S*[a-z])(?=\S*[013457@$])[a-z013457@$!|]{2,24}(?=[\s.,;:?!]|$)")
_LATIN = re.compile(r"[a-z]")
_WORD = re.compile(r"[^\W\d_]+")
_MARK = re.compile("[\u0300-\u036f]")
_URL_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2}){3,}")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,4000}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ :,]?){8,2000}(?![0-9A-Za-z])")
_HEX_NOISE = re.compile(r"0x|\\x|[ :,]")
_SPACED = re.compile(r"(?<!\S)\S(?:([ .*_|·/,-])\S)(?:\1[^\n]){5,}")
_QUOTED_PARTS = re.compile(r"\b\w{1,20}\s{0,3}=\s{0,3}\"([^\"\n]{1,200})\"")
_ATTACK_WORDS = (
    "ignore ignoring disregard forget previous instructions instruction system prompt reveal override bypass "
    "developer jailbreak assistant password credentials restrictions guidelines repeat display everything"
).split()
_COMMON = frozenset(
    word
    for word in frozenset().union(*STOPWORDS.values(), _ATTACK_WORDS, ("what", "how", "who", "der", "die", "wie"))
    if len(word) > 1
)
_SCRAMBLED = {(word[0], word[-1], "".join(sorted(word[1:-1]))): word for word in _ATTACK_WORDS}
_SCRAMBLED_ENDS = frozenset((len(word), word[0], word[-1]) for word in _ATTACK_WORDS)
_ROT13 = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "nopqrstuvwxyzabcdefghijklmNOPQRSTUVWXYZABCDEFGHIJKLM"
)


def detection_form(text: str) -> str:
    """Case-folded views of the text, one under the other: itself without disguise, then what it encodes.

    Undone: invisible characters, hidden messages, HTML entities, URL escapes, compatibility letters, accents,
    look-alike letters, leet, spaced letters, base64, hexadecimal, rot13, reversal, split strings, scrambled words.
    """
    return "\n".join(views(text))


def views(text: str) -> list[str]:
    """The parts of `detection_form`, without repeats; the plain view comes first. Reads MAX_CHARS characters."""
    canonical = canonicalize(text[:MAX_CHARS])
    plain = fold_lookalikes(canonical.text)
    found = [plain, *map(fold_lookalikes, canonical.hidden)]
    found += [fold_lookalikes(one) for one in _decoded(_unescape(canonical.text))]
    found += _respelled(plain)
    return list(dict.fromkeys(view for view in found if view.strip()))


def plain_view(text: str) -> str:
    """The canonical text in folded form: what the classifiers read."""
    return fold_lookalikes(canonicalize(text).text)


@lru_cache(maxsize=8)  # the rules and the classifiers read one text one after the other
def fold_lookalikes(text: str) -> str:
    """Case, width, accents and look-alike letters folded, escapes read."""
    unescaped = _unescape(text)
    if unescaped.isascii():
        return unescaped.casefold()
    folded = unicodedata.normalize("NFKD", without_towers(unescaped)).casefold()
    folded = unicodedata.normalize("NFC", _MARK.sub("", folded))
    if folded.isascii():
        return folded
    mostly_latin = 2 * len(_LATIN.findall(folded)) > sum(map(str.isalpha, folded))
    return _WORD.sub(lambda match: _latin_word(match.group(), mostly_latin), folded)


def _latin_word(word: str, mostly_latin: bool) -> str:
    if word.isascii() or not (mostly_latin or _LATIN.search(word)):
        return word
    swapped = word.translate(_LOOKALIKES)
    return swapped if swapped.isascii() or _LATIN.search(word) else word


def _unescape(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    return _URL_ESCAPES.sub(lambda match: unquote(match.group(), errors="ignore"), text)


def _decoded(text: str) -> Iterator[str]:
    for match in islice(_BASE64.finditer(text), _FRAGMENTS):
        yield from _readable(_from_base64(match.group()))
    for match in islice(_HEX.finditer(text), _FRAGMENTS):
        yield from _readable(_from_hex(match.group()))


def _from_base64(fragment: str) -> bytes:
    plain = fragment.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _from_hex(fragment: str) -> bytes:
    digits = _HEX_NOISE.sub("", fragment)
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _readable(data: bytes) -> Iterator[str]:
    """The text that the bytes are, where they are one: printable, mostly letters and blanks."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    letters = sum(char.isalpha() or char == " " for char in text)
    if len(text) >= 8 and text.replace("\n", " ").isprintable() and letters >= 0.7 * len(text):
        yield text


def _respelled(plain: str) -> Iterator[str]:
    """Other readings of the plain view, each only where it reads more like language than the view does."""
    spaced = _join_spaced(plain)
    yield spaced
    common = max(1, _commonness(plain))
    for candidate in (plain.translate(_ROT13), plain[::-1]):
        if _commonness(candidate) > common:
            yield candidate
    for one in (plain, spaced):
        yield from _unleeted(one)
    parts = _QUOTED_PARTS.findall(plain) if plain.count('"') >= 4 else []
    if len(parts) >= 2:
        yield "".join(parts)
    if any(_unscramble(word) != word for word in set(_WORD.findall(plain))):
        yield _WORD.sub(lambda match: _unscramble(match.group()), plain)


def _unleeted(plain: str) -> Iterator[str]:
    """Digits and signs read as letters; a one is an i or an l."""
    if len(_MIXED.findall(plain)) < 2:
        return
    readings = (plain.translate(_LEET), plain.translate(_LEET_L))
    if len(_MIXED_WORD.findall(plain)) >= 2:
        yield from readings
        yield _MIXED_WORD.sub(lambda match: match.group().translate(_LEET), plain)
    else:  # without the borders of words only what attacks say tells leet from a code
        yield from (one for one in readings if _STEMS.search(_NOT_LETTERS.sub("", one)))


def _join_spaced(plain: str) -> str:
    runs = [match.group() for match in _SPACED.finditer(plain)]
    return "\n".join(run[::2] for run in runs if len(run) > 12)


def _commonness(text: str) -> int:
    return sum(map(_COMMON.__contains__, _WORD.findall(text[:2000])))


def _unscramble(word: str) -> str:
    if (len(word), word[0], word[-1]) not in _SCRAMBLED_ENDS:
        return word
    return _SCRAMBLED.get((word[0], word[-1], "".join(sorted(word[1:-1]))), word)
