"""Markdown: the wording without the markup, headings as lines, tables as rows, code verbatim."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door
from answerable.adapters.parsers.front_matter import split_front_matter
from answerable.adapters.parsers.html import write_fragment
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.pieces import Out, Pieces, list_item, table_text
from answerable.adapters.parsers.properties import read_properties
from answerable.adapters.parsers.raw_html import RawHtml
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "text/markdown"
_FORM = "Markdown file"
_MAX_NESTING = 60  # the tree is walked by recursion
_ALERT = re.compile(r"\A\[!(\w+)\]\s*")  # > [!NOTE]


class MarkdownParser:
    """CommonMark with tables and strikethrough, and YAML front matter."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable(["table", "strikethrough"])

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            decoded = decode(raw.data, uri=raw.uri)
            values, body = split_front_matter(decoded.text, uri=raw.uri)
            said = read_properties(values, uri=raw.uri)
            sheet, links = Sheet(), Links()
            sheet.counts["invisible_characters"] += decoded.invisible
            _Walk(sheet, links).walk(SyntaxTreeNode(self._markdown.parse(body)).children, sheet)
            links.name_tags(body)
            return assemble(
                raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=said, meta=decoded.meta, links=links
            )


class _Walk:
    def __init__(self, sheet: Sheet, links: Links) -> None:
        self._sheet = sheet
        self._links = links
        self._html = RawHtml(sheet.counts)

    def walk(self, nodes: Sequence[SyntaxTreeNode], out: Out) -> None:
        for node in nodes:
            handler = _HANDLERS.get(node.type)
            if node.type == "html_block":
                self._html_block(node, out)
            elif handler is not None and self._html.hiding:
                self._sheet.counts["hidden_text"] += 1
            elif handler is not None:
                handler(self, node, out)

    def _apart(self, node: SyntaxTreeNode) -> Pieces:
        pieces = Pieces()
        self.walk(node.children, pieces)
        return pieces

    def _heading(self, node: SyntaxTreeNode, out: Out) -> None:
        out.heading(self._inline(node), int(node.tag[1]))

    def _paragraph(self, node: SyntaxTreeNode, out: Out) -> None:
        out.add("paragraph", self._inline(node))

    def _code(self, node: SyntaxTreeNode, out: Out) -> None:
        out.add("code", node.content)

    def _quote(self, node: SyntaxTreeNode, out: Out) -> None:
        pieces = self._apart(node)
        text = _ALERT.sub(lambda match: match.group(1).capitalize() + ": ", pieces.lines)
        if pieces.has("heading", "table"):
            pieces.replay(out)
        else:
            out.add("quote", text)

    def _list(self, node: SyntaxTreeNode, out: Out) -> None:
        number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        items = []
        for at, item in enumerate(node.children):
            marker = f"{number + at}. " if node.type == "ordered_list" else "- "
            items.append(list_item(marker, self._apart(item)))
        out.add("list", "\n".join(items))

    def _table(self, node: SyntaxTreeNode, out: Out) -> None:
        rows = [row for part in node.children for row in part.children]
        out.add("table", table_text([[self._inline(cell) for cell in row.children] for row in rows]))

    def _html_block(self, node: SyntaxTreeNode, out: Out) -> None:
        if not self._html.hiding:
            write_fragment(node.content, out, self._links, self._sheet)
        self._html.read(node.content)

    def _inline(self, node: SyntaxTreeNode) -> str:
        """The text of a heading, a paragraph or a cell; a soft break is a blank, a hard one a line end."""
        pieces: list[str] = []
        struck = 0
        labels: list[tuple[int, str]] = []  # where each open link's label starts, and its target
        for token in _tokens(node):
            struck += {"s_open": 1, "s_close": -1}.get(token.type, 0)
            if token.type == "s_open":
                self._sheet.counts["struck_text"] += 1
            elif token.type == "link_open":
                labels.append((len(pieces), str(token.attrs.get("href", ""))))
            elif token.type == "link_close":
                start, target = labels.pop()
                pieces.append(self._links.follow(target, "".join(pieces[start:])))
            elif not struck:
                pieces.append(self._text(token))
        return "\n".join(" ".join(line.split()) for line in "".join(pieces).split("\n")).strip()

    def _text(self, token: Token) -> str:
        if token.type == "html_inline":
            self._html.read(token.content)
            return "\n" if token.content.lower().startswith("<br") else ""
        if self._html.hiding:
            self._sheet.counts["hidden_text"] += bool(token.content.strip())
            return ""
        return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)


_HANDLERS: dict[str, Callable[[_Walk, SyntaxTreeNode, Out], None]] = {
    "heading": _Walk._heading,
    "paragraph": _Walk._paragraph,
    "fence": _Walk._code,
    "code_block": _Walk._code,
    "blockquote": _Walk._quote,
    "bullet_list": _Walk._list,
    "ordered_list": _Walk._list,
    "table": _Walk._table,
}


def _tokens(node: SyntaxTreeNode) -> list[Token]:
    inline = node.children[0] if node.children else None
    return (inline.token.children or []) if inline is not None and inline.token is not None else []
