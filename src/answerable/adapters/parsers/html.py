"""HTML pages: the main part of the page as a reader sees it, without chrome, scripts and hidden text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door, malformed
from answerable.adapters.parsers.html_walk import HtmlWalk, collapsed
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.pieces import Out
from answerable.adapters.parsers.properties import KEYS, Properties, merge, plausible, read_properties
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "text/html"
_FORM = "HTML page"
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding=[\"']([\w.:-]+)")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    "area base br col embed hr img input link meta p li td tr th dt dd option source track wbr".split()
)
_MANY_TAGS = 5_000
_MAX_DEPTH = 3_000  # the tree builder takes quadratic time in the depth: 10,000 levels 0.5 s, 100,000 a minute
_UPDATED = ("article:modified_time", "dcterms.modified", "last-modified", "og:updated_time")
_KEPT = ("description", "author", "generator")


class HtmlParser:
    """HTML5's own error recovery; charset by BOM, meta tag, UTF-8, cp1252."""

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            decoded = decode(raw.data, uri=raw.uri, declared=_declared(raw.data))
            page = open_page(raw, decoded.text)
            sheet, links = Sheet(), Links()
            sheet.counts["invisible_characters"] += decoded.invisible
            sheet.counts["html_comments"] += decoded.text.count("<!--")
            write_page(page, sheet, links)
            said, extra = _said(page, sheet, raw)
            links.name_tags(decoded.text)
            meta = {**extra, **decoded.meta}
            return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=said, meta=meta, links=links)


def open_page(raw: Raw, html: str) -> LexborHTMLParser:
    """Raises ParseError for pages that are nested too deeply to be one."""
    if _depth(html) > _MAX_DEPTH:
        raise malformed(raw, _FORM, f"its elements are nested more than {_MAX_DEPTH:,} deep")
    return LexborHTMLParser(html)


def write_page(page: LexborHTMLParser, sheet: Sheet, links: Links) -> None:
    """The main part; the whole body where that says nothing."""
    main = _main(page)
    if main is not None:
        HtmlWalk(sheet, links, sheet.counts).walk(main)
    if not sheet.blocks and page.body is not None:
        HtmlWalk(sheet, links, sheet.counts).walk(page.body)
    if not sheet.blocks and page.body is not None:  # a page of nothing but navigation: an index
        HtmlWalk(sheet, links, sheet.counts, keep_chrome=True).walk(page.body)


def write_fragment(html: str, out: Out, links: Links, sheet: Sheet) -> None:
    """A piece of HTML inside another document: its text as blocks of that document."""
    if _depth(html) <= _MAX_DEPTH and (body := LexborHTMLParser(html).body) is not None:
        HtmlWalk(out, links, sheet.counts, keep_chrome=True).walk(body)


def _main(page: LexborHTMLParser) -> LexborNode | None:
    for selector in ("main", "[role=main]", "article"):
        found = page.css(selector)
        if len(found) == 1:
            return found[0]
    return page.body


def _said(page: LexborHTMLParser, sheet: Sheet, raw: Raw) -> tuple[Properties, dict[str, str]]:
    tags = _meta_tags(page)
    updated = next((tags[name] for name in _UPDATED if name in tags), "")
    root = page.root
    language = (root.attributes.get("lang") or "") if root is not None else ""
    named = {key: value for key, value in tags.items() if key in KEYS}
    if "language" in named:  # pages often say `English` there, where only a code can be read
        named["language"] = plausible(named).get("language", "")
    told = read_properties(named, uri=raw.uri)
    guessed = plausible({"language": language, "updated": updated[:10]})
    guessed["title"] = _title(page, sheet.first_heading)
    guessed["tags"] = tags.get("keywords", "")
    extra = {name: tags[name] for name in _KEPT if name in tags}
    return merge(told, read_properties(guessed, uri=raw.uri)), extra


def _meta_tags(page: LexborHTMLParser) -> Mapping[str, str]:
    tags: dict[str, str] = {}
    for node in page.css("meta"):
        name = node.attributes.get("name") or node.attributes.get("property")
        content = node.attributes.get("content")
        if name and content:
            tags.setdefault(name.strip().lower(), content.strip())
    return tags


def _title(page: LexborHTMLParser, heading: str) -> str:
    """The title tag, or the first heading where the tag only adds the site's name to it."""
    node = page.css_first("head > title") or page.css_first("title")
    title = collapsed(node.text(deep=True)) if node is not None else ""
    return heading if heading and heading.casefold() in title.casefold() else title


def _declared(data: bytes) -> str | None:
    match = _XML_ENCODING.search(data[:200]) or _CHARSET.search(data[:2048])
    return match.group(1).decode("ascii", errors="replace") if match else None


def _depth(text: str) -> int:
    """The deepest nesting, roughly: 0 for pages with few tags."""
    if text.count("<") < _MANY_TAGS:
        return 0
    depth = deepest = 0
    for match in _TAG.finditer(text):
        if match.group(2).lower() not in _VOID:
            depth = max(0, depth + (-1 if match.group(1) else 1))
            deepest = max(deepest, depth)
    return deepest
