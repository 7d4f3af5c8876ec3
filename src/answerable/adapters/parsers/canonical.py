"""Canonical text: bytes to Unicode, NFC, one kind of line end, nothing that a reader cannot see."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, replace

from answerable.core.errors import ParseError

# Stripped because they carry no meaning a reader sees, and attacks hide in them: the tag block, supplementary
# variation selectors, bidi controls, zero-width characters (the joiners U+200C and U+200D stay: Persian, Hindi and
# emoji need them), BOMs, noncharacters.
_INVISIBLE = re.compile(
    "[\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\u200e\u200f\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e01ef]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad]")  # soft hyphens too: they split words
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNUSUAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e01ef]"
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

    @property
    def meta(self) -> dict[str, str]:
        """For the document's meta: what somebody should look at."""
        return {"encoding": self.encoding} if self.guessed else {}


def canonical(text: str) -> tuple[str, int]:
    """NFC, `\\n` line ends, plain blanks, no invisible characters; and how many of those there were."""
    invisible = 0
    text = text.replace("\xa0", " ")
    if _UNUSUAL.search(text):
        text, invisible = _INVISIBLE.subn("", text)
        text = _CONTROL.sub("", _BREAK.sub("\n", text))
        text = _SURROGATE.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text), invisible


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
    return replace(decoded, text=text, invisible=invisible)


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
