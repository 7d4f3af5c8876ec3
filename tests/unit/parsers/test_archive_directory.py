"""An archive's directory is measured before it is opened."""

from __future__ import annotations

import struct
import zipfile

import pytest

from answerable.adapters.parsers.detect import DOCX, detect
from answerable.core.errors import ParseError
from answerable.core.ports import Raw
from answerable.testing import files

SOUND = files.docx("<w:p/>")


def raw(data: bytes) -> Raw:
    return Raw(uri="a.docx", data=data, source="s", tenant="t")


def grown(count: int, *, comment: bytes = b"", zip64: bool = False) -> bytes:
    """A Word file with `count` more entries in its directory, whose end record claims one."""
    start = SOUND.index(b"PK\x01\x02")
    end = SOUND.rindex(b"PK\x05\x06")
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = SOUND[start:end] + entry * count
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) if zip64 else b""
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), start, len(comment))
    return SOUND[:start] + directory + locator + last + comment


@pytest.mark.parametrize("comment", [b"", b"x" * 60_000, b"PK\x05 \x06"])
def test_a_directory_of_a_hundred_thousand_entries_is_not_opened(
    comment: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    for data in (grown(100_000, comment=comment), grown(1, comment=comment, zip64=True)):
        with pytest.raises(ParseError, match="a directory of") as caught:
            detect(raw(data))
        assert caught.value.reason == "too_large"


def test_a_sound_archive_is_opened_whatever_its_comment() -> None:
    assert detect(raw(SOUND)) == DOCX
    assert detect(raw(grown(3, comment=b"a comment"))) == DOCX
