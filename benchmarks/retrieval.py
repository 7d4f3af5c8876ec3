"""Retrieval quality of each arm on every set below a folder: nDCG@10, recall@10, recall@100 and MRR@10; and what
each reranker adds, by paired differences.

    python benchmarks/retrieval.py --data DIR [--store postgres] [--sets NAME,…] [--out FILE]

In memory (exact cosine, bm25s) or through the real Store on an embedded Postgres of its own. Each mean stands with
its number of queries and a 95 % bootstrap interval. Vectors are kept in --cache, so that a second run is quick.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from reranking import Timed, averaged, compared
from retrieval_sets import RetrievalSet, embed_cached, encode_cached, find_sets, read_set
from retrieval_stores import KnownCodes, MemorySearches, ReferenceBM25, Searches, StoreSearches, fill, postgres
from rich.console import Console
from rich.progress import track
from rich.table import Table

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.rerankers.late import LateInteraction
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.fusion import fuse, fuse_ranks
from answerable.core.passage import Passage
from answerable.core.ports import TokenCodes, Vector
from answerable.core.query import Query
from answerable.evals.metrics.ranking import ndcg, recall, reciprocal_rank
from answerable.ingest.chunk_structure import StructureChunker

METRICS = {
    "ndcg@10": lambda ranked, relevant: ndcg(ranked, relevant, k=10),
    "recall@10": lambda ranked, relevant: recall(ranked, relevant, k=10),
    "recall@100": lambda ranked, relevant: recall(ranked, relevant, k=100),
    "mrr@10": lambda ranked, relevant: reciprocal_rank(ranked, relevant, k=10),
}
PACKAGES = ("bm25s", "numpy", "onnxruntime", "tokenizers", "PyStemmer")


async def main() -> None:
    options = _options()
    embedder = MiniLM(find_weights())
    tokenizer = embedder.tokenizer
    chunker = StructureChunker(tokenizer=tokenizer)
    results: dict[str, Any] = {}
    scores: dict[str, Any] = {}
    folders = find_sets(options.data, queries=options.queries, qrels=options.qrels)
    for folder in folders:
        name = folder.relative_to(options.data).as_posix()
        if options.sets and not any(wanted in name for wanted in options.sets.split(",")):
            continue
        one = read_set(
            folder, name=name, tokenizer=tokenizer, chunker=chunker, queries=options.queries, qrels=options.qrels
        )
        ranked, results[name] = await measure(one, embedder, store=options.store, cache=options.cache)
        relevant = [one.relevant[query] for query in one.queries]
        scores[name] = {arm: _ndcg(lists, relevant) for arm, lists in ranked.items()}, relevant
        results[name]["differences"] = compared(*scores[name])
        _show(name, results[name])
    embedder.close()
    together = averaged(scores)
    _show_together(together)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        report = {
            **_facts(),
            "store": options.store,
            "model": embedder.model.key,
            "sets": results,
            "average": together,
        }
        options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


async def measure(
    one: RetrievalSet, embedder: MiniLM, *, store: str, cache: Path
) -> tuple[dict[str, list[list[str]]], dict[str, Any]]:
    """Arm → for each query, document uris, best first; and every arm's metrics on one set."""
    passages, codes = await encode_cached(embedder, one.texts, cache=cache, label=f"{one.name}: passages")
    queries = list(one.queries.values())
    vectors = await embed_cached(embedder, queries, kind="query", cache=cache, label=f"{one.name}: queries")
    if store == "memory":
        known = KnownCodes({chunk.id: code for (_, chunk), code in zip(one.pairs, codes, strict=True)})
        ranked, cpu = await rank(one, vectors, MemorySearches(one, passages), embedder, known)
    else:
        async with postgres() as (opened, reading):
            await fill(opened, one, passages, embedder.model, codes)
            ranked, cpu = await rank(one, vectors, StoreSearches(opened, one), embedder, reading)
            in_memory = MemorySearches(one, passages)
            ranked["bm25-memory"] = [_uris(await in_memory.lexical(text, limit=100)) for text in queries]
    relevant = [one.relevant[query] for query in one.queries]
    return ranked, {
        "documents": len(one.documents),
        "chunks": len(one.pairs),
        "code_bytes": round(float(np.mean([len(code) for code in codes]))),
        "queries": len(queries),
        "language": one.language,
        "rerank_cpu": cpu,
        "arms": {arm: _metrics(lists, relevant) for arm, lists in ranked.items()},
    }


