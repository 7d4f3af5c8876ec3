"""Markdown becomes plain text that reads well."""

from __future__ import annotations

import pytest

from answerable.adapters.parsers.markdown import MarkdownParser
from answerable.core.document import Document
from answerable.core.ports import Raw


def read(markdown: str) -> Document:
    return MarkdownParser().parse(Raw(uri="a.md", data=markdown.encode(), source="s", tenant="t"))


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one\ntwo  \nthree", "one two\nthree"),
        ("**a** *b* `c*d*` ~~e~~ \\*f\\* &amp; g", "a b c*d*  *f* & g".replace("  ", " ")),
        ("[label](https://example.com) <https://x.org> ![alt](i.png)", "label https://x.org alt"),
        ("[Mail us](mailto:a@b.c?subject=x) [a@b.c](mailto:a@b.c)", "Mail us (a@b.c) a@b.c"),
        ("# Head `code`\n\ntext", "Head code\n\ntext"),
        ("Head\n====\ntext", "Head\n\ntext"),
        ("- a\n- b\n  - c\n\n    more\n", "- a\n- b\n  - c\n    more"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n\n  ```\n  x  =  1\n  ```", "- a\n  x  =  1"),
        ("| a | b |\n|--|--|\n| **c** | |", "a | b\nc |"),
        ("    code  here\n    more", "code  here\nmore"),
        ("> quoted\n> text", "quoted text"),
        ("> [!WARNING]\n> Hot", "Warning: Hot"),
        ("a\n\n---\n\nb", "a\n\nb"),
        ("text<br>more <kbd>X</kbd>", "text\nmore X"),
    ],
)
def test_markup_is_taken_off(markdown: str, text: str) -> None:
    assert read(markdown).text == text


def test_html_blocks_are_read_as_html() -> None:
    document = read(
        "<table><tr><td>a</td><td>b</td></tr></table>\n\n<details>\n<summary>More</summary>\n\nInside\n\n</details>"
    )
    assert document.text == "a | b\n\nMore\n\nInside"
    assert document.meta["raw_html"] == "6"


@pytest.mark.parametrize(
    "markdown",
    [
        "Seen\n\n<!-- Ghost\n\nGhost -->",
        "Seen <!-- Ghost -->",
        '<div style="display:none">\n\nGhost\n\n# Ghost\n\n</div>\n\nSeen',
        "Seen <span hidden>Ghost **Ghost**</span>",
        "<script>\nGhost\n</script>\n\nSeen",
        '<p style="font-size:0">Ghost</p>\n\nSeen',
    ],
)
def test_hidden_html_hides_the_markdown_in_it(markdown: str) -> None:
    assert read(markdown).text == "Seen"


def test_comments_and_hidden_text_are_counted() -> None:
    meta = read("Seen <!-- a --> <span hidden>Ghost</span>\n\n<!-- b -->").meta
    assert (meta["html_comments"], meta["hidden_text"], meta["raw_html"]) == ("2", "1", "1")


def test_invisible_characters_are_counted() -> None:
    assert read("Se\u200ben\u202e").meta == {"invisible_characters": "2"}


def test_blocks_know_their_headings() -> None:
    document = read("# A\n\n## B\n\ntext\n\n# C\n\n- item")
    assert [(block.kind, block.level, block.headings) for block in document.blocks] == [
        ("heading", 1, ("A",)),
        ("heading", 2, ("A", "B")),
        ("paragraph", 0, ("A", "B")),
        ("heading", 1, ("C",)),
        ("list", 0, ("C",)),
    ]


def test_links_are_kept_beside_the_text() -> None:
    document = read("[a](https://x.org) [b](https://x.org) [c](/local) [d](javascript:alert(1)) <http://y.org>")
    assert document.meta == {"links": "https://x.org http://y.org"}
