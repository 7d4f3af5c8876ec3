"""PDF, Word and reStructuredText."""

from __future__ import annotations

import io

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from answerable.adapters.parsers.docx import DocxParser
from answerable.adapters.parsers.pdf import PdfParser
from answerable.adapters.parsers.rst import RstParser
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Parser, Raw
from answerable.testing import files


def read(parser: Parser, data: bytes, uri: str = "my_file.x") -> Document:
    return parser.parse(Raw(uri=uri, data=data, source="s", tenant="t"))


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


BODY = "The plan starts where the limited warranty ends and it adds more cover."


def test_running_headers_and_page_numbers_are_left_out() -> None:
    pages = [
        [
            ("Terms of service", 9, 72, 810),
            (BODY, 10, 72, 700),
            (f"Only {n}", 10, 72, 600),
            (f"- {n} -", 9, 290, 30),
        ]
        for n in (1, 2, 3)
    ]
    document = read(PdfParser(), files.pdf(pages))
    assert "Terms of service" not in document.text
    assert "- 1 -" not in document.text
    assert [
        (block.page, f"Only {block.page}" in document.text[block.start : block.end]) for block in document.blocks
    ][1::2] == [(1, True), (2, True), (3, True)]


def test_lines_become_paragraphs_by_their_distance() -> None:
    page = [(BODY, 10, 72, 700), ("It goes on here.", 10, 72, 688), ("A new one.", 10, 72, 660)]
    assert read(PdfParser(), files.pdf([page])).text == f"{BODY} It goes on here.\n\nA new one."


def test_a_sentence_goes_on_across_pages() -> None:
    pages = [[(BODY.removesuffix("."), 10, 72, 700)], [("and more of it.", 10, 72, 700)]]
    assert read(PdfParser(), files.pdf(pages)).text == f"{BODY.removesuffix('.')} and more of it."


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("we offer a very long and self-", "service desk. There is self-service elsewhere", "self-service desk"),
        (
            "we offer a very long and inter-",
            "national desk. Nothing else is said of it here",
            "international desk",
        ),
    ],
)
def test_words_broken_at_a_line_end_are_made_whole(first: str, second: str, joined: str) -> None:
    document = read(PdfParser(), files.pdf([[(first, 10, 72, 700), (second, 10, 72, 688)]]))
    assert joined in document.text


def test_headings_by_size_have_levels() -> None:
    page = [
        ("Guide", 24, 72, 780),
        (BODY, 10, 72, 740),
        ("First part", 16, 72, 700),
        (BODY, 10, 72, 680),
        ("1.2 DETAILS", 10, 72, 640),
        (BODY, 10, 72, 620),
    ]
    document = read(PdfParser(), files.pdf([page]))
    assert [(block.level, block.headings) for block in document.blocks if block.kind == "heading"] == [
        (1, ("Guide",)),
        (2, ("Guide", "First part")),
        (4, ("Guide", "First part", "1.2 DETAILS")),
    ]


def test_short_bold_lines_are_headings_and_bold_paragraphs_are_not() -> None:
    page = [
        ("**Time limits**", 10, 72, 740),
        (BODY, 10, 72, 720),
        ("**and a bold line that goes on**", 10, 72, 690),
        (BODY, 10, 72, 670),
        *((f"**Bold line {n} of a notice**", 10, 72, 640 - 12 * n) for n in range(5)),
        (BODY, 10, 72, 540),
    ]
    document = read(PdfParser(), files.pdf([page]))
    assert [text for kind, text in kinds(document) if kind == "heading"] == ["Time limits"]


def test_a_heading_over_two_lines_is_one() -> None:
    page = [("Terms of the plan", 18, 72, 780), ("in the United States", 18, 72, 758), (BODY * 3, 10, 72, 720)]
    assert kinds(read(PdfParser(), files.pdf([page])))[0] == ("heading", "Terms of the plan in the United States")


