"""Server-sent events, however they are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.models.sse import SSEParser

STREAM = (
    'event: a\ndata: {"x": "日本"}\n\n: ping\n\ndata: one\ndata:two\nid: 7\n\ndata\n\n'
    "event: late\ndata: never ended\n"
)
EVENTS = [
    '{"x": "日本"}',
    "one\ntwo",
    "",
]


def parsed(*chunks: bytes) -> list[str]:
    parser = SSEParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@given(cuts=st.lists(st.integers(0, 150), max_size=12))
def test_the_same_events_come_however_the_bytes_are_cut(end, cuts):
    data = STREAM.replace("\n", end).encode()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(places)]
    assert parsed(*chunks) == EVENTS


def test_a_byte_order_mark_is_no_part_of_the_first_field():
    assert parsed(b"\xef\xbb", b"\xbfdata: x\n\n") == ["x"]


def test_only_one_blank_after_the_colon_is_dropped():
    assert parsed(b"data:  x \n\n") == [" x "]


def test_an_event_without_data_is_none_and_its_name_does_not_stay():
    assert parsed(b"event: x\n\ndata: y\n\n") == ["y"]


def test_bytes_that_are_no_text_do_not_stop_the_parser():
    assert parsed(b"data: \xff\xfe\n\ndata: ok\n\n")[-1] == "ok"
