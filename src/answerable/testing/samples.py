"""Small documents, chunks and vectors to put into a store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from answerable.core.document import Chunk, Document
from answerable.core.identity import sha256_hex
from answerable.core.ports import EmbeddingModel, Vector, Vectors

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
