"""reStructuredText, lightly: headings, paragraphs, lists, code, tables and the directives that carry text."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.pieces import Out, Pieces, list_item, table_text
from answerable.adapters.parsers.rst_inline import plain
from answerable.adapters.parsers.rst_tables import grid_rows, is_simple_border, simple_rows
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "text/x-rst"
_FORM = "reStructuredText file"
_MAX_DEPTH = 40
_RULE = re.compile(r"([!-/:-@\[-`{-~])\1*\s*\Z")
_DIRECTIVE = re.compile(r"\.\. +([\w:+.-]+)::(?:\s+(.*))?\Z")
_NOTE = re.compile(r"\.\. +\[([^\]]+)\]\s+(.*)")
_LABEL = re.compile(r"^[ \t]*\.\. _([^:`\n]{1,100}):[ \t]*$", re.M)  # `.. _late:`, and no target behind it
_OPTION = re.compile(r"\s*:[\w -]+:(?:\s|\Z)")
_FIELD = re.compile(r":([\w -]+):(?:\s+(.*))?\Z")
_ITEM = re.compile(r"(?:[-*+•]|(?:\d{1,3}|#|[a-z])[.)]|\((?:\d{1,3}|[a-z])\))(?:\s+(?=\S)|\s*\Z)")
_CODE = frozenset("code code-block sourcecode parsed-literal prompt doctest testcode productionlist math".split())
_SILENT = frozenset(
    "toctree contents include literalinclude index highlight image raw meta default-role currentmodule module "
    "tabularcolumns role youtube sectionauthor codeauthor only-html program ifconfig sectnum".split()
)
_LABELS = {"seealso": "See also"}
_NOTES = frozenset("note tip warning important caution danger hint seealso attention error".split())
_BOXES = frozenset("figure container only table grid".split())  # their argument is none of the text
_NAMED = frozenset(  # their argument speaks for itself; `deprecated:: 3.2` needs its name
    "topic admonition sidebar rubric tab dropdown card centered function class method describe option attribute "
    "data exception decorator envvar glossary".split()
)


class RstParser:
    """Sections by the order in which their underlines first appear, as reStructuredText has it."""

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            decoded = decode(raw.data, uri=raw.uri)
            sheet, links = Sheet(), Links()
            sheet.counts["invisible_characters"] += decoded.invisible
            _Walk(links).write(decoded.text.expandtabs(8).split("\n"), sheet)
            links.name(_LABEL.findall(decoded.text))
            return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, meta=decoded.meta, links=links)


class _Walk:
    """Each reader takes the lines and a place, writes what stands there, and gives the place behind; or None."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._styles: list[tuple[str, bool]] = []  # (sign, with overline), from the highest section
        self._depth = 0

    def write(self, lines: list[str], out: Out) -> None:
        if self._depth >= _MAX_DEPTH:
            out.add("paragraph", " ".join(" ".join(lines).split()))
            return
        self._depth += 1
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            at = next(end for read in _READERS if (end := read(self, lines, at, out)) is not None)
        self._depth -= 1

    def _apart(self, lines: list[str]) -> Pieces:
        pieces = Pieces()
        self.write(lines, pieces)
        return pieces

    def _plain(self, text: str) -> str:
        return plain(text, self._links)

    def _explicit(self, lines: list[str], at: int, out: Out) -> int | None:
        line = lines[at]
        if not (line.startswith(".. ") or line.rstrip() == ".."):
            return None
        end = _indented_until(lines, at + 1)
        body = dedented(lines[at + 1 : end])
        directive, note = _DIRECTIVE.match(line), _NOTE.match(line)
        if directive:
            self._directive(directive.group(1).lower(), (directive.group(2) or "").strip(), body, out)
        elif note:
            out.add("paragraph", f"[{note.group(1).lstrip('#')}] {self._plain(' '.join([note.group(2), *body]))}")
        return end

    def _directive(self, name: str, argument: str, body: list[str], out: Out) -> None:
        options = next((at for at, line in enumerate(body) if not _OPTION.match(line)), len(body))
        content = body[options:]
        if name == "toctree":
            self._follow_entries(content, globs=any(":glob:" in line for line in body[:options]))
        if name in _SILENT:
            return
        if name in _CODE:
            out.add("code", "\n".join(content))
        elif name == "list-table":
            self._titled_table(argument, self._listed_rows(content), out)
        elif name == "csv-table":
            self._titled_table(argument, self._csv_rows(body[:options], content), out)
        else:
            self._text_directive(name, argument, content, out)

    def _follow_entries(self, lines: list[str], *, globs: bool) -> None:
        """Each line of a table of contents is a document: `path`, or `Title <path>`."""
        for line in lines:
            entry = line.strip().rpartition("<")[2].rstrip(">").strip()
            if entry and entry != "self" and not globs and "://" not in entry:
                self._links.lead(f"doc:{entry}")

    def _text_directive(self, name: str, argument: str, content: list[str], out: Out) -> None:
        if name in _NOTES:  # what stands behind the colons is the text's first line
            content = [argument, *content] if argument else content
            first = content[0] if content else ""
            self.write([f"{_LABELS.get(name, name.capitalize())}: {first}", *content[1:]], out)
            return
        label = argument if argument and name in _NAMED else f"{name}: {argument}" if argument else ""
        out.add("paragraph", self._plain(label) if name not in _BOXES else "")
        self.write(content, out)

    def _titled_table(self, title: str, rows: list[list[str]], out: Out) -> None:
        out.add("table", table_text(rows, self._plain(title)))

    def _listed_rows(self, lines: list[str]) -> list[list[str]]:
        return [[self._apart(cell).line for cell in _item_bodies(row)] for row in _item_bodies(lines)]

    def _csv_rows(self, options: list[str], lines: list[str]) -> list[list[str]]:
        header = [line.split(":", 2)[2] for line in options if line.strip().startswith(":header:")]
        rows = csv.reader([line for line in [*header, *lines] if line.strip()], skipinitialspace=True)
        return [[self._plain(cell) for cell in row] for row in rows]

    def _heading(self, lines: list[str], at: int, out: Out) -> int | None:
        line, below = lines[at].rstrip(), (lines[at + 1].rstrip() if at + 1 < len(lines) else "")
        over = bool(_RULE.match(line)) and len(line) >= 3
        if over and at + 2 < len(lines) and lines[at + 2].rstrip() == line and below.strip():
            return self._section(below.strip(), (line[0], True), out, at + 3)
        if (
            line[0] != " "
            and not over
            and len(below) >= 3
            and _RULE.match(below)
            and len(below) >= 0.8 * len(line)
        ):
            return self._section(line, (below[0], False), out, at + 2)
        return at + 1 if over else None  # a transition

    def _section(self, title: str, style: tuple[str, bool], out: Out, end: int) -> int:
        if style not in self._styles:
            self._styles.append(style)
        out.heading(self._plain(title), self._styles.index(style) + 1)
        return end

    def _table(self, lines: list[str], at: int, out: Out) -> int | None:
        if is_simple_border(lines[at]):
            borders = [n for n in range(at + 1, len(lines)) if is_simple_border(lines[n])]
            closing = [n for n in borders if n + 1 == len(lines) or not lines[n + 1].strip()]
            end = (closing[0] if closing else len(lines) - 1) + 1
            rows = simple_rows(lines[at:end])
        elif lines[at].startswith("+-"):
            end = next((n for n in range(at, len(lines)) if lines[n][:1] not in {"+", "|"}), len(lines))
            rows = grid_rows(lines[at:end])
        else:
            return None
        out.add("table", table_text([[self._plain(cell) for cell in row] for row in rows]))
        return end

    def _list(self, lines: list[str], at: int, out: Out) -> int | None:
        if not _ITEM.match(lines[at]):
            return None
        items: list[str] = []
        while at < len(lines) and (match := _ITEM.match(lines[at])):
            end = _indented_until(lines, at + 1)
            width = match.end()
            body = [lines[at][width:], *_shifted(lines[at + 1 : end], width)]
            marker = match.group().strip()
            marker = f"{len(items) + 1}." if marker.startswith("#") else "-" if marker in "-*+•" else marker
            items.append(list_item(f"{marker} ", self._apart(body)))
            at = _skip_blanks(lines, end)
        out.add("list", "\n".join(items))
        return at

    def _field(self, lines: list[str], at: int, out: Out) -> int | None:
        match = _FIELD.match(lines[at])
        if not match:
            return None
        end = _indented_until(lines, at + 1)
        value = self._plain(" ".join([match.group(2) or "", *lines[at + 1 : end]]))
        if value and not match.group(1).startswith(("orphan", "tocdepth")):
            out.add("paragraph", f"{match.group(1)}: {value}")
        return end

    def _doctest(self, lines: list[str], at: int, out: Out) -> int | None:
        if not lines[at].startswith(">>>"):
            return None
        end = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
        out.add("code", "\n".join(lines[at:end]))
        return end

    def _indented(self, lines: list[str], at: int, out: Out) -> int | None:
        if not lines[at].startswith(" "):
            return None
        end = _indented_until(lines, at)
        self.write(dedented(lines[at:end]), out)
        return end

    def _definition(self, lines: list[str], at: int, out: Out) -> int | None:
        if at + 1 >= len(lines) or not lines[at + 1].startswith(" ") or not lines[at + 1].strip():
            return None
        end = _indented_until(lines, at + 1)
        term = self._plain(lines[at].rstrip().removesuffix("::"))
        if lines[at].rstrip().endswith("::"):
            out.add("paragraph", term + ":")
            out.add("code", "\n".join(dedented(lines[at + 1 : end])))
            return end
        pieces = self._apart(dedented(lines[at + 1 : end]))
        if len(pieces.items) == 1 and pieces.items[0].kind == "paragraph":
            out.add("paragraph", f"{term}: {pieces.line}")
        else:
            out.add("paragraph", term)
            pieces.replay(out)
        return end

    def _paragraph(self, lines: list[str], at: int, out: Out) -> int:
        end = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
        taken = [line.removeprefix("| ") for line in lines[at:end]]
        text = " ".join(taken) if not lines[at].startswith("| ") else "\n".join(taken)
        literal = text.rstrip().endswith("::")
        text = text.rstrip().removesuffix("::").rstrip() + ":" if literal else text
        out.add("paragraph", "\n".join(self._plain(line) for line in text.split("\n")) if text != ":" else "")
        if not literal:
            return end
        after = _indented_until(lines, end)
        out.add("code", "\n".join(dedented(lines[end:after])).strip("\n"))
        return after


