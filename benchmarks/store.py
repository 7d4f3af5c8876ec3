"""How good and how fast the Postgres store is. Figures stand in docs/decisions/0015 to 0017.

    python benchmarks/store.py quality FOLDER...      nDCG@10 of its BM25 and of bm25s on the same terms
    python benchmarks/store.py speed --chunks 10000   writing, and searching for the best 100

A FOLDER holds corpus.jsonl, queries.jsonl and qrels.tsv (BEIR's form). CPU times are of the database's processes:
on a shared machine they say more than the clock. Speed is measured on texts of Zipf-distributed made-up words, or
on chunks made of windows of FOLDER's texts (--words FOLDER), with clustered vectors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bm25s
import numpy as np
import psycopg
from psycopg.conninfo import make_conninfo

from answerable.adapters.bm25 import K1, B, index_terms, query_terms
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.document import Chunk, Document
from answerable.core.ports import EmbeddingModel
from answerable.core.query import Filter, Scope

MODEL = EmbeddingModel(name="bench", revision="1", dim=384)
SCOPE = Scope(tenant="bench")
PER_DOCUMENT = 10


@asynccontextmanager
async def fresh_store() -> AsyncIterator[tuple[PostgresStore, str]]:
    """A store on a new embedded server, and the owner's URL."""
    with (
        tempfile.TemporaryDirectory(prefix="answerable-bench-", dir="/tmp") as folder,
        Embedded.start(Path(folder)) as server,
    ):
        owner = server.url("postgres")
        await Migrations(owner).migrate()
        await give_login(owner, schema="answerable", password=server.service_password)
        url = make_conninfo(owner, user="answerable_service", password=server.service_password)
        async with Database(url) as database:
            yield PostgresStore(database), owner


# --- quality -------------------------------------------------------------------------------------------------


def load(folder: Path) -> tuple[list[tuple[Document, Chunk]], dict[str, str], dict[str, dict[str, int]]]:
    """One document of one chunk a passage; the queries; relevance by query and passage."""
    pairs = []
    for line in (folder / "corpus.jsonl").open():
        row = json.loads(line)
        document = Document(
            source="bench", uri=row["_id"], title=row["title"], text=row["text"] or "-", tenant="bench"
        )
        chunk = Chunk(document_id=document.id, start=0, end=len(document.text), text=document.text)
        pairs.append((document, chunk))
    queries = {row["_id"]: row["text"] for row in map(json.loads, (folder / "queries.jsonl").open())}
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, passage, grade = line.split("\t")
        relevant.setdefault(query, {})[passage] = int(grade)
    return pairs, queries, relevant


def ndcg(ranked: list[str], grades: dict[str, int]) -> float:
    """nDCG@10 (Järvelin & Kekäläinen 2002)."""
    gain = sum(grades.get(one, 0) / math.log2(n + 2) for n, one in enumerate(ranked[:10]))
    ideal = sum(g / math.log2(n + 2) for n, g in enumerate(sorted(grades.values(), reverse=True)[:10]))
    return gain / ideal


async def quality(folder: Path) -> None:
    """Print both nDCG@10 and the largest difference of a score."""
    pairs, queries, relevant = load(folder)
    oracle = bm25s.BM25(k1=K1, b=B, method="lucene")
    oracle.index([list(index_terms(*pair).elements()) for pair in pairs], show_progress=False)
    uris = [document.uri for document, _ in pairs]
    place = {uri: n for n, uri in enumerate(uris)}
    ours, theirs, worst = [], [], 0.0
    async with fresh_store() as (store, _):
        vector = np.eye(1, MODEL.dim, dtype=np.float32)
        for document, chunk in pairs:
            await store.replace(document, [chunk], vector, model=MODEL)
        for query, grades in relevant.items():
            known = [term for term in query_terms(queries[query]) if term in oracle.vocab_dict]
            scores = oracle.get_scores(known)
            order = np.argsort(-scores, kind="stable")[:10]
            async with store.snapshot(SCOPE) as view:
                found = await view.lexical(queries[query], limit=100)
            worst = max([worst, *(abs(one.score - float(scores[place[one.uri]])) for one in found)])
            ours.append(ndcg([one.uri for one in found], grades))
            theirs.append(ndcg([uris[n] for n in order if scores[n] > 0], grades))
    print(
        f"{folder.name}: n {len(ours)}  nDCG@10 SQL {np.mean(ours):.4f}  bm25s {np.mean(theirs):.4f}  "
        f"largest difference of a score {worst:.1e}"
    )


# --- speed ---------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """Wall and database CPU milliseconds of the runs of one step."""

    name: str
    owner: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Time one run."""
        cpu, wall = database_cpu_ms(self.owner), time.perf_counter()
        yield
        self.wall.append((time.perf_counter() - wall) * 1e3)
        self.cpu.append(database_cpu_ms(self.owner) - cpu)

    def report(self) -> None:
        """Print median and 95th percentile."""
        cells = (f"{kind} p50 {np.median(v):.2f} p95 {np.percentile(v, 95):.2f} ms" for kind, v in self._both())
        print(f"{self.name}: n {len(self.wall)}  " + "  ".join(cells))

    def _both(self) -> list[tuple[str, list[float]]]:
        return [("wall", self.wall), ("cpu", self.cpu)]


def database_cpu_ms(owner: str) -> float:
    """What the connections' server processes have used (Linux)."""
    with psycopg.connect(owner) as conn:
        rows = conn.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for (pid,) in rows) / 1e6


