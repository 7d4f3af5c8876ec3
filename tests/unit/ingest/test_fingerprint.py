from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from answerable.core.ports import Raw
from answerable.ingest.fingerprint import Fingerprint

RAW = Raw(uri="a", data=b"text", source="s", tenant="t", acl=("hr", "it"), meta={"a": "1", "b": "2"})
PRINT = Fingerprint(settings="parser 1")


@pytest.mark.parametrize(
    "raw",
    [
        replace(RAW, data=b"texts"),
        replace(RAW, media_type="text/html"),
        replace(RAW, language="de"),
        replace(RAW, acl=("hr",)),
        replace(RAW, status="draft"),
        replace(RAW, owner="Ann"),
        replace(RAW, trust="public"),
        replace(RAW, meta={"a": "1"}),
    ],
)
def test_everything_that_shapes_a_document_shapes_its_fingerprint(raw: Raw) -> None:
    assert PRINT.of(raw) != PRINT.of(RAW)


def test_time_and_order_do_not() -> None:
    same = replace(RAW, acl=("it", "hr"), meta={"b": "2", "a": "1"}, modified_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert PRINT.of(same) == PRINT.of(RAW)


def test_it_is_64_digits_that_begin_with_the_settings_own() -> None:
    other = Fingerprint(settings="parser 2")
    assert PRINT.of(RAW).startswith(PRINT.prefix)
    assert len(PRINT.of(RAW)) == 64
    assert other.prefix != PRINT.prefix
    assert other.of(RAW)[16:] == PRINT.of(RAW)[16:]
