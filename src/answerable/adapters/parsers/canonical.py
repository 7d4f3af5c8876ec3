"""Canonical text: bytes to Unicode, NFC, one kind of line end, nothing that a reader cannot see."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, replace

from answerable.core.errors import ParseError
from answerable.text.canonical import canonicalize

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad]")
_RETURN = re.compile("\r\n?")
# Counted where they went: attacks hide in them. Soft hyphens and controls are left over from typesetting.
_INVISIBLE = re.compile(
    "[\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\u200e\u200f\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings that hide text from everybody who looks at the bytes, or that are no encodings of text.
_REFUSED = frozenset("utf_7 unicode_escape raw_unicode_escape idna punycode undefined mbcs oem".split())
_BINARY_SHARE = 0.05  # of control characters among the first characters: beyond it, the file is no text
_SAMPLE = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A text file's characters, canonical, and the encoding they were in."""

    text: str
    encoding: str
    guessed: bool = False  # nothing said which encoding it was: cp1252 was assumed
    invisible: int = 0  # characters that no reader sees, taken out
    hidden: int = 0  # characters of messages that were written in them

    @property
    def meta(self) -> dict[str, str]:
        """For the document's meta: what somebody should look at."""
        return {
            **({"encoding": self.encoding} if self.guessed else {}),
            **({"hidden_message": str(self.hidden)} if self.hidden else {}),
        }


def canonical(text: str) -> tuple[str, int]:
    """As questions and answers are (`text/canonical.py`), in NFC, with `\\n` line ends and plain blanks.

    And how many characters were taken out that no reader sees.
    """
    plain = _RETURN.sub("\n", text.replace("\xa0", " "))
    clean = canonicalize(plain.lstrip("\ufeff")).text
    return unicodedata.normalize("NFC", clean), _invisible(plain) - _invisible(clean)


def _invisible(text: str) -> int:
    return 0 if text.isascii() else len(_INVISIBLE.findall(text))


def decode(data: bytes, *, uri: str, declared: str | None = None) -> Decoded:
    """By BOM, UTF-16's zero bytes, the declared name, UTF-8, at last cp1252. Raises ParseError for binaries."""
    decoded = _by_bom(data) or _by_zeros(data) or _by_name(data, declared) or _by_name(data, "utf-8")
    decoded = decoded or Decoded(text=data.decode("cp1252", errors="replace"), encoding="cp1252", guessed=True)
    sample = decoded.text[:_SAMPLE]
    if len(_CONTROL.findall(sample)) > _BINARY_SHARE * len(sample):
        raise ParseError(
            f"{uri}: this is binary data, not text",
            hint="Take the file out of the source, or give it its right ending.",
            reason="unsupported",
        )
    text, invisible = canonical(decoded.text)
    hidden = sum(map(len, canonicalize(decoded.text).hidden)) if invisible else 0
    return replace(decoded, text=text, invisible=invisible, hidden=hidden)


def _by_bom(data: bytes) -> Decoded | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Decoded(text=data[len(bom) :].decode(encoding, errors="replace"), encoding=encoding)
    return None


def _by_zeros(data: bytes) -> Decoded | None:
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half >= 2 and sample[offset::2].count(0) > 0.4 * half and sample[1 - offset :: 2].count(0) < 0.1 * half:
            return Decoded(text=data.decode(encoding, errors="replace"), encoding=encoding)
    return None


def _by_name(data: bytes, name: str | None) -> Decoded | None:
    try:
        codec = codecs.lookup(name or "")
        if codec.name.replace("-", "_") in _REFUSED:
            return None
        return Decoded(text=data.decode(codec.name), encoding=codec.name)
    except (LookupError, ValueError):  # not an encoding of text, or not this one
        return None
