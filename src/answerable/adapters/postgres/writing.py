"""A document, its chunks and vectors as the parameters of the statements that write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from psycopg.types.json import Jsonb

from answerable.adapters.postgres.binary import HalfVectors, Numbers
from answerable.adapters.postgres.lexical import pack_document
from answerable.core.document import Chunk, Document
from answerable.core.identity import sha256_hex
from answerable.core.ports import EmbeddingModel, Vectors


def document_row(document: Document, *, index_sha256: str) -> dict[str, Any]:
    """The columns of a document. `sha256` covers all the others: equal means there is nothing to write."""
    meta = dict(sorted(document.meta.items()))
    row: dict[str, Any] = {
        "tenant": document.tenant,
        "id": document.id,
        "source": document.source,
        "uri": document.uri,
        "title": document.title,
        "status": document.status,
        "language": document.language,
        "acl": sorted(document.acl),
        "updated_at": document.updated_at,
        "review_by": document.review_by,
        "owner": document.owner,
        "trust": document.trust,
        "media_type": document.media_type,
        "text_sha256": document.text_sha256,
        "index_sha256": index_sha256,
    }
    return {**row, "meta": Jsonb(meta), "sha256": sha256_hex(json.dumps([row, meta], default=str))}


def index_hash(
    document: Document,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    model: EmbeddingModel,
    tokens: Sequence[bytes] = (),
) -> str:
    """Of everything that becomes rows of chunk, embedding, posting_fresh and token_code."""
    facts = [[one.id, one.end, one.parent, one.headings, one.tokens, sorted(one.meta.items())] for one in chunks]
    digest = hashlib.sha256(json.dumps([model.key, document.title, document.language, facts]).encode())
    digest.update(np.ascontiguousarray(vectors, dtype=np.float32).tobytes())
    for code in tokens:
        digest.update(code)
    return digest.hexdigest()


def index_rows(document: Document, chunks: Sequence[Chunk], vectors: Vectors) -> tuple[int, dict[str, Any]]:
    """How many terms there are in the searched chunks, and the parameters of fill_document."""
    lengths, postings = pack_document(document, chunks)
    searched = [n for n, chunk in enumerate(chunks) if chunk.level == 0]
    columns: dict[str, Any] = {
        "n": Numbers.int4(range(len(chunks))),
        "id": [one.id for one in chunks],
        "level": Numbers.int4(one.level for one in chunks),
        "parent": [one.parent for one in chunks],
        "start_at": Numbers.int4(one.start for one in chunks),
        "end_at": Numbers.int4(one.end for one in chunks),
        "text": [one.text for one in chunks],
        "headings": [json.dumps(one.headings) for one in chunks],
        "tokens": Numbers.int4(one.tokens for one in chunks),
        "length": Numbers.int4(lengths),
        "meta": [json.dumps(dict(one.meta)) for one in chunks],
        "vector_n": Numbers.int4(searched),
        "vectors": HalfVectors(vectors[searched]),
        "postings": postings,
    }
    return sum(lengths), columns
