"""Documents, their chunks and vectors as the parameters of the statements that write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.postgres.binary import HalfVectors, Numbers, Texts
from answerable.adapters.postgres.lexical import pack_document
from answerable.adapters.stored import check_storable
from answerable.core.document import Chunk, Document
from answerable.core.identity import sha256_hex
from answerable.core.ports import EmbeddingModel, Indexed, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A document that is to be written: as it was given, its row, and the number of its row once that is there."""

    given: Indexed
    row: dict[str, Any]
    no: int = 0


def due_document(given: Indexed, model: EmbeddingModel) -> Due:
    """Raises ModelMismatch, and ParseError for text that cannot be stored."""
    parts = (given.document, given.chunks, given.vectors, model, given.tokens)
    check_storable(*parts)
    return Due(given=given, row=document_row(given.document, index_sha256=index_hash(*parts)))


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
    return {**row, "meta": meta, "sha256": sha256_hex(json.dumps([row, meta], default=str))}


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


def document_rows(due: Sequence[Due]) -> dict[str, Any]:
    """The parameters of put_documents."""
    return {
        "rows": json.dumps([one.row for one in due], default=str),
        "ids": Texts([one.row["id"] for one in due]),
        "texts": Texts([one.given.document.text for one in due]),
    }


def index_rows(due: Sequence[Due]) -> tuple[int, int, dict[str, Any]]:
    """How many searched chunks and terms in them there are, and the parameters of fill_documents."""
    pairs = [(one.no, n, chunk) for one in due for n, chunk in enumerate(one.given.chunks)]
    chunks = [chunk for _, _, chunk in pairs]
    packed = [pack_document(one.given.document, one.given.chunks) for one in due]
    lengths = [length for found, _ in packed for length in found]
    parts = [
        (one.no, n, part) for one, (_, found) in zip(due, packed, strict=True) for n, part in enumerate(found)
    ]
    searched = [at for at, chunk in enumerate(chunks) if chunk.level == 0]
    codes = [(one.no, n, code) for one in due for n, code in enumerate(one.given.tokens)]
    columns: dict[str, Any] = {
        "document": _int8(no for no, _, _ in pairs),
        "n": Numbers.int4(n for _, n, _ in pairs),
        "id": Texts([one.id for one in chunks]),
        "level": Numbers.int4(one.level for one in chunks),
        "parent": Texts([one.parent for one in chunks]),
        "start_at": Numbers.int4(one.start for one in chunks),
        "end_at": Numbers.int4(one.end for one in chunks),
        "text": Texts([one.text for one in chunks]),
        "headings": Texts([json.dumps(one.headings) for one in chunks]),
        "tokens": Numbers.int4(one.tokens for one in chunks),
        "length": Numbers.int4(lengths),
        "meta": Texts([json.dumps(dict(one.meta)) for one in chunks]),
        "vector_document": _int8(pairs[at][0] for at in searched),
        "vector_n": Numbers.int4(pairs[at][1] for at in searched),
        "vectors": HalfVectors(_searched_vectors(due)),
        "part_document": _int8(no for no, _, _ in parts),
        "part": Numbers.int4(n for _, n, _ in parts),
        "postings": Texts.blobs([part for _, _, part in parts]),
        "code_document": _int8(no for no, _, _ in codes),
        "code_n": Numbers.int4(n for _, n, _ in codes),
        "codes": Texts.blobs([code for _, _, code in codes]),
    }
    return len(searched), sum(lengths), columns


def _searched_vectors(due: Sequence[Due]) -> NDArray[np.float32]:
    rows = [one.given.vectors[[chunk.level == 0 for chunk in one.given.chunks]] for one in due if one.given.chunks]
    return np.concatenate(rows) if rows else np.zeros((0, due[0].given.vectors.shape[1]), dtype=np.float32)


def _int8(values: Iterable[int]) -> Numbers:
    return Numbers(np.fromiter(values, dtype=np.int64))