def test_large_figures_and_long_large_texts_are_no_headings() -> None:
    page = [("249.00", 24, 72, 780), (BODY, 10, 72, 740), (BODY * 3, 12, 72, 700), (BODY * 20, 10, 72, 680)]
    assert {kind for kind, _ in kinds(read(PdfParser(), files.pdf([page])))} == {"paragraph"}


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Guide", "Guide"), ("draft3.doc", "Guide"), ("Microsoft Word - x", "Guide"), ("Old name", "Guide")],
)
def test_the_title_is_what_the_page_shows(title: str, expected: str) -> None:
    page = [("Guide", 24, 72, 780), (BODY, 10, 72, 740)]
    assert read(PdfParser(), files.pdf([page], title=title)).title == expected


def test_without_a_heading_the_title_is_the_files_and_then_its_name() -> None:
    page = [[(BODY, 10, 72, 740)]]
    assert read(PdfParser(), files.pdf(page, title="Given")).title == "Given"
    assert read(PdfParser(), files.pdf(page)).title == "My file"


def test_accounting_tables_join_their_signs() -> None:
    xs, ys = (72, 200, 220, 300, 315, 400), (600, 620, 640)
    rules = "".join(f"{x} 600 m {x} 640 l S\n" for x in xs) + "".join(f"72 {y} m 400 {y} l S\n" for y in ys)
    page = [
        ("Income", 10, 75, 625),
        ("$", 10, 202, 625),
        ("1,200", 10, 222, 625),
        ("12", 10, 320, 625),
        ("Loss", 10, 75, 605),
        ("$", 10, 202, 605),
        ("(40", 10, 222, 605),
        (")", 10, 302, 605),
        ("13", 10, 320, 605),
        (BODY, 10, 72, 500),
    ]
    assert kinds(read(PdfParser(), files.pdf([page], rules=rules)))[0] == (
        "table",
        "Income | $1,200 | 12\nLoss | $(40) | 13",
    )


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(ParseError, match="3 pages") as caught:
        read(PdfParser(max_pages=2), files.pdf([[]] * 3))
    assert caught.value.reason == "too_large"


def test_a_word_file_as_word_writes_it() -> None:
    word = docx.Document()
    word.core_properties.title = "Given"
    word.core_properties.category = "draft"
    word.core_properties.keywords = "a; b, c"
    word.add_heading("Top", 0)
    word.add_heading("Part", 2)
    word.add_paragraph("One\ttab")
    word.add_paragraph("First", style="List Number")
    word.add_paragraph("Second", style="List Number")
    word.add_paragraph("Dot", style="List Bullet")
    table = word.add_table(rows=2, cols=2)
    for row, texts in zip(table.rows, (("A", "B"), ("c", "d\ne")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    hidden = word.add_paragraph("Seen").add_run("Ghost")
    hidden.font.hidden = True
    out = io.BytesIO()
    word.save(out)
    document = read(DocxParser(), out.getvalue())
    assert (document.title, document.status) == ("Given", "draft")
    assert kinds(document) == [
        ("heading", "Top"),
        ("heading", "Part"),
        ("paragraph", "One\ttab"),
        ("list", "1. First\n2. Second\n- Dot"),
        ("table", "A | B\nc | d e"),
        ("paragraph", "Seen"),
    ]
    assert document.meta["hidden_text"] == "1"


@pytest.mark.parametrize(
    ("run", "seen"),
    [
        ("<w:vanish/>", False),
        ('<w:vanish w:val="0"/>', True),
        ('<w:color w:val="FFFFFF"/>', False),
        ('<w:color w:val="FFFFFF"/><w:shd w:fill="000000"/>', True),
        ('<w:sz w:val="2"/>', False),
        ('<w:sz w:val="24"/>', True),
    ],
)
def test_hidden_runs(run: str, seen: bool) -> None:
    body = f"<w:p><w:r><w:t>Seen </w:t></w:r><w:r><w:rPr>{run}</w:rPr><w:t>maybe</w:t></w:r></w:p>"
    assert ("maybe" in read(DocxParser(), files.docx(body)).text) is seen


def test_links_in_word_files_keep_their_addresses() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("Write to ")
    for target, label in (("mailto:a@example.com", "us"), ("https://example.com/x", " or here")):
        relation = word.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), relation)
        run = paragraph.add_run(label)
        link.append(run._r)
        paragraph._p.append(link)
    out = io.BytesIO()
    word.save(out)
    document = read(DocxParser(), out.getvalue())
    assert document.text == "Write to us (a@example.com) or here"
    assert document.meta["links"] == "https://example.com/x"


