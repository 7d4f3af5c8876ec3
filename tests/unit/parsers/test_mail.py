"""Mail: what is new, what is quoted, who signed."""

from __future__ import annotations

import pytest

from answerable.adapters.parsers.mail import MailParser
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw

HEAD = "From: Ann <ann@example.com>\nSubject: Hub\nDate: Tue, 18 Aug 2026 16:12:07 +0200\n"


def read(body: str, head: str = HEAD) -> Document:
    return MailParser().parse(Raw(uri="a.eml", data=f"{head}\n{body}".encode(), source="s", tenant="t"))


def kinds(body: str) -> list[tuple[str, str]]:
    document = read(body)
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_lines_broken_by_a_program_are_joined_and_the_authors_stay() -> None:
    long = "The hub works with every device of the second generation, as long as\nit was made after 2024."
    assert kinds(long + "\n\nShort line.\nAnother one.") == [
        ("paragraph", long.replace("\n", " ")),
        ("paragraph", "Short line.\nAnother one."),
    ]


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 17 Aug 2026 at 21:02, Ben Bo <ben@example.com> wrote:",
        "Ben Bo wrote on 17 August 2026, 21:02:",
        "Am 17. August 2026 um 21:02 schrieb Ben Bo:",
        "El 17 de agosto de 2026, Ben Bo escribió:",
    ],
)
def test_quoted_history_is_a_block_with_its_speaker(attribution: str) -> None:
    document = read(f"New words.\n\n{attribution}\n> Old words.\n> More.\n")
    quote = document.blocks[-1]
    assert (quote.kind, quote.meta["depth"], quote.meta["history"]) == ("quote", "1", "1")
    assert quote.meta["speaker"].startswith("Ben Bo")
    assert document.text[quote.start : quote.end] == f"{attribution}\nOld words.\nMore."


def test_history_in_history_is_deeper() -> None:
    document = read("New\n\nA wrote:\n> one\n>\n> B wrote:\n>> two\n")
    assert [(block.kind, block.meta.get("depth")) for block in document.blocks] == [
        ("paragraph", None),
        ("quote", "1"),
        ("quote", "2"),
    ]
    assert document.text.endswith("A wrote:\none\n\nB wrote:\ntwo")


@pytest.mark.parametrize(
    "mark", ["-----Original Message-----", "From: Ben <b@example.com>\nSent: Monday", "Von: Ben\nGesendet: Montag"]
)
def test_history_without_signs_starts_at_its_head(mark: str) -> None:
    found = kinds(f"New words.\n\n{mark}\n\nOld words.")
    assert [kind for kind, _ in found] == ["paragraph", "quote"]
    assert "Old words." in found[1][1]


@pytest.mark.parametrize(
    "closing",
    ["Kind regards\nAnn\nSupport", "Mit freundlichen Grüßen,\nAnn", "Un saludo\nAnn", "--\nAnn | Support"],
)
def test_signatures_are_blocks_of_their_own(closing: str) -> None:
    found = kinds(f"New words.\n\n{closing}\n\n> old\n")
    assert [kind for kind, _ in found] == ["paragraph", "signature", "quote"]
    assert found[1][1] == closing.removeprefix("--\n")


def test_a_word_of_thanks_in_the_middle_is_no_signature() -> None:
    body = "Thanks\n" + "\n".join(f"Line {n} of a long text." for n in range(20))
    assert {kind for kind, _ in kinds(body)} == {"paragraph"}


def test_blocks_know_who_speaks_and_when() -> None:
    meta = read("Hello").blocks[0].meta
    assert meta == {"speaker": "Ann <ann@example.com>", "time": "2026-08-18T16:12:07+02:00"}


def test_html_is_read_where_there_is_no_text() -> None:
    head = HEAD + "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
    assert read("<p>Seen</p><p style='display:none'>Ghost</p>", head).text == "Seen"


def test_headers_are_metadata() -> None:
    document = read("Hello", HEAD + "To: Bo <bo@example.com>\nMessage-ID: <1@x>\nContent-Language: de-DE\n")
    assert (document.title, str(document.updated_at), document.language) == ("Hub", "2026-08-18", "de")
    assert (document.meta["to"], document.meta["message_id"]) == ("Bo <bo@example.com>", "<1@x>")


def test_a_bad_date_is_left_out() -> None:
    assert read("Hello", "From: a@example.com\nDate: someday\n").updated_at is None


def test_text_without_headers_is_no_mail() -> None:
    with pytest.raises(ParseError, match="header"):
        read("Hello", "")
