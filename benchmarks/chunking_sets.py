"""Documents and questions with gold spans for benchmarks/chunking.py, and vectors that are computed once ever."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from answerable.adapters.embedders.minilm import MiniLM
from answerable.core.document import Document
from answerable.core.identity import sha256_hex
from answerable.core.ports import EmbeddingModel, Kind, Vectors

_NEAR = 2000  # characters: questions about one place stand or fall together


@dataclass(frozen=True)
class Question:
    """Gold spans are characters of one document; `cluster` names what it has in common with other questions."""

    text: str
    document: str
    spans: tuple[tuple[int, int], ...]
    cluster: str


@dataclass(frozen=True)
class Corpus:
    """Documents by name, and questions over them."""

    documents: dict[str, Document]
    questions: list[Question]


def document(name: str, text: str) -> Document:
    """Plain text without a title: what a strategy sees is the text alone."""
    return Document(source="benchmark", uri=name, title="", text=text, tenant="benchmark")


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def chroma(folder: Path) -> Corpus:
    """corpora/*.md and questions.jsonl: three of Chroma's five corpora, with 276 of its 472 questions.

    Three documents are too few clusters to compare anything by: questions whose evidence begins within the same
    2,000 characters are one cluster.
    """
    documents = {
        path.stem: document(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("corpora/*.md"))
    }
    questions = []
    for one in _lines(folder / "questions.jsonl"):
        spans = tuple((ref["start_index"], ref["end_index"]) for ref in one["references"])
        questions.append(Question(one["text"], one["corpus"], spans, f"{one['corpus']}:{spans[0][0] // _NEAR}"))
    return Corpus(documents, questions)


def covidqa(folder: Path) -> Corpus:
    """corpus.jsonl and queries.jsonl with metadata.spans: 46 papers, 504 questions; a paper is a cluster."""
    documents = {one["_id"]: document(one["_id"], one["text"]) for one in _lines(folder / "corpus.jsonl")}
    questions = [
        Question(
            one["text"],
            one["metadata"]["doc"],
            tuple((start, end) for start, end in one["metadata"]["spans"]),
            one["metadata"]["doc"],
        )
        for one in _lines(folder / "queries.jsonl")
    ]
    return Corpus(documents, questions)


SETS = {"chroma": chroma, "covidqa": covidqa}


class Kept:
    """MiniLM with its vectors kept in one SQLite file, which several processes may share."""

    def __init__(self, embedder: MiniLM, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.embedder = embedder
        self._file = sqlite3.connect(folder / "chunking-minilm.sqlite", timeout=120)
        self._file.execute("CREATE TABLE IF NOT EXISTS v (k TEXT PRIMARY KEY, v BLOB)")

    @property
    def model(self) -> EmbeddingModel:
        """MiniLM's."""
        return self.embedder.model

    async def embed(self, texts: Sequence[str], *, kind: Kind = "passage") -> Vectors:
        """One row a text, in order; the model makes no difference between questions and passages."""
        keys = [sha256_hex(text) for text in texts]
        known = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        items = list(missing.items())
        for at in range(0, len(items), 128):
            some = items[at : at + 128]
            rows = await self.embedder.embed([text for _, text in some], kind=kind)
            made = {key: row.astype(np.float32).tobytes() for (key, _), row in zip(some, rows, strict=True)}
            self._file.executemany("INSERT OR IGNORE INTO v VALUES (?, ?)", made.items())
            self._file.commit()
            known |= made
        return np.stack([np.frombuffer(known[key], dtype=np.float32) for key in keys])

    def _known(self, keys: Sequence[str]) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        for at in range(0, len(keys), 500):
            some = keys[at : at + 500]
            marks = ",".join("?" * len(some))
            known |= dict(self._file.execute(f"SELECT k, v FROM v WHERE k IN ({marks})", some).fetchall())
        return known
