"""Spellings under which a secret may leave: those of a short token, and readings of a text that undo them."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import string
from collections.abc import Iterable, Iterator
from itertools import groupby

PART_CHARS = 8  # a token's half counts when it has as many letters and digits
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_DECIMAL = re.compile(r"(?<!\d)(?:\d{2,3}[ ,;]{1,2}){8,2000}\d{2,3}(?!\d)")
_BINARY = re.compile(r"(?<!\d)(?:[01]{8}[ ,]{0,2}){8,2000}")
_BASE32 = re.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{16,4000}={0,6}")
_LETTERS, _DIGITS = string.ascii_lowercase, string.digits


def squashed(text: str) -> str:
    """Letters and digits alone, of a folded text."""
    return _NOT_ALNUM.sub("", text)


def shows(token: str, text: str, readings: Iterable[str]) -> bool:
    """Whether the text, in any of its folded readings, has the token or a half of it.

    Re-cased, split by whatever is no letter or digit, reversed, shifted in the alphabet, or as base64, base32,
    hexadecimal, decimal or binary codes.
    """
    compact = _NOT_BASE64.sub("", text)
    if any(form in compact for form in _base64_forms(token)):
        return True
    forms = frozenset(_spellings(token))
    return any(form in view for view in map(squashed, readings) for form in forms)


def _spellings(token: str) -> Iterator[str]:
    whole = squashed(token.casefold())
    half = len(whole) // 2
    for part in (whole, whole[:half], whole[half:]):
        if part and (part is whole or len(part) >= PART_CHARS):
            yield from (part, part[::-1])
            yield from _shifted(part)
    for one in (token, token.lower(), token.upper(), token[::-1]):
        middle = len(one) // 2
        parts = (one[:middle], one[middle:]) if middle >= PART_CHARS else (one,)
        for part in parts:
            yield from _coded(part.encode())


def _shifted(part: str) -> Iterator[str]:
    """Every letter so many further in the alphabet, with the digits as they are or shifted likewise."""
    for by in range(1, 26):
        letters = _LETTERS[by:] + _LETTERS[:by]
        for digits_by in {0, by % 10, 5 if by == 13 else 0}:
            digits = _DIGITS[digits_by:] + _DIGITS[:digits_by]
            yield part.translate(str.maketrans(_LETTERS + _DIGITS, letters + digits))


def _coded(data: bytes) -> Iterator[str]:
    yield data.hex()
    yield "".join(str(byte) for byte in data)
    yield "".join(f"{byte:08b}" for byte in data)
    yield base64.b32encode(data[: len(data) // 5 * 5]).decode().lower()


def _base64_forms(token: str) -> Iterator[str]:
    """The token's inner base64 letters at each of the three alignments that a longer text can give it."""
    for one in (token, token.lower(), token.upper(), token[::-1], codecs.encode(token, "rot13")):
        middle = len(one) // 2
        for part in (one, one[:middle], one[middle:]):
            for offset in range(3):
                padded = base64.b64encode(b"\0" * offset + part.encode()).decode().rstrip("=")
                inner = padded[(0, 2, 3)[offset] : len(padded) - 1]
                if len(inner) >= PART_CHARS:
                    yield inner


def decoded(text: str) -> Iterator[str]:
    """What decimal, binary and base32 codes in a text say, where that is text."""
    for match in _DECIMAL.finditer(text):
        yield from _readable(bytes(int(one) & 0xFF for one in re.findall(r"\d+", match.group())))
    for match in _BINARY.finditer(text):
        bits = re.sub(r"[^01]", "", match.group())
        yield from _readable(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8)))
    for match in _BASE32.finditer(text):
        letters = match.group().rstrip("=")
        try:
            yield from _readable(base64.b32decode(letters + "=" * (-len(letters) % 8)))
        except binascii.Error:
            continue


def _readable(data: bytes) -> Iterator[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    if text.replace("\n", " ").isprintable():
        yield text


def orders(words: list[str]) -> Iterator[list[str]]:
    """The words as they stand, without numbers between them, without repetition, and backwards."""
    yield words
    bare = [word for word in words if not word.isdigit()]
    once = [word for word, _ in groupby(bare)]
    for other in (bare, once):
        if len(other) != len(words):
            yield other
    yield once[::-1]
