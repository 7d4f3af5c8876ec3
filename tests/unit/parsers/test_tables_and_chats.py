"""CSV tables, chat logs and plain text."""

from __future__ import annotations

import json

import pytest

from answerable.adapters.parsers.chat import ChatParser
from answerable.adapters.parsers.csv import CsvParser
from answerable.adapters.parsers.text import TextParser
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Parser, Raw


def read(parser: Parser, data: str, uri: str = "a.x") -> Document:
    return parser.parse(Raw(uri=uri, data=data.encode(), source="s", tenant="t"))


@pytest.mark.parametrize(
    ("csv", "text"),
    [
        ("a,b\n1,2\n", "a: 1; b: 2"),
        ("a;b\n1,5;2\n", "a: 1,5; b: 2"),
        ("a\tb\nx y\tz\n", "a: x y; b: z"),
        ("a|b\n1|2\n", "a: 1; b: 2"),
        ('name,note\nx,"one, ""two""\nthree"\n', 'name: x; note: one, "two" three'),
        ("price_eur,b\n1,\n,\n,2", "price eur: 1\nb: 2"),
        ("1,2\n3,4\n", "column 1: 1; column 2: 2\ncolumn 1: 3; column 2: 4"),
        ("a,a\n1,2\n", "column 1: a; column 2: a\ncolumn 1: 1; column 2: 2"),
        ("a,b\n1,2,3\n", "a: 1; b: 2; 3"),
        ("word\none\n", "word: one"),
    ],
)
def test_rows_are_lines_that_name_their_columns(csv: str, text: str) -> None:
    assert read(CsvParser(), csv).text == text


def test_rows_come_in_groups_under_their_columns() -> None:
    document = read(CsvParser(), "a,b\n" + "x,y\n" * 45)
    assert [block.kind for block in document.blocks] == ["table"] * 3
    assert {block.headings for block in document.blocks} == {("a, b",)}
    assert document.meta == {"columns": "a, b", "rows": "45"}


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(ParseError, match="more than 10 rows") as caught:
        read(CsvParser(max_rows=10), "a,b\n" + "x,y\n" * 11)
    assert caught.value.reason == "too_large"
    assert read(CsvParser(max_rows=10), "a,b\n" + "x,y\n" * 10).meta["rows"] == "10"


def test_a_cell_without_end_is_malformed() -> None:
    with pytest.raises(ParseError):
        read(CsvParser(), 'a,b\n"' + "x" * 200_000 + "\n")


@pytest.mark.parametrize(
    "messages",
    [
        [{"speaker": "a", "time": "2026-01-02T03:04:05Z", "text": "Hi"}],
        [{"user": "a", "ts": "1767323045.000100", "text": "Hi"}],
        [{"role": "a", "timestamp": 1767323045, "content": "Hi"}],
    ],
)
@pytest.mark.parametrize("bare", [True, False])
def test_messages_are_blocks_with_speaker_and_time(messages: list[dict[str, object]], bare: bool) -> None:
    document = read(ChatParser(), json.dumps(messages if bare else {"messages": messages}))
    assert document.text == "a: Hi"
    block = document.blocks[0]
    assert (block.kind, block.meta["speaker"], block.meta["time"][:19]) == ("message", "a", "2026-01-02T03:04:05")
    assert str(document.updated_at) == "2026-01-02"


def test_slack_markup_is_taken_off() -> None:
    text = "<@U1|ann> see <https://x.org|the page>, <https://y.org> and <#C1|help>"
    assert read(ChatParser(), json.dumps([{"text": text}])).text == "ann see the page, https://y.org and help"


def test_a_chat_says_its_own_title_and_status() -> None:
    document = read(
        ChatParser(), '{"title": "T", "status": "draft", "channel": "mail", "messages": [{"text": "x"}]}'
    )
    assert (document.title, document.status, document.meta["channel"]) == ("T", "draft", "mail")


@pytest.mark.parametrize("data", ['{"a": 1}', "3", '"text"', '{"messages": [1]}', '[{"user": "a"}]', "null"])
def test_other_json_names_the_expected_shape(data: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(ChatParser(), data)
    assert caught.value.reason == "unsupported"
    assert '"messages"' in caught.value.hint


def test_broken_json_is_malformed() -> None:
    with pytest.raises(ParseError) as caught:
        read(ChatParser(), "{")
    assert caught.value.reason == "malformed"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("Title\n\n" + "A sentence that is long enough to follow. " * 2, ["heading", "paragraph"]),
        ("Title\n=====\ntext right below", ["heading", "paragraph"]),
        ("Intro.\n\n2.1 Scope\n\n" + "x" * 80, ["paragraph", "heading", "paragraph"]),
        ("One sentence.", ["paragraph"]),
        ("Steps:\n- one\n- two", ["paragraph", "list"]),
        ("1. one\n2. two", ["list"]),
        ("Intro.\n\n    code  here\n    more", ["paragraph", "code"]),
        ("Street 1\n12345 Town", ["paragraph"]),
    ],
)
def test_structure_is_seen_in_plain_text(text: str, blocks: list[str]) -> None:
    assert [block.kind for block in read(TextParser(), text).blocks] == blocks


def test_levels_follow_the_numbers() -> None:
    text = "Guide\n\n1 Start\n\n" + "x" * 80 + "\n\n1.2 More\n\n" + "y" * 80
    assert [block.headings for block in read(TextParser(), text).blocks if block.kind == "heading"] == [
        ("Guide",),
        ("Guide", "1 Start"),
        ("Guide", "1 Start", "1.2 More"),
    ]