def make_texts(count: int, folder: Path | None, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Chunks of 130 words, and 150 questions."""
    if folder is None:
        words = np.array([f"w{n:x}" for n in range(30_000)])
        chances = 1 / np.arange(20, 30_020)
        drawn = rng.choice(words, (count, 130), p=chances / chances.sum())
        return [" ".join(row) for row in drawn], [" ".join(rng.choice(row, 6)) for row in drawn[:150]]
    sources = [json.loads(line)["text"].split() for line in (folder / "corpus.jsonl").open()]
    questions = [json.loads(line)["text"] for line in (folder / "queries.jsonl").open()]

    def window(source: list[str]) -> list[str]:
        start = int(rng.integers(max(1, len(source) - 26)))
        return source[start : start + 26]

    def chunk() -> str:
        first, *others = (sources[n] for n in rng.integers(0, len(sources), 3))
        return " ".join(word for one in (first, first, first, *others) for word in window(one))

    return [chunk() for _ in range(count)], [questions[n] for n in rng.permutation(len(questions))[:150]]


def make_vectors(count: int, rng: np.random.Generator) -> np.ndarray:
    """500 clusters in 48 dimensions, and noise: random directions would mislead an HNSW graph."""
    centres = np.random.default_rng(1).standard_normal((500, 48))
    spread = np.random.default_rng(2).standard_normal((48, MODEL.dim))
    points = centres[rng.integers(0, 500, count)] + 0.5 * rng.standard_normal((count, 48))
    raw = (points @ spread + 0.5 * rng.standard_normal((count, MODEL.dim))).astype(np.float32)
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


async def fill(store: PostgresStore, texts: list[str], vectors: np.ndarray, writers: int) -> None:
    """Documents of ten chunks; one in twenty is a draft."""
    starts = iter(range(0, len(texts), PER_DOCUMENT))

    async def write() -> None:
        for at in starts:
            parts = texts[at : at + PER_DOCUMENT]
            status = "draft" if at // PER_DOCUMENT % 20 == 0 else "published"
            document = Document(
                source="bench",
                uri=f"{at}.md",
                title=f"No {at}",
                text="\n\n".join(parts),
                tenant="bench",
                status=status,
            )
            offsets = np.cumsum([0, *(len(part) + 2 for part in parts)])
            chunks = [
                Chunk(document_id=document.id, start=int(start), end=int(start) + len(part), text=part)
                for start, part in zip(offsets, parts, strict=False)
            ]
            await store.replace(document, chunks, vectors[at : at + PER_DOCUMENT], model=MODEL)

    await asyncio.gather(*(write() for _ in range(writers)))


async def speed(count: int, words: Path | None, writers: int) -> None:
    """Print the figures of writing and searching."""
    rng = np.random.default_rng(3)
    texts, questions = make_texts(count, words, rng)
    vectors = make_vectors(count, rng)
    asked = make_vectors(len(questions), rng)
    async with fresh_store() as (store, owner):
        wall, client = time.perf_counter(), time.process_time()
        await fill(store, texts, vectors, writers)
        wall, client = time.perf_counter() - wall, time.process_time() - client
        print(f"write: {count / wall:.0f} chunks/s with {writers} writers; CPU ms a chunk: client "
              f"{client / count * 1e3:.2f}, database {database_cpu_ms(owner) / count:.2f}")  # fmt: skip
        with psycopg.connect(owner, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        wall = time.perf_counter()
        print(f"tend: {await store.tend(tenant='bench')} in {time.perf_counter() - wall:.1f} s")
        narrow = Filter(status=(), meta={"none": "such"})
        for name, scope in (("default scope", SCOPE), ("empty scope", Scope(tenant="bench", filter=narrow))):
            await search(store, owner, scope, name, list(zip(questions, asked, strict=True)))


async def search(store: PostgresStore, owner: str, scope: Scope, name: str, asked: list) -> None:
    """The two searches one after the other, then both at once with the opening of the snapshot."""
    dense, lexical, both = (Clock(f"{name}, {what}", owner) for what in ("dense", "lexical", "both and snapshot"))
    for warm in (True, False):
        for question, vector in asked[:20] if warm else asked:
            async with store.snapshot(scope) as view:
                await view.get([])
                async with dense.run():
                    await view.dense(vector, limit=100)
                async with lexical.run():
                    await view.lexical(question, limit=100)
            async with both.run(), store.snapshot(scope) as view:
                await asyncio.gather(view.dense(vector, limit=100), view.lexical(question, limit=100))
        if warm:
            for clock in (dense, lexical, both):
                clock.wall.clear()
                clock.cpu.clear()
    for clock in (dense, lexical, both):
        clock.report()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("quality").add_argument("folders", nargs="+", type=Path)
    fast = commands.add_parser("speed")
    fast.add_argument("--chunks", type=int, default=10_000)
    fast.add_argument("--words", type=Path)
    fast.add_argument("--writers", type=int, default=2)
    chosen = parser.parse_args()
    if chosen.command == "speed":
        asyncio.run(speed(chosen.chunks, chosen.words, chosen.writers))
    else:
        for folder in chosen.folders:
            asyncio.run(quality(folder))


if __name__ == "__main__":
    main()
