"""Haystack with its pgvector store: converter, splitter, embedder, writer; hybrid: joined by reciprocal ranks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from encoder import DIM, Encoder
from haystack import Document, Pipeline, component
from haystack.components.converters import TextFileToDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.writers import DocumentWriter
from haystack.document_stores.types import DuplicatePolicy
from haystack.utils import Secret
from haystack_integrations.components.retrievers.pgvector import (
    PgvectorEmbeddingRetriever,
    PgvectorKeywordRetriever,
)
from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore
from stages import LIMIT, Task, done, read_task, search_all


@component
class DocumentEmbedder:
    """The embedding that all peers share, for documents."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document]) -> dict[str, Any]:
        rows = self._encoder.encode([one.content or "" for one in documents])
        for one, row in zip(documents, rows, strict=True):
            one.embedding = row.tolist()
        return {"documents": documents}


@component
class TextEmbedder:
    """The same for questions."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @component.output_types(embedding=list[float])
    def run(self, text: str) -> dict[str, Any]:
        return {"embedding": self._encoder.encode([text])[0].tolist()}


def _indexing(store: PgvectorDocumentStore, encoder: Encoder) -> Pipeline:
    pipeline = Pipeline()
    pipeline.add_component("convert", TextFileToDocument())
    pipeline.add_component("split", DocumentSplitter())
    pipeline.add_component("embed", DocumentEmbedder(encoder))
    pipeline.add_component("write", DocumentWriter(store, policy=DuplicatePolicy.OVERWRITE))
    pipeline.connect("convert", "split")
    pipeline.connect("split", "embed")
    pipeline.connect("embed", "write")
    return pipeline


def _asking(task: Task, store: PgvectorDocumentStore, encoder: Encoder) -> Pipeline:
    pipeline = Pipeline()
    pipeline.add_component("embed", TextEmbedder(encoder))
    pipeline.add_component("near", PgvectorEmbeddingRetriever(document_store=store, top_k=LIMIT))
    pipeline.connect("embed.embedding", "near.query_embedding")
    if task.mode == "hybrid":
        pipeline.add_component("words", PgvectorKeywordRetriever(document_store=store, top_k=LIMIT))
        pipeline.add_component("join", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=LIMIT))
        pipeline.connect("near", "join")
        pipeline.connect("words", "join")
    return pipeline


def main() -> None:
    task = read_task()
    encoder = Encoder(task.graph, task.tokenizer, task.cache)
    store = PgvectorDocumentStore(
        connection_string=Secret.from_token(task.url),
        table_name="peer",
        embedding_dimension=DIM,
        search_strategy="hnsw",
    )
    indexing, asking = _indexing(store, encoder), _asking(task, store, encoder)
    done("start")
    for stage in ("ingest", "unchanged", "changed"):
        before = encoder.cpu_s, encoder.texts
        files = sorted(task.corpus.rglob("*.md"))
        indexing.run({"convert": {"sources": files}})
        done(stage, embedding_cpu_s=encoder.cpu_s - before[0], embedded=encoder.texts - before[1])

    def search(text: str) -> list[str]:
        given: dict[str, Any] = {"embed": {"text": text}}
        if task.mode == "hybrid":
            given["words"] = {"query": text}
        found = asking.run(given)["join" if task.mode == "hybrid" else "near"]["documents"]
        return [Path(one.meta["file_path"]).name for one in found]

    search_all(task, search)


main()
