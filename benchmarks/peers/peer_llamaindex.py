"""LlamaIndex with its Postgres store: directory reader, sentence splitter, ingestion pipeline with a docstore."""

from __future__ import annotations

from typing import Any

from encoder import DIM, Encoder
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.vector_stores.postgres import PGVectorStore
from pydantic import PrivateAttr
from sqlalchemy import URL, make_url
from stages import LIMIT, Task, done, read_task, search_all


class Shared(BaseEmbedding):
    """The embedding that all peers share."""

    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(model_name="shared")
        self._encoder = encoder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._encoder.encode([query])[0].tolist()

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._encoder.encode([text])[0].tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._encoder.encode(texts).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def _address(url: URL, driver: str) -> str:
    return url.set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


def _store(task: Task) -> PGVectorStore:
    url = make_url(task.url)
    return PGVectorStore.from_params(
        connection_string=_address(url, "psycopg2"),
        async_connection_string=_address(url, "asyncpg"),
        table_name="peer",
        embed_dim=DIM,
        hybrid_search=task.mode == "hybrid",
        text_search_config="english",
        hnsw_kwargs={
            "hnsw_m": 16,
            "hnsw_ef_construction": 64,
            "hnsw_ef_search": 40,
            "hnsw_dist_method": "vector_cosine_ops",
        },
    )


def _retriever(task: Task, index: VectorStoreIndex) -> Any:
    if task.mode == "default":
        return index.as_retriever(similarity_top_k=LIMIT)
    return QueryFusionRetriever(
        [
            index.as_retriever(vector_store_query_mode="default", similarity_top_k=LIMIT),
            index.as_retriever(vector_store_query_mode="sparse", sparse_top_k=LIMIT, similarity_top_k=LIMIT),
        ],
        similarity_top_k=LIMIT,
        num_queries=1,
        mode="relative_score",
        use_async=False,
        llm=MockLLM(),
    )


def main() -> None:
    task = read_task()
    encoder = Encoder(task.graph, task.tokenizer, task.cache)
    embedding, store = Shared(encoder), _store(task)
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), embedding],
        docstore=SimpleDocumentStore(),
        vector_store=store,
        docstore_strategy=DocstoreStrategy.UPSERTS,
    )
    done("start")
    for stage in ("ingest", "unchanged", "changed"):
        before = encoder.cpu_s, encoder.texts
        documents = SimpleDirectoryReader(str(task.corpus), filename_as_id=True).load_data()
        pipeline.run(documents=documents)
        pipeline.persist(str(task.folder))
        done(stage, embedding_cpu_s=encoder.cpu_s - before[0], embedded=encoder.texts - before[1])
    retriever = _retriever(task, VectorStoreIndex.from_vector_store(store, embed_model=embedding))
    search_all(task, lambda text: [one.node.metadata["file_name"] for one in retriever.retrieve(text)])


main()
