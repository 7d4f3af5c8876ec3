"""What a file may say about itself, and what it may not."""

from __future__ import annotations

from datetime import date

import pytest

from answerable.adapters.parsers.assemble import name_in_words
from answerable.adapters.parsers.front_matter import read_yaml, split_front_matter
from answerable.adapters.parsers.markdown import MarkdownParser
from answerable.adapters.parsers.properties import narrowed_acl, narrowed_trust, read_properties
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw


def read(front_matter: str, **values: object) -> Document:
    data = f"---\n{front_matter}\n---\nText.".encode()
    return MarkdownParser().parse(Raw(uri="late_returns.md", data=data, source="s", tenant="t", **values))  # type: ignore[arg-type]


def test_front_matter_goes_over_the_source() -> None:
    document = read(
        "title: Returns\nstatus: Draft\nowner: a@example.com\nlanguage: de-AT\nupdated: 2026-05-02T10:00:00Z\n"
        "review_by: 2027-05-02\ntags: [returns, refunds]\nacl: [b, a]\ntrust: public"
    )
    assert (document.title, document.status, document.owner) == ("Returns", "draft", "a@example.com")
    assert (document.language, document.updated_at, document.review_by) == (
        "de",
        date(2026, 5, 2),
        date(2027, 5, 2),
    )
    assert (document.acl, document.trust) == (("a", "b"), "public")
    assert document.meta == {"tags": "returns, refunds"}
    assert document.text == "Text."


def test_unknown_keys_become_meta_strings() -> None:
    document = read("product: Hub\nsizes: [1, 2]\nmore: {a: b}\nempty:")
    assert document.meta == {"product": "Hub", "sizes": "1, 2", "more": '{"a": "b"}'}


def test_values_stay_what_was_written() -> None:
    assert read("language: no").language == "no"  # Norwegian
    assert read("version: 1.10\non: yes").meta == {"version": "1.10", "on": "yes"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("status: final", "published, draft, archived"),
        ("trust: full", "public, partner, internal"),
        ("updated: soon", "2026-05-31"),
        ("updated: 2026-02-30", "date"),
        ("language: '?'", "en, de or es"),
        ("acl: {a: b}", "list of names"),
        ("acl: []", "at least one"),
        ("title: [a]", "one line"),
    ],
)
def test_a_wrong_value_names_key_value_and_what_is_allowed(line: str, says: str) -> None:
    with pytest.raises(ParseError, match=says) as caught:
        read(line)
    assert line.split(":", maxsplit=1)[0] in str(caught.value)
    assert "late_returns.md" in str(caught.value)


@pytest.mark.parametrize("front_matter", ["a: [", "a: b\n b: c: d", "a: &x 1\nb: *x", "a: " + "[" * 3000])
def test_broken_yaml_is_one_error(front_matter: str) -> None:
    with pytest.raises(ParseError, match="YAML"):
        read(front_matter)


def test_text_that_only_looks_like_front_matter_stays_text() -> None:
    assert split_front_matter("---\nJust a line\n---\nMore", uri="a.md") == ({}, "---\nJust a line\n---\nMore")
    assert split_front_matter("Text\n---\na: b\n---\n", uri="a.md")[0] == {}
    assert split_front_matter("---\na: b\n...\nMore", uri="a.md") == ({"a": "b"}, "More")


def test_a_sidecar_must_be_a_mapping() -> None:
    assert read_yaml("", uri="a", what="sidecar") == {}
    with pytest.raises(ParseError, match="key: value"):
        read_yaml("- a", uri="a", what="sidecar")


@pytest.mark.parametrize(
    ("granted", "wanted", "result"),
    [
        (("public",), None, ("public",)),
        (("public",), ("staff",), ("staff",)),
        (("staff", "legal"), ("public",), ("legal", "staff")),
        (("staff", "legal"), ("legal", "board"), ("legal",)),
        (("b", "a"), None, ("a", "b")),
    ],
)
def test_readers_are_only_ever_narrowed(
    granted: tuple[str, ...], wanted: tuple[str, ...] | None, result: tuple[str, ...]
) -> None:
    assert narrowed_acl(granted, wanted, uri="a.md") == result


def test_readers_that_the_source_does_not_have_are_an_error() -> None:
    with pytest.raises(ParseError, match=r"board.*staff"):
        narrowed_acl(("staff",), ("board",), uri="a.md")


@pytest.mark.parametrize(
    ("granted", "wanted", "result"),
    [
        ("partner", None, "partner"),
        ("partner", "public", "public"),
        ("partner", "internal", "partner"),
        ("public", "internal", "public"),
        ("internal", "partner", "partner"),
    ],
)
def test_trust_is_only_ever_lowered(granted: str, wanted: str | None, result: str) -> None:
    assert narrowed_trust(granted, wanted) == result


def test_asking_for_more_leaves_a_mark() -> None:
    assert read("trust: internal", trust="public").meta == {"widening_refused": "trust"}
    assert read("acl: staff", acl=("public",)).meta == {}


def test_the_title_falls_back_to_the_heading_and_then_to_the_name() -> None:
    assert read("owner: a").title == "Late returns"
    document = MarkdownParser().parse(Raw(uri="x.md", data=b"## Sub\n\n# Top", source="s", tenant="t"))
    assert document.title == "Sub"


@pytest.mark.parametrize(
    ("uri", "title"),
    [("a/late_returns-2027.md", "Late returns 2027"), ("faq.html", "Faq"), (".md", "Md"), ("ÄÖ.txt", "ÄÖ")],
)
def test_a_name_in_words(uri: str, title: str) -> None:
    assert name_in_words(uri) == title


def test_invisible_characters_do_not_get_into_metadata() -> None:
    assert read_properties({"title": "Re\u2060turns\u200b \x07"}, uri="a").title == "Returns"
