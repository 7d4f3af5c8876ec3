"""A sentence of an answer as a tree of the few things that a page may draw. Never HTML, and never the way to any.

The tree is the allow-list: text, emphasis, strong, code, a link, a citation. Who draws it (templates/nodes.html,
static/nodes.js) makes these elements one by one and sets text as text: nothing has to be cleaned afterwards.
Paragraphs and list items come from the composition of the answer and not from the model's Markdown: a fence or a
table of one sentence cannot swallow the next one with its citation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

# "text" | {"em": […]} | {"strong": […]} | {"code": "…"} | {"a": […], "href": "https…", "host": "…"} | {"cite": n}
Node: TypeAlias = "str | dict[str, Any]"

MAX_CHARS = 4000  # a longer sentence is shown as it is: no time is spent on what nobody reads
_MARK = re.compile(r"\[(\d{1,3})\]")
_WEB = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?(?:[/?#][!-~]{0,1500})?\Z", re.I)
_HIDDEN = re.compile(r"[\\<>\"'`{}|^]")  # what browsers and we might read differently
_ANY_URL = re.compile(r"https?://[^\s<>\"'`\\]+", re.I)
_TRAILING = ".,;:!?)]}*_"
_SPANS = {"em_open": "em", "strong_open": "strong"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a link may lead: to a host of the configuration, or to an address that a cited page shows itself.

    A host that is merely cited is not enough: a page of its own may wait there for what the address carries.
    """

    hosts: frozenset[str] = frozenset()  # lower case, without port
    cited: frozenset[str] = frozenset()  # whole addresses

    def allows(self, target: str) -> bool:
        """Whether the address is plain, names no user, and is allowed."""
        host = host_of(target)
        return leads_to(target, host) and (host in self.hosts or target in self.cited)


def links(hosts: Iterable[str], sources: Iterable[Mapping[str, Any]]) -> Links:
    """What the sources of an answer object vouch for: their own addresses, and those that their quotes show."""
    cited: set[str] = set()
    for source in sources:
        quoted = _ANY_URL.finditer(f"{source.get('uri', '')} {source.get('quote', '')}")
        cited.update(match.group().rstrip(_TRAILING) for match in quoted)
    return Links(hosts=frozenset(host.lower() for host in hosts), cited=frozenset(cited))


def host_of(target: str) -> str:
    """The host in lower case, without port; empty where there is none."""
    try:
        return (urlsplit(target).hostname or "").lower()
    except ValueError:
        return ""


def nodes(text: str, *, known: Iterable[int] = (), allowed: Links | None = None) -> list[Node]:
    """The sentence as a tree. `known`: numbers that have a source; another number stays text.

    A link that is not allowed becomes its text with the host behind it; an image becomes its alternative text.
    """
    if len(text) > MAX_CHARS:
        return plain(text, known)
    reader = _Reader(known=frozenset(known), allowed=allowed or Links())
    return reader.read(_parser().parseInline(text)[0].children or [])


def plain(text: str, known: Iterable[int]) -> list[Node]:
    """The tree of a text without Markdown: itself, and its numbers that have a source."""
    return _joined(_cited(text, frozenset(known)))


def leads_to(target: str, host: str) -> bool:
    """Whether the address is a plain one of that very host; who draws asks again, whoever made the tree."""
    return bool(_WEB.match(target) and not _HIDDEN.search(target)) and host_of(target) == host


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    known: frozenset[int]
    allowed: Links

    def read(self, tokens: Sequence[Token]) -> list[Node]:
        """Tokens as nodes; a kind of token that is not known here is shown as its source."""
        made: list[Node] = []
        place = 0
        while place < len(tokens):
            token, end = tokens[place], _end(tokens, place)
            made.extend(self._one(token, tokens[place + 1 : end]))
            place = max(end, place) + 1
        return _joined(made)

    def _one(self, token: Token, inside: Sequence[Token]) -> Iterator[Node]:
        if token.type == "link_open":
            yield from self._link(token, self.read(inside))
        elif token.type in _SPANS:
            yield {_SPANS[token.type]: self.read(inside)}
        elif token.type == "code_inline":
            yield {"code": token.content}
        else:
            yield from _cited(token.content, self.known)

    def _link(self, token: Token, label: list[Node]) -> Iterator[Node]:
        target = str(token.attrs.get("href", ""))
        if self.allowed.allows(target) and not _holds_link(label):
            yield {"a": label, "href": target, "host": host_of(target)}
            return
        yield from label
        if (host := _shown_host(target)) and token.markup != "autolink":
            yield f" ({host})"


def _end(tokens: Sequence[Token], place: int) -> int:
    """Where what the token opens is closed; the token itself where it opens nothing."""
    level: int = tokens[place].nesting
    end = place
    while level > 0 and end + 1 < len(tokens):
        end += 1
        level += tokens[end].nesting
    return end


def _holds_link(made: Iterable[Node]) -> bool:
    """A citation inside of a link would be a link in a link."""
    return any(
        isinstance(one, dict) and ("cite" in one or any(_holds_link(one.get(tag, ())) for tag in ("em", "strong")))
        for one in made
    )


def _shown_host(target: str) -> str:
    """The host that a refused address would have led to, to be seen; `…` where its letters could deceive."""
    host = host_of(target)
    return host[:80] if host.isascii() else "…"


def _cited(text: str, known: frozenset[int]) -> Iterator[Node]:
    end = 0
    for mark in _MARK.finditer(text):
        if int(mark.group(1)) not in known:
            continue
        yield text[end : mark.start()]
        yield {"cite": int(mark.group(1))}
        end = mark.end()
    yield text[end:]


def _joined(made: Iterable[Node]) -> list[Node]:
    """Neighboring texts as one, and no empty ones."""
    joined: list[Node] = []
    for one in made:
        if isinstance(one, str) and joined and isinstance(joined[-1], str):
            joined[-1] += one
        elif one != "":
            joined.append(one)
    return joined


@cache
def _parser() -> MarkdownIt:
    """CommonMark's inline part without HTML, entities, references and line breaks. Addresses come as written:
    what is allowed is judged on the very characters that a browser would get."""
    parser = MarkdownIt("zero").enable(["emphasis", "backticks", "link", "autolink", "image", "escape"])
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


def with_nodes(record: Mapping[str, Any], hosts: Iterable[str]) -> dict[str, Any]:
    """The answer object with each claim's sentence as nodes."""
    text, sources = record["text"], record["sources"]
    allowed, known = links(hosts, sources), [one["n"] for one in sources]
    claims = [
        {**one, "nodes": nodes(_sentence(text, one["span"]), known=known, allowed=allowed)}
        for one in record["claims"]
    ]
    return {**record, "claims": claims}


def _sentence(text: str, span: Sequence[int]) -> str:
    return str(text[span[0] : span[1]]).removeprefix("- ")
