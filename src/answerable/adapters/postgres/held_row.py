"""A held document as a row of Postgres, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from answerable.core.document import Block, Document
from answerable.core.quarantine import HeldDocument, HeldState, Reason


def held_values(one: HeldDocument, *, tenant: str) -> dict[str, Any]:
    """The parameters that keep it."""
    return {
        "tenant": tenant,
        "id": one.id,
        "source": one.source,
        "uri": one.uri,
        "document_id": one.document_id,
        "title": one.title,
        "text_sha256": one.text_sha256,
        "trust": one.trust,
        "owner": one.owner,
        "reasons": Jsonb([asdict(reason) for reason in one.reasons]),
        "document": Jsonb(document_values(one.document)) if one.document else None,
        "run": one.run,
    }


def held_from(row: Mapping[str, Any]) -> HeldDocument:
    """As it was kept."""
    document = row["document"]
    return HeldDocument(
        **{
            **row,
            "reasons": tuple(Reason(**one) for one in row["reasons"]),
            "document": document_from(document) if document else None,
            "state": HeldState(row["state"]),
        }
    )


def document_values(document: Document) -> dict[str, Any]:
    """JSON-able."""
    values: dict[str, Any] = {one.name: getattr(document, one.name) for one in fields(document)}
    values |= {
        name: value.isoformat() if (value := values[name]) else None for name in ("updated_at", "review_by")
    }
    return values | {"blocks": [asdict(one) for one in document.blocks], "acl": list(document.acl)}


def document_from(values: Mapping[str, Any]) -> Document:
    """What `document_values` was made of."""
    days = {
        name: date.fromisoformat(values[name]) if values[name] else None for name in ("updated_at", "review_by")
    }
    blocks = tuple(Block(**{**one, "headings": tuple(one["headings"])}) for one in values["blocks"])
    return Document(**{**values, **days, "blocks": blocks, "acl": tuple(values["acl"])})
