"""Walks an HTML tree and writes what a reader of the page sees: text, lists, tables, code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from selectolax.lexbor import LexborNode

from answerable.adapters.parsers.chrome import is_chrome
from answerable.adapters.parsers.html_tables import rows_of
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.pieces import Out, Pieces, list_item, table_text
from answerable.adapters.parsers.visibility import DROPPED_TAGS, WHITE, background_of, hides, normal_style

_MAX_DEPTH = 200  # the walk is recursive; no page that people read comes near
_BLOCKS = frozenset(
    "address article aside body center dd details dialog div dt fieldset figcaption figure footer form header "
    "hgroup hr legend li main nav p section summary tbody td tfoot th thead tr".split()
)
_BREAK = "\v"  # <br>, until blanks are collapsed
_PERMALINK = re.compile(r"\b(?:headerlink|permalink|anchorjs-link|header-anchor|heading-anchor)\b")
_PERMALINK_SIGNS = frozenset({"¶", "#", "§", "🔗"})
_SUPER = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
_NO_ATTRIBUTES: Mapping[str, str | None] = {}


class HtmlWalk:
    """Writes one tree, or one part of it, to an Out. Counts what it leaves out."""

    def __init__(self, out: Out, links: Links, counts: Counter[str], *, keep_chrome: bool = False) -> None:
        self._out = out
        self._links = links
        self._counts = counts
        self._keep_chrome = keep_chrome
        self._inline: list[str] = []
        self._depth = 0
        self._background = WHITE

    def walk(self, root: LexborNode) -> None:
        """Everything below the root; the root itself is not judged."""
        self._children(root)
        self._flush()

    def _children(self, node: LexborNode) -> None:
        if self._depth >= _MAX_DEPTH:
            self._counts["too_deep"] += 1
            return
        self._depth += 1
        for child in children(node):
            self._visit(child)
        self._depth -= 1

    def _visit(self, node: LexborNode) -> None:
        tag = node.tag or "-"
        if tag == "-text":
            self._inline.append(node.text_content or "")
            return
        attributes = node.attributes or _NO_ATTRIBUTES
        if tag.startswith("-") or self._left_out(node, tag, attributes):
            return
        outer, self._background = self._background, self._behind(attributes)
        handler = _HANDLERS.get(tag)
        if handler is not None:
            handler(self, node, attributes)
        elif tag in _BLOCKS:
            self._flush()
            self._children(node)
            self._flush()
        else:
            self._children(node)
        self._background = outer

    def _behind(self, attributes: Mapping[str, str | None]) -> str:
        style = attributes.get("style")
        return background_of(normal_style(style), self._background) if style else self._background

    def _left_out(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> bool:
        if tag in DROPPED_TAGS:
            return True
        if hides(tag, attributes, self._background):
            self._counts["hidden_text"] += bool(node.text(deep=True).strip())
            return True
        return not self._keep_chrome and is_chrome(node, tag, attributes)

    def _flush(self) -> None:
        if not self._inline:
            return
        text = collapsed("".join(self._inline))
        self._inline.clear()
        if text:
            self._out.add("paragraph", text)

    def _apart(self, read: Callable[[LexborNode], None], node: LexborNode) -> Pieces:
        """The blocks of a node, kept apart from those around it."""
        pieces = Pieces()
        outer = self._out, self._inline
        self._out, self._inline = pieces, []
        read(node)
        self._flush()
        self._out, self._inline = outer
        return pieces

    def _apart_visible(self, node: LexborNode) -> Pieces | None:
        """The same, and None for what is hidden, chrome, or no element."""
        tag, attributes = node.tag or "-", node.attributes or _NO_ATTRIBUTES
        if tag.startswith("-") or self._left_out(node, tag, attributes):
            return None
        outer, self._background = self._background, self._behind(attributes)
        pieces = self._apart(self._visit if tag in _HANDLERS else self._children, node)
        self._background = outer
        return pieces

    # --- one method a kind of element -------------------------------------------------------------------

    def _heading(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        self._flush()
        pieces = self._apart(self._children, node)
        self._out.heading(pieces.line, int((node.tag or "h1")[1]))

    def _pre(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        self._flush()
        self._out.add("code", "".join(self._verbatim(node)))

    def _verbatim(self, node: LexborNode) -> Iterator[str]:
        if self._depth >= _MAX_DEPTH:
            return
        self._depth += 1
        for child in children(node):
            tag = child.tag or "-"
            if tag == "-text":
                yield child.text_content or ""
            elif tag == "br":
                yield "\n"
            elif not tag.startswith("-") and not self._left_out(child, tag, child.attributes):
                yield from self._verbatim(child)
        self._depth -= 1

    def _break(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        self._inline.append(_BREAK)

    def _image(self, node: LexborNode, attributes: Mapping[str, str | None]) -> None:
        self._inline.append(attributes.get("alt") or "")

    def _link(self, node: LexborNode, attributes: Mapping[str, str | None]) -> None:
        if _PERMALINK.search(attributes.get("class") or ""):
            return
        start = len(self._inline)
        self._children(node)
        label = "".join(self._inline[start:])
        if label.strip() in _PERMALINK_SIGNS:
            del self._inline[start:]
        else:
            self._inline.append(self._links.follow(attributes.get("href") or "", label))

    def _raised(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        text = node.text(deep=True).strip()
        signs = _SUPER if node.tag == "sup" else _SUB
        if text and all(ord(char) in signs for char in text):
            self._inline.append(text.translate(signs))
        else:
            self._children(node)

    def _struck(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        self._counts["struck_text"] += 1

    def _quote(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        self._flush()
        pieces = self._apart(self._children, node)
        if pieces.has("heading", "table"):
            pieces.replay(self._out)
        else:
            self._out.add("quote", pieces.lines)

    def _list(self, node: LexborNode, attributes: Mapping[str, str | None]) -> None:
        self._flush()
        number = _number(attributes.get("start"))
        items: list[str] = []
        for item in children(node):
            pieces = self._apart_visible(item)
            if pieces is None or not pieces.items:
                continue
            if pieces.has("heading"):  # a page laid out as a list
                self._out.add("list", "\n".join(items))
                items.clear()
                pieces.replay(self._out)
                continue
            items.append(list_item(f"{number}. " if node.tag == "ol" else "- ", pieces))
            number += 1
        self._out.add("list", "\n".join(items))

    def _definitions(self, node: LexborNode, _: Mapping[str, str | None]) -> None:
        self._flush()
        entries = [(tag, pieces) for tag, item in _definition_items(node) if (pieces := self._apart_visible(item))]
        simple = all(
            len(pieces.items) <= 1 and not pieces.has("list", "code", "table") for _tag, pieces in entries
        )
        if not simple:
            for _tag, pieces in entries:
                pieces.replay(self._out)
            return
        lines: list[str] = []
        for tag, pieces in entries:
            if tag == "dd" and lines:
                lines[-1] += (" " if lines[-1].endswith(":") else ": ") + pieces.line
            elif pieces.line:
                lines.append("- " + pieces.line)
        self._out.add("list", "\n".join(lines))

    def _table(self, node: LexborNode, attributes: Mapping[str, str | None]) -> None:
        self._flush()
        table = rows_of(
            node, self._apart_visible, lambda row: not self._left_out(row, row.tag or "", row.attributes)
        )
        if table.is_layout or attributes.get("role") == "presentation":
            for pieces in table.cells:
                pieces.replay(self._out)
            return
        self._out.add("table", table_text(table.rows, table.caption))


_HANDLERS: dict[str, Callable[[HtmlWalk, LexborNode, Mapping[str, str | None]], None]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), HtmlWalk._heading),
    **dict.fromkeys(("pre", "listing", "xmp"), HtmlWalk._pre),
    **dict.fromkeys(("ul", "ol", "menu", "dir"), HtmlWalk._list),
    **dict.fromkeys(("del", "s", "strike"), HtmlWalk._struck),
    **dict.fromkeys(("sup", "sub"), HtmlWalk._raised),
    "dl": HtmlWalk._definitions,
    "table": HtmlWalk._table,
    "blockquote": HtmlWalk._quote,
    "br": HtmlWalk._break,
    "img": HtmlWalk._image,
    "a": HtmlWalk._link,
}


def children(node: LexborNode) -> Iterator[LexborNode]:
    """The direct ones, in order, text included."""
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def collapsed(text: str) -> str:
    """Blanks as a browser shows them: runs are one, breaks are line ends."""
    return "\n".join(" ".join(line.split()) for line in text.split(_BREAK)).strip()


def _definition_items(node: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    for child in children(node):
        if child.tag == "div":
            yield from _definition_items(child)
        elif child.tag in {"dt", "dd"}:
            yield child.tag, child


def _number(start: str | None) -> int:
    return int(start) if start and start.lstrip("-").isdigit() and len(start) < 9 else 1
