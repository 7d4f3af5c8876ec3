"""What goes between the sandbox and its workers: frames of JSON and bytes, each behind its length. Never pickle.

A worker that a hostile file has taken over can answer anything: `document_from` checks the shape of everything,
and takes who owns the document and who may read it from the request, not from the answer.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from answerable.adapters.parsers.properties import STATUSES, TRUSTS, narrowed_acl, narrowed_trust
from answerable.core.document import Block, Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw

HEADER = struct.Struct(">I")  # a frame's length in bytes
_REASONS = frozenset("timeout memory crash malformed encrypted unsupported too_large no_text unreadable".split())


def frame(payload: bytes) -> bytes:
    """The payload behind its length."""
    return HEADER.pack(len(payload)) + payload


def request_from(raw: Raw) -> bytes:
    """Two frames: what is known of the file as JSON, and its bytes."""
    known = {
        "uri": raw.uri,
        "source": raw.source,
        "tenant": raw.tenant,
        "media_type": raw.media_type,
        "language": raw.language,
        "acl": list(raw.acl),
        "status": raw.status,
        "owner": raw.owner,
        "trust": raw.trust,
        "modified_at": raw.modified_at.isoformat() if raw.modified_at else None,
        "meta": dict(raw.meta),
    }
    return frame(json.dumps(known).encode()) + frame(raw.data)


def raw_from(known: bytes, data: bytes) -> Raw:
    """In the worker; the sandbox is trusted."""
    values = json.loads(known)
    modified = values.pop("modified_at")
    acl = tuple(values.pop("acl"))
    return Raw(data=data, acl=acl, modified_at=datetime.fromisoformat(modified) if modified else None, **values)


def reply_from(document: Document) -> bytes:
    """What the worker sends for a file that it could read."""
    values = {
        "title": document.title,
        "text": document.text,
        "status": document.status,
        "language": document.language,
        "acl": list(document.acl),
        "updated_at": document.updated_at.isoformat() if document.updated_at else None,
        "review_by": document.review_by.isoformat() if document.review_by else None,
        "owner": document.owner,
        "trust": document.trust,
        "media_type": document.media_type,
        "meta": dict(document.meta),
        "blocks": [_block_values(block) for block in document.blocks],
    }
    return json.dumps({"document": values}, ensure_ascii=False).encode()


def refusal_from(error: ParseError) -> bytes:
    """What the worker sends for a file that it could not read."""
    values = {"message": str(error), "hint": error.hint, "reason": error.reason}
    return json.dumps({"error": values}).encode()


def document_from(reply: bytes, raw: Raw) -> Document:
    """Raises the ParseError that the worker sent, and one with reason `crash` for a reply that makes no sense."""
    try:
        values = json.loads(reply)
        if "error" in values:
            raise _error(values["error"])
        return _document(values["document"], raw)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as exc:
        raise ParseError(
            f"{raw.uri}: the parser gave an answer that makes no sense ({type(exc).__name__})",
            hint="The file may be hostile: look at it before you keep it in the source.",
            reason="crash",
        ) from exc


def _error(values: Mapping[str, str]) -> ParseError:
    reason = values["reason"] if values["reason"] in _REASONS else "malformed"
    return ParseError(str(values["message"])[:2_000], hint=str(values["hint"])[:500], reason=reason)


def _document(values: Mapping[str, Any], raw: Raw) -> Document:
    text = _string(values["text"])
    if "\0" in text:
        raise ValueError("NUL in the text")
    return Document(
        source=raw.source,
        uri=raw.uri,
        title=_string(values["title"]),
        text=text,
        tenant=raw.tenant,
        status=_one_of(values["status"], (*STATUSES, raw.status)),
        language=_string(values["language"])[:16],
        acl=narrowed_acl(raw.acl, tuple(map(_string, values["acl"])), uri=raw.uri),
        updated_at=_date(values["updated_at"]),
        review_by=_date(values["review_by"]),
        owner=_string(values["owner"]) if values["owner"] is not None else None,
        trust=narrowed_trust(raw.trust, _one_of(values["trust"], TRUSTS)),
        media_type=_string(values["media_type"]),
        blocks=tuple(_block(block, len(text)) for block in values["blocks"]),
        meta=_strings(values["meta"]),
    )


def _block_values(block: Block) -> list[Any]:
    return [block.kind, block.start, block.end, block.level, block.headings, block.page, dict(block.meta)]


def _block(values: list[Any], length: int) -> Block:
    kind, start, end, level, headings, page, meta = values
    if not 0 <= int(start) < int(end) <= length:
        raise ValueError("a block outside its text")
    return Block(
        kind=_string(kind),
        start=int(start),
        end=int(end),
        level=int(level),
        headings=tuple(map(_string, headings)),
        page=None if page is None else int(page),
        meta=_strings(meta),
    )


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not {type(value).__name__}")
    return value


def _strings(values: Mapping[str, object]) -> dict[str, str]:
    return {_string(key): _string(value) for key, value in values.items()}


def _one_of(value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is not allowed")
    return _string(value)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value is not None else None
