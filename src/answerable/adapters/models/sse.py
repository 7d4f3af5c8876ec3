"""Server-sent events out of bytes, however the network cut them (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\n|\r")
_ONE_EVENT = re.compile(rb"data: [^\r\n]*\n\n")  # how nearly every piece of a stream comes
_BOM = b"\xef\xbb\xbf"


class SSEParser:
    """Feed it bytes, it gives the data of whole events; their names tell nothing here.

    What was not ended by a blank line never becomes an event.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False
        self._after_cr = False
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[str]:
        """The events that these bytes complete."""
        if self._begun and not self._rest and not self._data and _ONE_EVENT.fullmatch(chunk):
            self._after_cr = False
            return [chunk[6:-2].decode("utf-8", "replace")]
        *lines, self._rest = _LINE_END.split(self._rest + self._joined(chunk))
        return [event for line in lines if (event := self._take(line)) is not None]

    def _joined(self, chunk: bytes) -> bytes:
        """The chunk without the second half of a line end that the chunk before had already counted."""
        if not chunk:
            return chunk
        half = self._after_cr and chunk.startswith(b"\n")
        self._after_cr = chunk.endswith(b"\r")
        return chunk[1:] if half else chunk

    def _take(self, line: bytes) -> str | None:
        if not self._begun:
            self._begun, line = True, line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        return None  # a comment, or a field without a meaning here

    def _dispatch(self) -> str | None:
        data, self._data = self._data, []
        return "\n".join(data) if data else None
