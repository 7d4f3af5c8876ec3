"""Server-sent events out of bytes, however the network cut them (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One event; `event` is empty where the stream names none."""

    data: str
    event: str = ""


class SSEParser:
    """Feed it bytes, it gives whole events. What was not ended by a blank line never becomes an event."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False
        self._after_cr = False
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that these bytes complete."""
        *lines, self._rest = _LINE_END.split(self._rest + self._joined(chunk))
        return [event for line in lines if (event := self._take(line)) is not None]

    def _joined(self, chunk: bytes) -> bytes:
        """The chunk without the second half of a line end that the chunk before had already counted."""
        if not chunk:
            return chunk
        half = self._after_cr and chunk.startswith(b"\n")
        self._after_cr = chunk.endswith(b"\r")
        return chunk[1:] if half else chunk

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not self._begun:
            self._begun, line = True, line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        return None  # a comment, or a field without a meaning here

    def _dispatch(self) -> ServerSentEvent | None:
        event, data = self._event, self._data
        self._event, self._data = "", []
        return ServerSentEvent(event=event, data="\n".join(data)) if data else None
