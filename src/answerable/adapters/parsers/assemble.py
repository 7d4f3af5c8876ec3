"""Puts a written sheet and what the file says about itself together: the Document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath

from answerable.adapters.parsers.door import no_text
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.properties import (
    Properties,
    as_text,
    merge,
    narrowed_acl,
    narrowed_trust,
    read_properties,
    refused,
)
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

NOTHING = Properties()


def assemble(
    raw: Raw,
    sheet: Sheet,
    *,
    media_type: str,
    form: str,
    said: Properties = NOTHING,
    meta: Mapping[str, str] | None = None,
    links: Links | None = None,
) -> Document:
    """A sidecar's word (raw.meta) goes over the file's own, the file's over its source's defaults.

    trust and acl are only ever narrowed. Raises ParseError: no text, or a wrong value.
    """
    text = sheet.text
    if not text.strip():
        raise no_text(raw, form)
    said = merge(read_properties(raw.meta, uri=raw.uri), said)
    return Document(
        source=raw.source,
        uri=raw.uri,
        title=said.title or sheet.first_heading[:500] or name_in_words(raw.uri),
        text=text,
        tenant=raw.tenant,
        status=said.status or raw.status,
        language=said.language or raw.language,
        acl=narrowed_acl(raw.acl, said.acl, uri=raw.uri),
        updated_at=said.updated or _modified(raw),
        review_by=said.review_by,
        owner=said.owner or raw.owner,
        trust=narrowed_trust(raw.trust, said.trust),
        media_type=media_type,
        blocks=tuple(sheet.blocks),
        meta=_meta(raw, sheet, said, meta or {}, links or Links()),
    )


def name_in_words(uri: str) -> str:
    """`policies/late_returns-2027.md` → `Late returns 2027`."""
    stem = PurePosixPath(uri).stem or uri
    words = " ".join(re.split(r"[\s_.-]+", stem)).strip() or stem
    return words[:1].upper() + words[1:]


def _modified(raw: Raw) -> date | None:
    return raw.modified_at.date() if raw.modified_at else None


def _meta(raw: Raw, sheet: Sheet, said: Properties, meta: Mapping[str, str], links: Links) -> dict[str, str]:
    asked = refused(said, granted_acl=raw.acl, granted_trust=raw.trust)
    merged = {
        **said.extra,
        "tags": ", ".join(said.tags or ()),
        "widening_refused": ", ".join(asked),
        "links": links.meta,
        **{key: as_text(value) for key, value in meta.items()},
        **{name: str(count) for name, count in sheet.counts.items() if count},
        **links.within,
    }
    return {key: value for key, value in sorted(merged.items()) if value}
