"""POST /v1/search and GET /v1/sources/{doc}: the passages and documents behind the answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request

from answerable.api.narrowing import narrow
from answerable.api.payer import payer_of
from answerable.api.problems import ProblemError
from answerable.api.schemas import Search
from answerable.api.services import By, Served
from answerable.core import query as core
from answerable.core.address import source_address
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.ports import DocumentView

Reference = Annotated[str, Path(max_length=1000, description="Document id, or uri within its source.")]

OF_ONE_QUESTION = 5  # passages that a question shows: a search for more of them counts as several


async def search(body: Search, request: Request, services: Served, caller: By) -> dict[str, Any]:
    """Retrieval alone: the passages a question would be answered from, best first."""
    query = core.Query(
        text=body.query,
        tenant=caller.tenant,
        principal=caller.principal,
        filter=narrow(services.system.filter(), body.filters),
        language=body.language or "",
        deadline=Deadline.after(services.web.deadline_s),
    )
    counts = max(1.0, body.limit / OF_ONE_QUESTION)
    async with services.turnstile.passing(payer_of(request, caller), body.query, counts=counts) as passing:
        services.turnstile.turn_away(passing)
        passages = await services.system.search(query, limit=body.limit)
        passing.show(*(one.chunk.id for one in passages))
        passing.used = 0.0
    return {"results": [found(rank, passage) for rank, passage in enumerate(passages, start=1)]}


def found(rank: int, passage: Passage) -> dict[str, Any]:
    """A passage for a client: its place in the order and no score (they help to invert the index)."""
    chunk = passage.chunk
    return {
        "rank": rank,
        "document": chunk.document_id,
        "chunk": chunk.id,
        "title": passage.title,
        "section": passage.section,
        "source": passage.source,
        "uri": passage.uri,
        "text": chunk.text,
        "offsets": (chunk.start, chunk.end),
        "language": passage.language,
        "updated": passage.updated_at.isoformat() if passage.updated_at else None,
        "version": passage.version,
        "url": source_address(chunk.document_id, version=passage.version, start=chunk.start, end=chunk.end),
    }


async def source(
    doc: Reference,
    request: Request,
    services: Served,
    caller: By,
    chunk: Annotated[str | None, Query(max_length=100)] = None,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    """A document's text, which every offset points into, with its dates and state."""
    view = await services.system.documents.document(services.scope_of(caller), doc)
    chosen = next((one for one in view.chunks if one.id == chunk), None)
    if chunk is not None and chosen is None and version in (None, view.version):
        raise ProblemError("not_found")
    await services.turnstile.opened(payer_of(request, caller), view)
    return document(view, chunk=chosen, version=version)


def document(view: DocumentView, *, chunk: Chunk | None, version: int | None) -> dict[str, Any]:
    """The document object of the API."""
    return {
        "document": view.id,
        "uri": view.uri,
        "source": view.source,
        "title": view.title,
        "text": view.text,
        "version": view.version,
        "current": version in (None, view.version),
        "language": view.language,
        "status": view.status,
        "stale": stale(view, today=datetime.now(UTC).date()),
        "updated": view.updated_at,
        "review_by": view.review_by,
        "media_type": view.media_type,
        "url": source_address(view.id, version=view.version),
        "chunk": _chunk(chunk) if chunk else None,
        "chunks": [_chunk(one) for one in view.chunks],
    }


def _chunk(chunk: Chunk) -> dict[str, Any]:
    return {
        "id": chunk.id,
        "offsets": (chunk.start, chunk.end),
        "headings": list(chunk.headings),
        "section": chunk.heading,
    }


def stale(view: DocumentView, *, today: date) -> bool:
    """Whether the page is past its review date."""
    return view.review_by is not None and date.fromisoformat(view.review_by) < today