_READERS: tuple[Callable[[_Walk, list[str], int, Out], int | None], ...] = (
    _Walk._explicit,
    _Walk._table,
    _Walk._heading,
    _Walk._list,
    _Walk._field,
    _Walk._doctest,
    _Walk._indented,
    _Walk._definition,
    _Walk._paragraph,
)


def dedented(lines: list[str]) -> list[str]:
    """Without the blanks that all lines start with, and without blank lines around."""
    filled = [line for line in lines if line.strip()]
    margin = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
    cut = [line[margin:].rstrip() for line in lines]
    while cut and not cut[0]:
        cut.pop(0)
    while cut and not cut[-1]:
        cut.pop()
    return cut


def _skip_blanks(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _shifted(lines: list[str], width: int) -> list[str]:
    """To the left by an item's marker; lines that stand further left start at the margin."""
    return [line[width:] if not line[:width].strip() else line.lstrip() for line in lines]


def _item_bodies(lines: list[str]) -> list[list[str]]:
    bodies = []
    at = 0
    while at < len(lines):
        match = _ITEM.match(lines[at])
        end = _indented_until(lines, at + 1)
        if match:
            bodies.append([lines[at][match.end() :], *_shifted(lines[at + 1 : end], match.end())])
        at = end
    return bodies


def _indented_until(lines: list[str], at: int) -> int:
    """Behind the last of the blank or indented lines that start here; blank lines at their end stay outside."""
    end = at
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" ")):
        end += 1
    while end > at and not lines[end - 1].strip():
        end -= 1
    return max(end, at)
