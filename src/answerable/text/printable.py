"""Text that a terminal and a log may show: what would steer them is written out instead.

Escape sequences, carriage returns and backspaces can forge what somebody reads, and marks of direction can turn it
round (CWE-117, CWE-150; Boucher and Anderson 2021, Trojan Source). Letters of every script stay as they are.
"""

from __future__ import annotations

import re

_STEERING = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_STEERS = re.compile(f"[{_STEERING}]")
_STEERS_OR_BREAKS = re.compile(f"[\\n\\t{_STEERING}]")
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\x1b": r"\x1b"}


def printable(text: str) -> str:
    r"""The text with `\x1b`, `\u202e` … where such characters were; line breaks and tabs stay."""
    return _STEERS.sub(_written, text)


def one_line(text: str, *, most: int = 8_000) -> str:
    """The same on one line, with its middle left out where it is longer than `most` characters."""
    return _STEERS_OR_BREAKS.sub(_written, shortened(text, most=most))


def shortened(text: str, *, most: int) -> str:
    """The beginning and the end, and how much was between."""
    if len(text) <= most:
        return text
    head, tail = most * 2 // 3, most // 3
    return f"{text[:head]} … {len(text) - head - tail} characters left out … {text[-tail:]}"


def _written(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    return _NAMED.get(char) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
