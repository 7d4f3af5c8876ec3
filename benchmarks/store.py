"""How good and how fast the Postgres store is. Figures: docs/decisions/0133 to 0137.

    python benchmarks/store.py quality FOLDER...                   nDCG@10 of its BM25 and of bm25s
    python benchmarks/store.py speed --data DIR --chunks 100000    writing, searching by scope, recall

A FOLDER holds corpus.jsonl, queries.jsonl and qrels.tsv (BEIR's form), DIR the public sets. CPU times are of this
process and of the database's processes: on a shared machine they say more than the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the exact answers' idle threads would spin into the measured time

import bm25s
import numpy as np
from psycopg.conninfo import make_conninfo
from store_corpus import large_corpus
from store_speed import MODEL, machine, measure

from answerable.adapters.bm25 import K1, B, index_terms, query_terms
from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.document import Chunk, Document
from answerable.core.query import Scope

SCOPE = Scope(tenant="bench")


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


async def speed(options: argparse.Namespace) -> None:
    """Print the figures of writing and searching, and keep them in --out."""
    corpus = await large_corpus(
        options.data, count=options.chunks, questions=options.questions, cache=options.cache
    )
    async with fresh_store() as (store, owner):
        report = await measure(store, owner, corpus, options.writers)
    text = json.dumps({"date": datetime.now(UTC).date().isoformat(), **machine(), **report}, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("quality").add_argument("folders", nargs="+", type=Path)
    fast = commands.add_parser("speed")
    fast.add_argument("--chunks", type=int, default=10_000)
    fast.add_argument("--data", type=Path, required=True, help="a folder with the public sets at or below it")
    fast.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks", help="for vectors")
    fast.add_argument("--questions", type=int, default=200)
    fast.add_argument("--writers", type=int, default=2)
    fast.add_argument("--out", type=Path, help="write the results as JSON")
    chosen = parser.parse_args()
    if chosen.command == "speed":
        asyncio.run(speed(chosen))
    else:
        for folder in chosen.folders:
            asyncio.run(quality(folder))


if __name__ == "__main__":
    main()
