"""Chat logs in JSON: one message, one block, with its speaker and its time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door, malformed
from answerable.adapters.parsers.properties import KEYS, merge, plausible, read_properties
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw

MEDIA_TYPE = "application/json"
_FORM = "chat log"
_SHAPE = (
    '{"title": …, "channel": …, "messages": [{"speaker": …, "time": …, "text": …}]} or a list of such messages'
)
_SPEAKERS = ("speaker", "user", "author", "from", "role", "username", "name")
_TIMES = ("time", "ts", "timestamp", "date", "created_at")
_TEXTS = ("text", "content", "message", "body")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?\Z")
_SLACK_MARKUP = re.compile(
    r"<(?:[@#][A-Z0-9]+\|?|https?://[^|>]+\||mailto:[^|>]+\||!)([^>]*)>|<([@#][A-Z0-9]+|https?://[^>]+)>"
)


class ChatParser:
    """Our own shape, a bare list of messages, and Slack's `user`, `ts`, `text`."""

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            decoded = decode(raw.data, uri=raw.uri)
            top, messages = self._read(raw, decoded.text)
            sheet = Sheet()
            sheet.counts["invisible_characters"] += decoded.invisible
            times = [_write(raw, sheet, message) for message in messages]
            told = read_properties({key: value for key, value in top.items() if key in KEYS}, uri=raw.uri)
            known = [time for time in times if time]
            guessed = plausible({"updated": known[-1][:10]}) if known else {}
            said = merge(told, read_properties(guessed, uri=raw.uri))
            meta = {
                **decoded.meta,
                "channel": str(top.get("channel") or ""),
                "messages": str(len(messages)),
                "from_time": known[0] if known else "",
                "to_time": known[-1] if known else "",
            }
            return assemble(raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=said, meta=meta)

    def _read(self, raw: Raw, text: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise malformed(raw, "JSON file", str(exc)[:200]) from exc
        top = value if isinstance(value, dict) else {}
        messages = top.get("messages") if top else value
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise _wrong_shape(raw, "it holds no list of messages")
        return top, messages


def _write(raw: Raw, sheet: Sheet, message: Mapping[str, Any]) -> str:
    """Adds the message's block; gives its time in ISO form, or an empty string."""
    text = _first(message, _TEXTS)
    if text is None:
        raise _wrong_shape(raw, "a message has no text")
    speaker, time = _first(message, _SPEAKERS) or "", _iso(_first(message, _TIMES) or "")
    clean = _SLACK_MARKUP.sub(lambda match: match.group(1) or match.group(2) or "", text).strip()
    if clean:
        line = f"{speaker}: {clean}" if speaker else clean
        sheet.add(
            "message", line, meta={key: value for key, value in (("speaker", speaker), ("time", time)) if value}
        )
    return time


def _first(message: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = message.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return str(value)
    return None


def _iso(time: str) -> str:
    """Seconds since the epoch become ISO; everything else stays as it is."""
    if not _EPOCH.match(time):
        return time
    return datetime.fromtimestamp(float(time), tz=UTC).isoformat(timespec="seconds")


def _wrong_shape(raw: Raw, cause: str) -> ParseError:
    return ParseError(
        f"{raw.uri}: JSON, but not a chat log: {cause}",
        hint=f"Chat logs have the form {_SHAPE}.",
        reason="unsupported",
    )
