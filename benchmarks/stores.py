"""What a store costs with its vectors in Postgres, and outside, in Qdrant's local mode.

    python -m benchmarks.stores --chunks 10000 --write

Documents of ten chunks, 384 numbers a vector (clusters with noise), one document in a hundred marked for a filter.
CPU time is of this process (in which Qdrant's local mode runs) and of the database's; recall is of the exact ten
nearest. The local mode is numpy in the client, not Qdrant: it says whether the filters and the two phases are
right and what Postgres's part costs, and nothing of a Qdrant server's speed or of its graph.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
import warnings
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.store import database_cpu_ms, make_vectors
from psycopg.conninfo import make_conninfo

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.stores.qdrant import open_qdrant
from answerable.adapters.stores.split import SplitStore
from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel
from answerable.core.query import Filter, Scope
from answerable.testing.postgres import scratch

RESULT = Path(__file__).parent / "results" / "stores.json"
MODEL = EmbeddingModel(name="bench", revision="1", dim=384)
ALL = Scope(tenant="bench")
FEW = Scope(tenant="bench", filter=Filter(meta={"share": "one in a hundred"}))
PER_DOCUMENT, NEAREST, QUESTIONS = 10, 10, 100

Store = PostgresStore | SplitStore


def documents(count: int, vectors: np.ndarray) -> list[tuple[Document, list[Chunk], np.ndarray]]:
    """Short texts: their words are not what is measured."""
    made = []
    for n in range(count // PER_DOCUMENT):
        text = "\n".join(f"chunk {n * PER_DOCUMENT + part:06d}" for part in range(PER_DOCUMENT))
        meta = {"share": "one in a hundred" if n % 100 == 0 else "most"}
        document = Document(source="bench", uri=f"{n}", title="", text=text, tenant="bench", meta=meta)
        chunks = [
            Chunk(document_id=document.id, start=part * 13, end=part * 13 + 12, text=text[part * 13 :][:12])
            for part in range(PER_DOCUMENT)
        ]
        made.append((document, chunks, vectors[n * PER_DOCUMENT : (n + 1) * PER_DOCUMENT]))
    return made


def cpu_ms(owner: str) -> tuple[float, float]:
    """Of this process and of the database's, so far."""
    return time.process_time() * 1000.0, database_cpu_ms(owner)


async def measured(owner: str, work: Callable[[], Awaitable[Any]]) -> tuple[Any, float, float]:
    """The result, and milliseconds of both."""
    before = cpu_ms(owner)
    result = await work()
    after = cpu_ms(owner)
    return result, after[0] - before[0], after[1] - before[1]


async def write(store: Store, made: list[tuple[Document, list[Chunk], np.ndarray]]) -> None:
    for document, chunks, vectors in made:
        await store.replace(document, chunks, vectors, model=MODEL)
    await store.tend(tenant="bench")


async def ask(
    store: Store, owner: str, scope: Scope, questions: np.ndarray, exact: list[set[str]]
) -> dict[str, Any]:
    """The database's time is a mean over all questions: to ask for it takes a connection."""
    recalls, mine = [], []
    database = database_cpu_ms(owner)
    for question, wanted in zip(questions, exact, strict=True):
        client = time.process_time()
        async with store.snapshot(scope) as view:
            found = {one.chunk.text for one in await view.dense(question, limit=NEAREST)}
        mine.append((time.process_time() - client) * 1000.0)
        recalls.append(len(found & wanted) / len(wanted))
    return {
        "n": len(questions),
        f"recall@{NEAREST}": round(float(np.mean(recalls)), 4),
        "client_cpu_ms_p50": round(float(np.median(mine)), 2),
        "database_cpu_ms_mean": round((database_cpu_ms(owner) - database) / len(questions), 2),
    }


def nearest(made: list[tuple[Document, list[Chunk], np.ndarray]], questions: np.ndarray) -> list[set[str]]:
    texts = [chunk.text for _, chunks, _ in made for chunk in chunks]
    cosines = questions @ np.concatenate([vectors for _, _, vectors in made]).T
    return [{texts[n] for n in np.argsort(-row)[:NEAREST]} for row in cosines]


async def run(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    vectors = make_vectors(count + QUESTIONS, rng).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    made, questions = documents(count, vectors[:count]), vectors[count:]
    few = [one for one in made if one[0].meta["share"] != "most"]
    rows = {}
    for name in ("pgvector", "qdrant-local"):
        with Embedded.start(Path(scratch()) / f"answerable-bench-{os.getpid()}-{name}") as server:
            owner = server.url("postgres")
            await Migrations(owner).migrate()
            await give_login(owner, schema="answerable", password=server.service_password)
            url = make_conninfo(owner, user="answerable_service", password=server.service_password)
            async with Database(url) as database:
                store = (
                    PostgresStore(database)
                    if name == "pgvector"
                    else SplitStore(database, open_qdrant(path=":memory:"))
                )
                _, client, inside = await measured(owner, lambda store=store: write(store, made))
                rows[name] = {
                    "write_client_cpu_ms_per_1000": round(client / count * 1000, 1),
                    "write_database_cpu_ms_per_1000": round(inside / count * 1000, 1),
                    "all": await ask(store, owner, ALL, questions, nearest(made, questions)),
                    "filtered_1_percent": await ask(store, owner, FEW, questions, nearest(few, questions)),
                }
                if isinstance(store, SplitStore):
                    await store.aclose()
    return {
        "chunks": count,
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "qdrant_client": version("qdrant-client"),
        "stores": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    result = asyncio.run(run(asked.chunks))
    print(json.dumps(result, indent=1))
    if asked.write:
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