def test_a_field_and_a_text_box_are_read_once() -> None:
    body = (
        "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>4</w:t></w:r>"
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:Choice><w:r><w:t> box</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t> box</w:t></w:r></mc:Fallback>"
        "</mc:AlternateContent></w:p>"
    )
    assert read(DocxParser(), files.docx(body)).text == "4 box"


@pytest.mark.parametrize(
    ("rst", "text"),
    [
        ("Title\n=====\n\nSub\n---\n\nx", "Title\n\nSub\n\nx"),
        ("====\nOver\n====\n\nx", "Over\n\nx"),
        ("* a\n* b\n\n  - c\n\n    d\n", "- a\n- b\n  - c\n    d"),
        ("#. a\n\n#. b\n\nc", "1. a\n2. b\n\nc"),
        ("Say::\n\n  x  =  1\n\nDone.", "Say:\n\nx  =  1\n\nDone."),
        ("::\n\n  x", "x"),
        (".. code-block:: py\n   :linenos:\n\n   a\n     b", "a\n  b"),
        (".. note:: Mind\n   this.", "Note: Mind this."),
        (".. note::\n\n   Mind this.\n\n   - item", "Note: Mind this.\n\n- item"),
        (".. versionadded:: 3.2\n   The flag.", "versionadded: 3.2\n\nThe flag."),
        (".. function:: f(x)\n\n   Does.", "f(x)\n\nDoes."),
        (".. figure:: a.png\n   :alt: A\n\n   Caption", "Caption"),
        (".. a comment\n   more\n\nSeen", "Seen"),
        (".. _t:\n\n.. |s| image:: x.png\n\nSeen", "Seen"),
        (".. [1] A note\n", "[1] A note"),
        ("term\n   What it is.", "term: What it is."),
        ("term\n   One.\n\n   Two.", "term\n\nOne.\n\nTwo."),
        (":Author: Ann\n:orphan:\n\nx", "Author: Ann\n\nx"),
        (">>> f(1)\n2", ">>> f(1)\n2"),
        ("| one\n| two", "one\ntwo"),
        ("   quoted", "quoted"),
        ("a\n\n-----\n\nb", "a\n\nb"),
        ("+---+---+\n| a | b |\n+===+===+\n| c | d |\n|   | e |\n+---+---+", "a | b\nc | d e"),
        ("===  ===\na    b\n===  ===\nc    d\n\\    e\n===  ===", "a | b\nc | d\ne".replace("\ne", "\n\\ | e")),
        (".. list-table:: T\n   :header-rows: 1\n\n   * - a\n     - b\n   * - c\n     - * d", "T\na | b\nc | - d"),
        (".. csv-table::\n   :header: a, b\n\n   c, \"d, e\"", "a | b\nc | d, e"),
    ],
)  # fmt: skip
def test_restructured_text(rst: str, text: str) -> None:
    assert read(RstParser(), rst.encode()).text == text


@pytest.mark.parametrize(
    ("rst", "text"),
    [
        (":ref:`text <t>` :meth:`~a.b.c` :pep:`8` :doc:`!x`", "text c PEP 8 x"),
        ("``a * b`` *c* **d** `e`", "a * b c d e"),
        ("`t <https://x.org>`_ `u`_ Python_ x_y", "t u Python x_y"),
        ("|name| [#]_ [1]_ re\\ sult \\*", "name  [1] result *"),
        ("2 * 3 * 4, f(*args, **kwargs)", "2 * 3 * 4, f(*args, **kwargs)"),
    ],
)
def test_inline_markup(rst: str, text: str) -> None:
    assert read(RstParser(), rst.encode()).text == text