async def rank(
    one: RetrievalSet, vectors: Sequence[Vector], searches: Searches, embedder: MiniLM, codes: TokenCodes
) -> tuple[dict[str, list[list[str]]], dict[str, float]]:
    """Arm → for each query, document uris, best first; and the CPU time of the default reranker."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    reference, late = ReferenceBM25(one), Timed(reranker=LateInteraction(encoder=embedder, codes=codes))
    queries = list(zip(one.queries.values(), vectors, strict=True))
    for text, vector in track(queries, description=f"{one.name}: searching"):
        dense, lexical = await searches.dense(vector, limit=100), await searches.lexical(text, limit=100)
        fused = fuse(dense, lexical, limit=200)
        query = Query(text=text, tenant=one.name, language=one.language)
        await embedder.embed([text], kind="query")  # as every search does: its tokens are known then
        found["bm25-reference"].append(list(dict.fromkeys(reference.search(text, limit=100))))
        found["bm25"].append(_uris(lexical))
        found["dense"].append(_uris(dense))
        found["hybrid-rrf"].append(_uris(fuse_ranks(dense, lexical, limit=200)))
        found["hybrid"].append(_uris(fused))
        await late.rerank(query, fused, limit=10)  # as a question asks; before the words of its passages are warm
        found["hybrid+late"].append(_uris(await late.reranker.rerank(query, fused, limit=200)))
        found["hybrid+proximity"].append(_uris(await Proximity().rerank(query, fused, limit=200)))
    return found, late.facts()


def _uris(passages: Sequence[Passage]) -> list[str]:
    return list(dict.fromkeys(passage.uri for passage in passages))


def _ndcg(ranked: Sequence[Sequence[str]], relevant: Sequence[dict[str, int]]) -> list[float]:
    """nDCG@10 of each query; every query here has something relevant."""
    return [ndcg(one, wanted, k=10) or 0.0 for one, wanted in zip(ranked, relevant, strict=True)]


def _metrics(ranked: Sequence[Sequence[str]], relevant: Sequence[dict[str, int]]) -> dict[str, dict[str, float]]:
    return {
        name: _interval([metric(one, wanted) for one, wanted in zip(ranked, relevant, strict=True)])
        for name, metric in METRICS.items()
    }


def _interval(values: Sequence[float | None]) -> dict[str, float]:
    """Mean, n and the 2.5th and 97.5th percentile of 1,000 resampled means (Efron 1979)."""
    measured = np.array([value for value in values if value is not None])
    random = np.random.default_rng(7)
    means = [random.choice(measured, measured.size).mean() for _ in range(1000)]
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "mean": round(float(measured.mean()), 4),
        "n": measured.size,
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def _show(name: str, result: dict[str, Any]) -> None:
    table = Table(
        title=f"{name}: {result['queries']} queries, {result['documents']} documents", title_justify="left"
    )
    for column in ("arm", *METRICS):
        table.add_column(column)
    for arm, metrics in result["arms"].items():
        cells = [f"{one['mean']:.4f}  [{one['low']:.3f}, {one['high']:.3f}]" for one in metrics.values()]
        table.add_row(arm, *cells)
    console = Console(width=140)
    console.print(table)
    cpu = result["rerank_cpu"]
    console.print(
        f"the default reranker: CPU p50 {cpu['p50_ms']} ms, p95 {cpu['p95_ms']} ms a query; "
        f"{result['code_bytes']} bytes a chunk"
    )
    for pair, one in result["differences"].items():
        console.print(f"{pair}: {_words(one)}")
    if "bm25-memory" in result["arms"]:
        stored, memory = (result["arms"][arm]["ndcg@10"]["mean"] for arm in ("bm25", "bm25-memory"))
        console.print(f"BM25 in Postgres − bm25s on the same terms: {stored - memory:+.4f} nDCG@10")


def _show_together(together: dict[str, Any]) -> None:
    console = Console(width=140)
    for name, one in together.items():
        console.print(f"{name}: {_words(one)}" if "verdict" in one else f"{name}: {one}")


def _words(one: dict[str, Any]) -> str:
    return f"{one['mean']:+.4f}  [{one['low']:+.4f}, {one['high']:+.4f}]  p {one['p']:.4f}  {one['verdict']}"


def _facts() -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": " ".join(["python", "benchmarks/retrieval.py", *(_anonymous(one) for one in sys.argv[1:])]),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _anonymous(argument: str) -> str:
    return "DIR" if argument.startswith(("/", "~")) else argument  # no path of this machine in the results


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with retrieval sets at or below it")
    parser.add_argument("--store", choices=("memory", "postgres"), default="memory")
    parser.add_argument("--sets", default="", help="only sets whose path contains one of these, by commas")
    parser.add_argument("--out", type=Path, help="write the results as JSON")
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks", help="for vectors")
    parser.add_argument("--queries", default="queries.jsonl", help="for other splits: train_queries.jsonl")
    parser.add_argument("--qrels", default="qrels.tsv", help="for other splits: train_qrels.tsv")
    return parser.parse_args()


if __name__ == "__main__":
    started = time.perf_counter()
    asyncio.run(main())
    Console().print(f"{time.perf_counter() - started:.0f} s")
