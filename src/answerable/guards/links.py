"""What an answer may point at: no HTML, no foreign image, no link but to allowed hosts; the rest is plain text.

Code spans and closed code blocks are left alone where every Markdown renderer agrees that they are code. An answer
is cleaned sentence by sentence and read as a whole, so no sentence may leave something open for the next one: a
backtick without its partner is an apostrophe, and a `](` that closes no link of its own gets a blank.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import nh3

from answerable.core.answer import Answer
from answerable.core.query import Query
from answerable.core.verdict import Verdict

REMOVED = "‹link removed›"
_ROUNDS = 6  # taking one thing out can bring two others together
_FENCE = re.compile(r"^(`{3,}+|~{3,}+)([^`\n]*+)\n", re.M)  # possessive: a long run is read once
_DRAWN = frozenset("mermaid plantuml puml dot graphviz vega vega-lite d2 math latex tex html svg markmap".split())
_TICKS = re.compile(r"(?<!`)(`+)(?!`)")
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_ELEMENT = re.compile(r"<[/!?]?([a-zA-Z][a-zA-Z0-9-]{0,30})|<!--")
_PLACEHOLDER = re.compile(r"<([A-Za-z][\w-]{0,40}(?: [\w-]{1,40}){0,5})>")
_AUTOLINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,20}:[^\s<>]{1,2000}|[^\s<>@]{1,200}@[^\s<>@]{1,200})>")
_INLINE = re.compile(
    r"(!?)\[([^\[\]]{0,1000})\]\(\s{0,20}(<[^<>\n]{0,2000}>|[^\s()<>]{0,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,3})"
    r"(?:\s{1,20}(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s{0,20}\)"
)
_REFERENCE_IMAGE = re.compile(r"!\[([^\[\]]{0,1000})\](?:\[[^\[\]]{0,200}\])?(?!\()")
_DEFINITION = re.compile(r"^([ \t>*+.)\d-]{0,20})\[(?!\^)([^\[\]\n]{1,200})\]:\s{0,20}(\S{1,2000})[^\n]*", re.M)
_FULL_REFERENCE = re.compile(r"\[([^\[\]]{1,1000})\]\[([^\[\]]{0,200})\]")
_URL = re.compile(
    r"""(?:\b[a-z][a-z0-9+.-]{1,20}:[/\\]+[^\s<>"'`]*
    |\bwww\.[^\s<>"'`]+
    |(?<![\w:/\\.])(?://|\\\\)[^\s<>"'`/\\]{1,255}\.[^\s<>"'`]+
    |\b(?:mailto|tel|sms|javascript|vbscript|data|blob|attachment|file):(?=[^\s])[^\s<>"'`]+)""",
    re.I | re.X,
)
_TRAILING = ".,;:!?)]}*_"
_ANCHOR = re.compile(r"#[\w.~%-]{0,200}\Z")
_RELATIVE = re.compile(r"/(?![/\\])[\w.~%/-]{0,500}(?:\?[\w.~%=&+-]{0,500})?(?:#[\w.~%-]{0,200})?\Z", re.ASCII)
_ABSOLUTE = re.compile(r"https?://[\w.-]{1,253}(?:[/?#][\w.~%/?#=&+,;:@!$*()-]{0,1500})?\Z", re.ASCII | re.I)
# An address in an address, for a redirect to follow; `%25` is a percent sign that hides one for a second reading.
_NESTED_URL = re.compile(r"(?::|%3a)(?:/|%2f|\\|%5c){1,2}|=(?:/|%2f|\\|%5c){2}|%(?:25)+(?:3a|2f|5c)", re.I)
_ELEMENTS = frozenset(nh3.ALLOWED_TAGS) | frozenset(
    """script style iframe svg math object embed form input button video audio source link meta base body html head
    title template noscript frame frameset applet marquee select option textarea portal main section article nav
    label fieldset dialog canvas param track slot font center strike big xmp listing plaintext noembed noframes
    animate set use image foreignobject desc mtext mglyph mi mo mn ms annotation-xml""".split()
)


def clean(text: str, allowed_hosts: tuple[str, ...] = (), cited_text: str = "") -> str:
    """The text without HTML and foreign links. A link text and an image's alternative text stay as plain text.

    allowed_hosts: exact host names. cited_text: a URL that stands in it word for word may stay, too; an image may
    only point into the same site (`/path`). Idempotent.
    """
    hosts = _Policy(hosts=frozenset(host.lower() for host in allowed_hosts), cited=cited_text)
    for _ in range(_ROUNDS):
        policy = replace(hosts, gone=hosts.refused_definitions(text))
        cleaned = _outside_code(text, partial(_clean_prose, policy=policy))
        if cleaned == text and (cleaned := _outside_code(text, _torn)) == text:
            return text
        text = cleaned
    return _outside_code(text.replace("`", "'"), lambda prose: _TAG.sub("< ", _URL.sub(REMOVED, prose)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy:
    hosts: frozenset[str]
    cited: str
    gone: frozenset[str] = frozenset()  # names of reference links whose definition is refused

    def refused_definitions(self, text: str) -> frozenset[str]:
        definitions = _DEFINITION.finditer(html.unescape(text))
        return frozenset(one.group(2).lower() for one in definitions if not self.allows_link(one.group(3)))

    def allows_link(self, target: str) -> bool:
        target = target.strip().removeprefix("<").removesuffix(">")
        if _ANCHOR.match(target) or _RELATIVE.match(target):
            return not _NESTED_URL.search(target)
        return self.allows_url(target)

    def allows_url(self, url: str) -> bool:
        if not _ABSOLUTE.match(url) or _NESTED_URL.search(url, 8):
            return False
        return urlsplit(url).netloc.lower() in self.hosts or _stands_in(url, self.cited)


def _stands_in(url: str, text: str) -> bool:
    """Whether the whole URL stands in the text: not only the beginning of a longer one."""
    return url in {match.group().rstrip(_TRAILING) for match in _URL.finditer(text)} if text else False


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to all that is not a closed code block."""
    done, start = [], 0
    while opening := _FENCE.search(text, start):
        mark = opening.group(1)
        closing = re.compile(rf"^ {{0,3}}{mark[0]}{{{len(mark)},}}[ \t]*$", re.M).search(text, opening.end())
        drawn = opening.group(2).strip().split(" ")[0].strip("{}.").lower() in _DRAWN
        if closing is None:
            break
        done.append(_outside_spans(text[start : opening.start()], change))
        block = text[opening.start() : closing.end()]
        done.append(change(block) if drawn else block)
        start = closing.end()
    return "".join([*done, _outside_spans(text[start:], change)])


def _outside_spans(text: str, change: Callable[[str], str]) -> str:
    return "".join(
        part if index % 2 else _paragraph(part, change) for index, part in enumerate(re.split(r"(\n\s*\n)", text))
    )


def _paragraph(text: str, change: Callable[[str], str]) -> str:
    """Code spans are spared only where renderers must agree on them: every line pairs its backticks, none is
    escaped, and no tag begins outside of them whose attributes could hold a backtick."""
    if "`" not in text:
        return change(text)
    parts = _parts(text)
    if parts is None or "\\`" in text or any(_TAG.search(prose) for prose in parts[::2]):
        return change(text.replace("`", "'"))
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _parts(text: str) -> list[str] | None:
    """Prose and code spans in turn; None when a line leaves a run of backticks without its partner."""
    parts, start, offset = [], 0, 0
    for line in text.split("\n"):
        spans = _code_spans(line)
        if spans is None:
            return None
        for begin, end in spans:
            parts += [text[start : offset + begin], text[offset + begin : offset + end]]
            start = offset + end
        offset += len(line) + 1
    return [*parts, text[start:]]


def _code_spans(line: str) -> list[tuple[int, int]] | None:
    """The spans of one line; None when a run of backticks stays without its partner."""
    spans: list[tuple[int, int]] = []
    opening: re.Match[str] | None = None
    for run in _TICKS.finditer(line):
        if opening is None:
            opening = run
        elif run.group() == opening.group():
            spans.append((opening.start(), run.end()))
            opening = None
    return spans if opening is None else None


def _clean_prose(text: str, policy: _Policy) -> str:
    text = _without_urls(_without_tags(text), policy)
    if "&" in text:  # renderers read entities inside of links
        decoded = html.unescape(text)
        if (checked := _without_urls(decoded, policy)) != decoded:
            return _without_tags(checked)
    return text


def _without_tags(text: str) -> str:
    if not _TAG.search(text):
        return text
    text = _AUTOLINK.sub(r"\1", text)
    text = _PLACEHOLDER.sub(_visible, text)
    if any((match.group(1) or "math").lower() in _ELEMENTS for match in _ELEMENT.finditer(text)):
        text = html.unescape(nh3.clean(text, tags=set(), clean_content_tags={"script", "style"}))
    return _TAG.sub("< ", text)


def _visible(match: re.Match[str]) -> str:
    """`<order number>` is not HTML: a reader should see it."""
    word = match.group(1)
    return match.group() if word.split(" ")[0].lower() in _ELEMENTS else f"‹{word}›"


def _without_urls(text: str, policy: _Policy) -> str:
    text = _INLINE.sub(lambda match: _inline(match, policy), text)
    text = _REFERENCE_IMAGE.sub(r"\1", text)
    text = _DEFINITION.sub(
        lambda match: match.group() if policy.allows_link(match.group(3)) else match.group(1), text
    )
    if policy.gone:
        text = _FULL_REFERENCE.sub(lambda match: _reference(match, policy.gone), text)
    return _URL.sub(lambda match: _bare(match, policy), text)


def _torn(text: str) -> str:
    """A `](` that is no part of a whole link could close a bracket of the sentence before."""
    if "](" not in text:
        return text
    done, start = [], 0
    for whole in _INLINE.finditer(text):
        done += [text[start : whole.start()].replace("](", "] ("), whole.group()]
        start = whole.end()
    return "".join([*done, text[start:].replace("](", "] (")])


def _inline(match: re.Match[str], policy: _Policy) -> str:
    image, label, target = match.group(1), match.group(2), match.group(3)
    allowed = _RELATIVE.match(target) if image else policy.allows_link(target)
    return match.group() if allowed else label


def _reference(match: re.Match[str], gone: frozenset[str]) -> str:
    label, name = match.group(1), match.group(2) or match.group(1)
    return label if name.lower() in gone else match.group()


def _bare(match: re.Match[str], policy: _Policy) -> str:
    url = match.group().rstrip(_TRAILING)
    rest = match.group()[len(url) :]
    return match.group() if policy.allows_url(url) else REMOVED + rest


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkGuard:
    """Cleans the answer's text. Links that an internal cited passage shows word for word may stay."""

    allowed_hosts: tuple[str, ...] = ()
    name: str = "links"
    stage: Literal["question", "answer", "both"] = "answer"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Mask with the cleaned text where it differs."""
        if answer is None:
            return Verdict(name=self.name, passed=True)
        cleaned = clean(answer.text, self.allowed_hosts, _internal_quotes(answer))
        if cleaned == answer.text:
            return Verdict(name=self.name, passed=True)
        return Verdict(
            name=self.name,
            passed=False,
            action="mask",
            replacement=cleaned,
            rule="markup",
            reason="HTML or links to other hosts taken out",
        )


def _internal_quotes(answer: Answer) -> str:
    """What is shown from the owner's own pages; a vendor's or a public page's links prove nothing."""
    internal = {passage.chunk.id for passage in answer.passages if passage.trust == "internal"}
    return "\n".join(citation.quote for citation in answer.citations if citation.chunk_id in internal)
