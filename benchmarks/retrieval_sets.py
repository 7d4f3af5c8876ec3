"""Retrieval sets on disk: corpus.jsonl, queries.jsonl and qrels.tsv, read into the nouns of answerable."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from answerable.adapters.embedders.batches import batches
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.identity import content_id
from answerable.core.ports import Chunker, Embedder, Kind, TokenEncoder, Tokenizer, Vectors
from answerable.text.language import detect_language

LONG_TOKENS = 1000  # a longer text is cut into chunks; a document then ranks by its best chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalSet:
    """One set. Only queries with a relevant document are kept: the others have nothing to measure."""

    name: str
    language: str
    documents: tuple[Document, ...]
    chunks: tuple[tuple[Chunk, ...], ...]  # of each document
    queries: dict[str, str]  # id → text
    relevant: dict[str, dict[str, int]]  # query id → document uri → grade

    @property
    def texts(self) -> list[str]:
        """What is embedded and indexed, chunk by chunk."""
        return [embedding_text(document, chunk) for document, chunk in self.pairs]

    @property
    def pairs(self) -> list[tuple[Document, Chunk]]:
        """Every chunk beside its document."""
        return [(one, chunk) for one, chunks in zip(self.documents, self.chunks, strict=True) for chunk in chunks]


def find_sets(folder: Path, *, queries: str = "queries.jsonl", qrels: str = "qrels.tsv") -> list[Path]:
    """Every folder at or below `folder` that holds a set, by path."""
    return sorted(
        path.parent
        for path in folder.rglob("corpus.jsonl")
        if (path.parent / queries).is_file() and (path.parent / qrels).is_file()
    )


def read_set(
    folder: Path, *, name: str, tokenizer: Tokenizer, chunker: Chunker, queries: str, qrels: str
) -> RetrievalSet:
    """The set in `folder`; its language is found from its texts."""
    rows = list(_json_lines(folder / "corpus.jsonl"))
    sample = " ".join(row["text"][:500] for row in rows[:50])
    language = detect_language(sample, ("en", "de", "es"), default="en")
    documents = tuple(_document(row, tenant=name, language=language) for row in rows)
    relevant = _relevant(folder / qrels)
    return RetrievalSet(
        name=name,
        language=language,
        documents=documents,
        chunks=tuple(tuple(_chunks(one, tokenizer, chunker)) for one in documents),
        queries={row["_id"]: row["text"] for row in _json_lines(folder / queries) if row["_id"] in relevant},
        relevant=relevant,
    )


async def embed_cached(
    embedder: Embedder, texts: Sequence[str], *, kind: Kind, cache: Path, label: str
) -> Vectors:
    """Vectors of the texts, kept in `cache` by model and content, so that a second run is quick."""
    path = cache / f"{content_id('v', embedder.model.key, kind, *texts)}.npy"
    if path.is_file():
        return np.load(path)
    found = np.empty((len(texts), embedder.model.dim), dtype=np.float32)
    groups = batches([len(text) for text in texts], max_rows=64, max_tokens=1 << 30)
    for group in track(groups, description=label):
        found[group] = await embedder.embed([texts[position] for position in group], kind=kind)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(path, found)
    return found


async def encode_cached(
    encoder: TokenEncoder, texts: Sequence[str], *, cache: Path, label: str
) -> tuple[Vectors, list[bytes]]:
    """Vectors and token codes of passages, from one pass, kept in `cache`."""
    path = cache / f"{content_id('c', encoder.code, *texts)}.npz"
    if not path.is_file():
        vectors, codes = np.empty((len(texts), 0), dtype=np.float32), [b""] * len(texts)
        for group in track(
            batches([len(text) for text in texts], max_rows=64, max_tokens=1 << 30), description=label
        ):
            rows, found = await encoder.encode([texts[position] for position in group])
            vectors = vectors if vectors.shape[1] else np.empty((len(texts), rows.shape[1]), dtype=np.float32)
            vectors[group] = rows
            for position, code in zip(group, found, strict=True):
                codes[position] = code
        cache.mkdir(parents=True, exist_ok=True)
        together = np.frombuffer(b"".join(codes), dtype=np.uint8)
        np.savez(path, vectors=vectors, sizes=[len(code) for code in codes], codes=together)
    with np.load(path) as kept:
        ends = np.cumsum(kept["sizes"])
        together = kept["codes"].tobytes()
        return kept["vectors"], [together[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _document(row: dict[str, Any], *, tenant: str, language: str) -> Document:
    text = row["text"].replace("\0", " ")
    return Document(
        source="benchmark",
        uri=row["_id"],
        title=row.get("title") or "",
        text=text,
        tenant=tenant,
        language=language,
    )


def _chunks(document: Document, tokenizer: Tokenizer, chunker: Chunker) -> list[Chunk]:
    tokens = len(tokenizer.offsets(document.text))
    if tokens > LONG_TOKENS:
        return chunker.chunk(document)
    text = document.text
    return [Chunk(document_id=document.id, start=0, end=len(text), text=text, tokens=tokens)]


def _relevant(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            found.setdefault(query, {})[document] = int(grade)
    return found
