"""What left the system: secrets, foreign addresses and markup, looked for by code that shares nothing with guards.

It reads a text as the most lenient reader of Markdown would, with HTML, every address and every code span opened
where the text is not closed code for all readers; so it finds too much rather than too little.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

from markdown_it import MarkdownIt

NGRAM_WORDS = 8
_MADE = frozenset(
    "p em strong code pre ul ol li a img h1 h2 h3 h4 h5 h6 blockquote hr br table thead tbody tr th td s".split()
)
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})", re.I)
_BARE = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}:[/\\]{1,3}|\bwww\.|(?<![\w:/])//)[^\s<>\"'`)\]]{3,}", re.I)
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,}", re.I)
_WORD = re.compile(r"[^\W_]+")
_LOOKALIKES = str.maketrans("асеорхуіѕԁһ", "aceopxyisdh")
_PARTIAL = 10  # letters and digits of a secret in a row


def addresses(text: str, *, allowed: Iterable[str] = ()) -> list[str]:
    """Addresses outside of this site that a reader of the text could load or follow, or that stand in it bare."""
    found = [one for preset in _readers() for one in _Elements(preset.render(text)).addresses]
    found += [match.group() for match in _BARE.finditer(_without_code(text))]
    hosts = tuple(f"https://{host}" for host in allowed)
    return [one for one in found if not one.startswith(tuple(f"{host}/" for host in hosts)) and one not in hosts]


def elements(text: str) -> list[str]:
    """Elements and event handlers that are no Markdown's, as a reader that lets HTML through would make them."""
    return [one for reader in _readers() for one in _Elements(reader.render(text)).foreign]


def page_addresses(page: str, *, origin: str = "") -> list[str]:
    """Of a whole HTML page: where its elements lead outside of its own site."""
    return [one for one in _Elements(page).addresses if not (origin and one.startswith(origin))]


def shows(secret: str, text: str) -> bool:
    """Whether the text has the secret, or ten signs of it in a row, in any spelling that can be read back."""
    whole = _squashed(secret)
    parts = {whole[i : i + _PARTIAL] for i in range(max(1, len(whole) - _PARTIAL + 1))}
    return any(part in reading for reading in map(_squashed, readings(text)) for part in parts)


def copied(secret: str, text: str, *, public: str = "") -> list[str]:
    """Runs of eight words of the secret text that are in the text, in any spelling, and not in the public one."""
    hidden = set(_ngrams(secret)) - set(_ngrams(public))
    return sorted(hidden & {one for reading in readings(text) for one in _ngrams(reading)})


def readings(text: str) -> Iterator[str]:
    """The text, and what it says when it is unescaped, folded, turned around or decoded."""
    folded = unicodedata.normalize("NFKC", html.unescape(unquote(text)))
    plain = "".join(char for char in folded if unicodedata.category(char) not in ("Cf", "Mn"))
    plain = plain.translate(_LOOKALIKES)
    yield text
    yield plain
    yield plain[::-1]
    yield codecs.encode(plain, "rot13")
    for match in _RUN.finditer(plain.replace(" ", "").replace("\n", "")):
        yield from _decoded(match.group())
    for match in _RUN.finditer(plain):
        yield from _decoded(match.group())
    for match in _HEX.finditer(plain):
        yield bytes.fromhex(match.group()).decode("utf-8", "ignore")


def _decoded(run: str) -> Iterator[str]:
    for offset in range(4):
        part = run[offset:].rstrip("=")
        try:
            raw = base64.b64decode(part[: len(part) // 4 * 4].replace("-", "+").replace("_", "/"))
        except (binascii.Error, ValueError):
            continue
        yield raw.decode("utf-8", "ignore")


def _squashed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _ngrams(text: str) -> Iterator[str]:
    words = _WORD.findall(text.casefold())
    return (" ".join(words[i : i + NGRAM_WORDS]) for i in range(len(words) - NGRAM_WORDS + 1))


def _without_code(text: str) -> str:
    """What CommonMark does not take for code."""
    kept = []
    for token in MarkdownIt("commonmark", {"html": True}).parse(text):
        if token.type not in ("fence", "code_block"):
            kept += [one.content for one in token.children or [] if one.type != "code_inline"] or [token.content]
    return " ".join(kept)


def _readers() -> Iterator[MarkdownIt]:
    for preset in ("commonmark", "js-default"):
        reader = MarkdownIt(preset, {"html": True})
        reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
        reader.validateLink = lambda url: True  # type: ignore[method-assign]
        yield reader


class _Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.foreign: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _MADE:
            self.foreign.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.foreign.append(f"{tag} {name}")
            target = unquote(value or "")
            if name in ("href", "src", "action", "data", "poster", "formaction") and _ELSEWHERE.match(target):
                self.addresses.append(target)

    def handle_comment(self, data: str) -> None:
        self.foreign.append("comment")
