"""LangChain with its Postgres store: directory loader, recursive splitter, indexing API with a record manager."""

from __future__ import annotations

from pathlib import Path

from encoder import DIM, Encoder
from langchain_classic.indexes import SQLRecordManager, index
from langchain_community.document_loaders import DirectoryLoader, TextLoader
from langchain_core.embeddings import Embeddings
from langchain_postgres import Column, PGEngine, PGVectorStore
from langchain_postgres.v2.hybrid_search_config import HybridSearchConfig, reciprocal_rank_fusion
from langchain_postgres.v2.indexes import HNSWIndex
from langchain_text_splitters import RecursiveCharacterTextSplitter
from stages import LIMIT, done, read_task, search_all

TABLE = "peer"


class Shared(Embeddings):
    """The embedding that all peers share."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._encoder.encode(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self._encoder.encode([text])[0].tolist()


def main() -> None:
    task = read_task()
    encoder = Encoder(task.graph, task.tokenizer, task.cache)
    url = task.url.replace("postgresql://", "postgresql+psycopg://")
    engine = PGEngine.from_connection_string(url=url)
    hybrid = None
    if task.mode == "hybrid":
        hybrid = HybridSearchConfig(
            tsv_column="content_tsv",
            tsv_lang="pg_catalog.english",
            fusion_function=reciprocal_rank_fusion,
            fusion_function_parameters={"rrf_k": 60, "fetch_top_k": LIMIT},
            primary_top_k=LIMIT,
            secondary_top_k=LIMIT,
        )
    engine.init_vectorstore_table(
        table_name=TABLE,
        vector_size=DIM,
        id_column=Column("langchain_id", "TEXT", nullable=False),
        metadata_columns=[Column("source", "TEXT")],
        hybrid_search_config=hybrid,
    )
    store = PGVectorStore.create_sync(
        engine=engine,
        table_name=TABLE,
        embedding_service=Shared(encoder),
        metadata_columns=["source"],
        hybrid_search_config=hybrid,
    )
    records = SQLRecordManager("peer", db_url=url)
    records.create_schema()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    done("start")
    for stage in ("ingest", "unchanged", "changed"):
        before = encoder.cpu_s, encoder.texts
        loader = DirectoryLoader(str(task.corpus), glob="**/*.md", loader_cls=TextLoader)
        parts = splitter.split_documents(loader.load())
        index(parts, records, store, cleanup="incremental", source_id_key="source", key_encoder="sha256")
        if stage == "ingest":
            store.apply_vector_index(HNSWIndex())
            if hybrid:
                store.apply_hybrid_search_index()
        done(stage, embedding_cpu_s=encoder.cpu_s - before[0], embedded=encoder.texts - before[1])
    search_all(
        task,
        lambda text: [Path(one.metadata["source"]).name for one in store.similarity_search(text, k=LIMIT)],
    )


main()
