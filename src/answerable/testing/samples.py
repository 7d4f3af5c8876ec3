"""Small documents to put into a store, and short ways to put and find them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from answerable.core.document import Chunk, Document
from answerable.core.identity import sha256_hex
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Store, Vector, Vectors
from answerable.core.query import Scope

ACME = Scope(tenant="acme")
SMALL = EmbeddingModel(name="small", revision="1", dim=8)


def a_document(text: str, *, uri: str = "a.md", tenant: str = "acme", title: str = "") -> Document:
    """A published, public one; `replace` makes the others."""
    return Document(source="docs", uri=uri, title=title, text=text, tenant=tenant)


def paragraphs(document: Document) -> list[Chunk]:
    """A chunk for each part of the text between blank lines."""
    chunks: list[Chunk] = []
    start = 0
    for part in document.text.split("\n\n"):
        if part:
            chunks.append(Chunk(document_id=document.id, start=start, end=start + len(part), text=part))
        start += len(part) + 2
    return chunks


def a_vector(text: str, *, dim: int = 8) -> Vector:
    """A unit vector that follows from the text, as if at random; shape (dim,)."""
    values = np.random.default_rng(int(sha256_hex(text)[:16], 16)).standard_normal(dim)
    return (values / np.linalg.norm(values)).astype(np.float32)


def vectors_of(chunks: Sequence[Chunk], *, dim: int = 8) -> Vectors:
    """One a chunk, from its text; shape (n, dim)."""
    rows = [a_vector(chunk.text, dim=dim) for chunk in chunks]
    return np.stack(rows) if rows else np.empty((0, dim), dtype=np.float32)


async def put(store: Store, document: Document, *, model: EmbeddingModel = SMALL) -> int:
    """Replace a document, cut at its blank lines."""
    chunks = paragraphs(document)
    return await store.replace(document, chunks, vectors_of(chunks, dim=model.dim), model=model)


async def find(store: Store, text: str, scope: Scope = ACME, *, language: str = "en") -> list[Passage]:
    """The lexical search's passages."""
    async with store.snapshot(scope) as view:
        return await view.lexical(text, limit=10, language=language)


async def find_near(store: Store, text: str, scope: Scope = ACME) -> list[Passage]:
    """The dense search's passages for a text's own vector."""
    async with store.snapshot(scope) as view:
        return await view.dense(a_vector(text), limit=10)


def texts(passages: Sequence[Passage]) -> list[str]:
    """What was found, in order."""
    return [one.chunk.text for one in passages]
