"""Speed and recall of the Postgres store on a large corpus: CPU of this process and of the database's."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import psycopg
from store_corpus import LargeCorpus

from answerable.adapters.bm25 import K1, B, index_terms, query_terms
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Indexed
from answerable.core.query import Filter, Scope

MODEL = EmbeddingModel(name="bench", revision="1", dim=384)
PER_DOCUMENT = 10
TOGETHER = 16  # documents in one transaction, as ingestion has it
LIMIT = 50  # candidates of each arm, as answering asks for
SCOPES = {
    "all": {},
    "10 %": {"ten": "3"},
    "1 %": {"hundred": "3"},
    "0.1 %": {"thousand": "3"},
    "none": {"no": "no"},
}
CHECKED = 50  # questions whose results are compared with the exact ones


class ServerCpu:
    """Milliseconds of CPU that a server's processes have used, ended ones included up to the last look (Linux)."""

    def __init__(self, owner: str) -> None:
        with psycopg.connect(owner) as conn:
            pid = conn.info.backend_pid
            self._postmaster = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        self._used: dict[str, int] = {}

    def ms(self) -> float:
        """So far."""
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text().split()
        for pid in children:
            try:
                self._used[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
        return sum(self._used.values()) / 1e6


@dataclass
class Meter:
    """CPU milliseconds of the runs of one step: this process's and the server's."""

    server: ServerCpu
    client_ms: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Measure one run."""
        server, wall, client = self.server.ms(), time.perf_counter(), time.process_time()
        yield
        self.client_ms.append((time.process_time() - client) * 1e3)
        self.wall_ms.append((time.perf_counter() - wall) * 1e3)
        self.server_ms.append(self.server.ms() - server)

    def figures(self) -> dict[str, Any]:
        """Median and 95th percentile."""
        both = np.add(self.client_ms, self.server_ms)
        named = {"cpu": both, "client": self.client_ms, "postgres": self.server_ms, "wall": self.wall_ms}
        made = {
            f"{name}_ms": {"p50": round(float(np.median(v)), 2), "p95": round(float(np.percentile(v, 95)), 2)}
            for name, v in named.items()
        }
        return {"n": len(self.client_ms), **made}


async def fill(store: PostgresStore, corpus: LargeCorpus, writers: int) -> None:
    """Documents of ten chunks, each tenth, hundredth and thousandth of them marked."""
    starts = iter(range(0, len(corpus.texts), PER_DOCUMENT))

    async def write() -> None:
        while some := list(islice(starts, TOGETHER)):
            made = [(at, *a_document(corpus, at)) for at in some]
            given = [
                Indexed(document=document, chunks=chunks, vectors=corpus.vectors[at : at + PER_DOCUMENT])
                for at, document, chunks in made
            ]
            await store.replace_all(given, model=MODEL)

    await asyncio.gather(*(write() for _ in range(writers)))


def a_document(corpus: LargeCorpus, at: int) -> tuple[Document, list[Chunk]]:
    """The document of the ten chunks from `at` on."""
    parts = corpus.texts[at : at + PER_DOCUMENT]
    n = at // PER_DOCUMENT
    marks = {"ten": str(n % 10), "hundred": str(n % 100), "thousand": str(n % 1000)}
    document = Document(
        source="bench", uri=f"{at}.md", title=f"No {n}", text="\n\n".join(parts), tenant="bench", meta=marks
    )
    offsets = np.cumsum([0, *(len(part) + 2 for part in parts)])
    chunks = [
        Chunk(document_id=document.id, start=int(start), end=int(start) + len(part), text=part)
        for start, part in zip(offsets, parts, strict=False)
    ]
    return document, chunks


async def measure(store: PostgresStore, owner: str, corpus: LargeCorpus, writers: int) -> dict[str, Any]:
    """Everything: writing, sizes, searching by scope, recall."""
    server = ServerCpu(owner)
    report: dict[str, Any] = {"chunks": len(corpus.texts), "write": await _written(store, server, corpus, writers)}
    report["sizes_mb"] = sizes(owner)
    exact = Exact(corpus)
    report["search"] = {}
    for name, wanted in SCOPES.items():
        scope = Scope(tenant="bench", filter=Filter(meta=wanted))
        report["search"][name] = await search(store, server, corpus, scope, exact)
        print(name, report["search"][name], flush=True)
    return report


async def _written(store: PostgresStore, server: ServerCpu, corpus: LargeCorpus, writers: int) -> dict[str, Any]:
    before, wall, client = server.ms(), time.perf_counter(), time.process_time()
    await fill(store, corpus, writers)
    count = len(corpus.texts)
    made = {
        "writers": writers,
        "client_ms_a_chunk": round((time.process_time() - client) / count * 1e3, 3),
        "postgres_ms_a_chunk": round((server.ms() - before) / count, 3),
        "chunks_per_wall_s": round(count / (time.perf_counter() - wall)),
    }
    before, wall, client = server.ms(), time.perf_counter(), time.process_time()
    await store.tend(tenant="bench")
    made["tend_client_cpu_s"] = round(time.process_time() - client, 2)
    made["tend_postgres_cpu_s"] = round((server.ms() - before) / 1e3, 2)
    print(made, flush=True)
    return made


def sizes(owner: str) -> dict[str, float]:
    """Megabytes of each table with its indexes, largest first; and of the log written so far."""
    with psycopg.connect(owner, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")
        rows = conn.execute(
            "SELECT relname, pg_total_relation_size(oid) / 1e6 FROM pg_class "
            "WHERE relnamespace = 'answerable'::regnamespace AND relkind = 'r' ORDER BY 2 DESC LIMIT 8"
        ).fetchall()
        graph = conn.execute(
            "SELECT coalesce(pg_relation_size(to_regclass('answerable.embedding_hnsw_384')), 0) / 1e6"
        )
        log = conn.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1e6")
        (hnsw,), (written,) = graph.fetchone() or (0,), log.fetchone() or (0,)
    return {
        **{name: round(float(size), 1) for name, size in rows},
        "of embedding, the graph": round(float(hnsw), 1),
        "write-ahead log": round(float(written), 1),
    }


class Exact:
    """The true best, by brute force: cosines of half-precision vectors, and bm25s on the same terms."""

    def __init__(self, corpus: LargeCorpus) -> None:
        self._halves = corpus.vectors.astype(np.float16).astype(np.float32)
        self.marks = np.arange(len(corpus.texts)) // PER_DOCUMENT
        tokens = []
        for at in range(0, len(corpus.texts), PER_DOCUMENT):
            document, chunks = a_document(corpus, at)
            tokens += [list(index_terms(document, chunk).elements()) for chunk in chunks]
        self._words = bm25s.BM25(k1=K1, b=B, method="lucene")
        self._words.index(tokens, show_progress=False)

    def allowed(self, scope: Scope) -> np.ndarray:
        """Which chunks the scope sees; shape (chunks,)."""
        seen = np.ones(len(self.marks), dtype=bool)
        for key, value in scope.filter.meta.items():
            size = {"ten": 10, "hundred": 100, "thousand": 1000}.get(key)
            seen &= (self.marks % size == int(value)) if size else False
        return seen

    def dense(self, vector: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Best ten cosines."""
        half = vector.astype(np.float16).astype(np.float32)
        return np.sort(self._halves[seen] @ half)[::-1][:10]

    def lexical(self, question: str, seen: np.ndarray) -> np.ndarray:
        """Best ten scores above zero."""
        known = [term for term in query_terms(question) if term in self._words.vocab_dict]
        scores = np.sort(self._words.get_scores(known)[seen])[::-1][:10] if known else np.empty(0)
        return scores[scores > 0]


async def search(
    store: PostgresStore, server: ServerCpu, corpus: LargeCorpus, scope: Scope, exact: Exact
) -> dict[str, Any]:
    """Each arm in a snapshot of its own, then both with the idf as answering asks; recall of the first ten."""
    meters = {name: Meter(server) for name in ("dense", "lexical", "hybrid")}
    seen = exact.allowed(scope)
    recalls: dict[str, list[float]] = {"dense": [], "lexical": []}
    asked = list(zip(corpus.questions, corpus.asked, strict=True))
    for warm in (True, False):
        for n, (question, vector) in enumerate(asked[:20] if warm else asked):
            used = {name: Meter(server) for name in meters} if warm else meters
            async with used["dense"].run(), store.snapshot(scope) as view:
                near = await view.dense(vector, limit=LIMIT)
            async with used["lexical"].run(), store.snapshot(scope) as view:
                said = await view.lexical(question, limit=LIMIT)
            async with used["hybrid"].run(), store.snapshot(scope) as view:
                await asyncio.gather(view.dense(vector, limit=LIMIT), view.lexical(question, limit=LIMIT))
                await view.idf(question)
            if not warm and n < CHECKED:
                recalls["dense"].append(share(near, exact.dense(vector, seen), 2e-4))
                recalls["lexical"].append(share(said, exact.lexical(question, seen), 1e-4))
    made: dict[str, Any] = {name: meter.figures() for name, meter in meters.items()}
    for name, values in recalls.items():
        made[name]["recall@10"] = {"mean": round(float(np.mean(values)), 4), "n": len(values)}
    return made


def share(found: list[Passage], wanted: np.ndarray, slack: float) -> float:
    """How many of the first ten are as good as the exact tenth (so that ties may fall either way)."""
    if not len(wanted):
        return 1.0
    return sum(one.score >= wanted[-1] - slack for one in found[: len(wanted)]) / len(wanted)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version()}
