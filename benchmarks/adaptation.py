"""What learning from judged pairs is worth: an adapter on the embedding, and learned weights of a reranker.

    python benchmarks/adaptation.py --data DIR [--sets NAME,…] [--part PART] [--out FILE]

Each set is parted by article: half of the questions are learned from, the other half is only measured (scifact:
its train and its test questions); of those to learn from 300 at the most. The product's own rule decides on the
learning half alone whether the result may be used. Differences are paired, with the interval of evals.stats.paired
by article. Retrieval in memory. PART is embedding, reranker, null or embedding-null; without it all are run. What
an earlier run has left in FILE stays.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from retrieval_sets import RetrievalSet, embed_cached, find_sets, read_set
from retrieval_stores import MemorySearches
from rich.console import Console

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.rerankers.features import features
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.fusion import fuse
from answerable.core.passage import Passage
from answerable.core.ports import Vectors
from answerable.core.query import Query
from answerable.evals.metrics.ranking import ndcg
from answerable.evals.stats.paired import Difference, paired_difference
from answerable.ingest.chunk_structure import StructureChunker
from answerable.lab.adaptation import Change, Pairing, adapt
from answerable.lab.combiner import Candidates, train
from answerable.lab.folds import folds
from answerable.lab.helping import too_few

SETS = ("retrieval/scifact", "qa/squad2", "qa/clapnq", "xquad_de", "xquad_en", "xquad_es")
DEPTH = 50  # candidates of each arm, as the product takes
MOST = 300  # pairs that are learned from: what a project may have
HARD = 8  # of each question's nearest passages that are not gold
_console = Console(width=150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A set's questions with what both halves need of each: vector, gold, cluster and the words' candidates."""

    one: RetrievalSet
    passages: Vectors
    ids: tuple[str, ...]
    vectors: Vectors
    clusters: tuple[str, ...]
    lexical: tuple[tuple[Passage, ...], ...]
    learn: np.ndarray  # (n,) bool: learned from
    test: np.ndarray  # (n,) bool: only measured

    @property
    def gold(self) -> np.ndarray:
        """(n, chunks): the chunk's document answers the question."""
        uris = [document.uri for document, _ in self.one.pairs]
        return np.array([[uri in self.one.relevant[query] for uri in uris] for query in self.ids])


async def read(folder: Path, name: str, embedder: MiniLM, cache: Path) -> Asked:
    """Read, embed and search by words; learn from half of the articles, or from the train questions."""
    tokenizer = embedder.tokenizer
    chunker = StructureChunker(tokenizer=tokenizer)

    def of(queries: str, qrels: str) -> RetrievalSet:
        return read_set(folder, name=name, tokenizer=tokenizer, chunker=chunker, queries=queries, qrels=qrels)

    one = of("queries.jsonl", "qrels.tsv")
    held = set(one.queries)
    more = None
    if (folder / "train_qrels.tsv").is_file():
        more = of("train_queries.jsonl", "train_qrels.tsv")
        one = replace(one, queries={**more.queries, **one.queries}, relevant={**more.relevant, **one.relevant})
    passages = await embed_cached(embedder, one.texts, kind="passage", cache=cache, label=f"{name}: passages")
    texts = list(one.queries.values())
    vectors = np.concatenate(
        [
            await embed_cached(embedder, list(some), kind="query", cache=cache, label=f"{name}: queries")
            for some in ((*_train(more),), texts[len(_train(more)) :])
            if some
        ]
    )
    titles = {document.uri: document.title or document.uri for document in one.documents}
    clusters = tuple(titles[min(one.relevant[query])] for query in one.queries)
    halves = folds(clusters, count=2, seed=11) == 0
    own = np.array([query not in held for query in one.queries])
    learn = np.flatnonzero(own if own.any() else halves)
    spared = np.random.default_rng(3).permutation(learn)[MOST:]
    searches = MemorySearches(one, passages)
    lexical = [tuple(await searches.lexical(text, limit=DEPTH)) for text in texts]
    return Asked(
        one=one,
        passages=passages,
        ids=tuple(one.queries),
        vectors=vectors,
        clusters=clusters,
        lexical=tuple(lexical),
        learn=np.isin(np.arange(len(clusters)), np.setdiff1d(learn, spared)),
        test=~(own if own.any() else halves),
    )


def _train(more: RetrievalSet | None) -> list[str]:
    return list(more.queries.values()) if more else []


def rankings(asked: Asked, rows: Sequence[int], change: Change, *, both: bool) -> list[list[Passage]]:
    """The fused candidates of those questions, with the change applied."""
    passages = change.apply(asked.passages) if both else asked.passages
    found = change.apply(asked.vectors[list(rows)]) @ passages.T
    best = np.argsort(-found, axis=1, kind="stable")[:, :DEPTH]
    return [
        fuse(_dense(asked, best[place], found[place]), asked.lexical[row], limit=2 * DEPTH)
        for place, row in enumerate(rows)
    ]


def _dense(asked: Asked, order: np.ndarray, scores: np.ndarray) -> list[Passage]:
    pairs = asked.one.pairs
    return [
        Passage(
            chunk=pairs[place][1],
            score=float(scores[place]),
            scores={"dense": float(scores[place])},
            found_by=("dense",),
            title=pairs[place][0].title,
            uri=pairs[place][0].uri,
            language=asked.one.language,
        )
        for place in order
    ]


def quality(asked: Asked, rows: Sequence[int], lists: Sequence[Sequence[Passage]]) -> list[float]:
    """nDCG@10 of each question, by document."""
    return [
        ndcg(list(dict.fromkeys(one.uri for one in found)), asked.one.relevant[asked.ids[row]], k=10) or 0.0
        for row, found in zip(rows, lists, strict=True)
    ]


def dense_quality(asked: Asked, rows: Sequence[int], change: Change, *, both: bool) -> list[float]:
    """The same by the dense arm alone."""
    passages = change.apply(asked.passages) if both else asked.passages
    found = change.apply(asked.vectors[list(rows)]) @ passages.T
    best = np.argsort(-found, axis=1, kind="stable")[:, :DEPTH]
    return quality(asked, rows, [_dense(asked, best[place], found[place]) for place in range(len(rows))])


def embedding(asked: Asked, *, both: bool) -> dict[str, Any]:
    """Learn on one half, decide there, measure on the other."""
    started = time.process_time()
    rows = np.flatnonzero(asked.learn)
    gold = asked.gold[rows]
    near = np.argsort(-(asked.vectors[rows] @ asked.passages.T), axis=1)[:, :HARD]
    keep = np.unique(np.concatenate([np.flatnonzero(gold.any(axis=0)), near.ravel()]))
    pairing = Pairing(
        queries=asked.vectors[rows],
        passages=asked.passages[keep],
        gold=gold[:, keep],
        clusters=tuple(asked.clusters[row] for row in rows),
    )

    def measure(change: Change, some: np.ndarray) -> list[float]:
        there = rows[some].tolist()
        return quality(asked, there, rankings(asked, there, change, both=both))

    found = adapt(pairing, measure, both=both)
    spent = time.process_time() - started
    test = np.flatnonzero(asked.test).tolist()
    none = Change.none(asked.vectors.shape[1])
    clusters = [asked.clusters[row] for row in test]
    arms = {}
    for arm, of in (
        ("dense", lambda change: dense_quality(asked, test, change, both=both)),
        ("hybrid", lambda change: quality(asked, test, rankings(asked, test, change, both=both))),
    ):
        arms[arm] = _compared(of(none), of(found.change), clusters)
    return {
        "questions": {"learned": len(rows), "test": len(test)},
        "passages": len(keep),
        "strength": found.strength,
        "held_out": _said(found.held.before, found.held.after, found.held.difference),
        "applied": found.held.helps and not too_few(pairing.clusters),
        "test": arms,
        "cpu_s": round(spent, 1),
    }


async def candidates(asked: Asked, rows: Sequence[int]) -> list[tuple[int, Candidates]]:
    """Of each question with a gold passage among its candidates: their features under the default reranker."""
    base, lists = Proximity(), rankings(asked, rows, Change.none(asked.vectors.shape[1]), both=False)
    found = []
    for row, fused in zip(rows, lists, strict=True):
        query = Query(text=asked.one.queries[asked.ids[row]], tenant="t", language=asked.one.language)
        ranked = await base.rerank(query, fused, limit=len(fused))
        relevant = np.array([one.uri in asked.one.relevant[asked.ids[row]] for one in ranked[:DEPTH]])
        if relevant.any() and not relevant.all():
            table = features(query, fused, ranked)[:DEPTH]
            found.append(
                (
                    row,
                    Candidates(id=asked.ids[row], cluster=asked.clusters[row], features=table, relevant=relevant),
                )
            )
    return found


async def reranker(asked: Asked) -> dict[str, Any]:
    """Learn weights on one half, decide there, measure on the other."""
    started = time.process_time()
    learned = [one for _, one in await candidates(asked, np.flatnonzero(asked.learn).tolist())]
    test = [one for _, one in await candidates(asked, np.flatnonzero(asked.test).tolist())]
    found = train(learned)
    base = np.zeros_like(found.weights)
    base[0] = 1.0
    before, after = [one.ndcg(base) for one in test], [one.ndcg(found.weights) for one in test]
    return {
        "questions": {"learned": len(learned), "test": len(test)},
        "strength": found.strength,
        "held_out": _said(found.held.before, found.held.after, found.held.difference),
        "applied": found.held.helps,
        "test": {"reranked": _compared(before, after, [one.cluster for one in test])},
        "cpu_s": round(time.process_time() - started, 1),
    }


async def null(asked: Asked, *, questions: int, draws: int) -> dict[str, Any]:
    """How often learning from labels that mean nothing is taken for a gain: gold shuffled among the candidates."""
    everything = [one for _, one in await candidates(asked, range(len(asked.ids)))]
    random, taken = np.random.default_rng(5), 0
    for draw in range(draws):
        picked = random.choice(len(everything), size=min(questions, len(everything)), replace=False)
        shuffled = [
            replace(everything[place], relevant=random.permutation(everything[place].relevant)) for place in picked
        ]
        taken += train(shuffled, seed=draw).held.helps
    return {"questions": min(questions, len(everything)), "draws": draws, "taken": taken}


def embedding_null(asked: Asked, *, questions: int, draws: int) -> dict[str, Any]:
    """The same for the embedding: each question is given another question's gold."""
    random, taken = np.random.default_rng(5), 0
    for draw in range(draws):
        rows = random.choice(len(asked.ids), size=min(questions, len(asked.ids)), replace=False)
        given = rows[random.permutation(len(rows))]
        gold = asked.gold[given]
        keep = np.flatnonzero(gold.any(axis=0))
        pairing = Pairing(
            queries=asked.vectors[rows],
            passages=asked.passages[keep],
            gold=gold[:, keep],
            clusters=tuple(asked.clusters[row] for row in given),
        )

        def measure(
            change: Change, some: np.ndarray, rows: np.ndarray = rows, given: np.ndarray = given
        ) -> list[float]:
            lists = rankings(asked, rows[some].tolist(), change, both=False)
            return quality(asked, given[some].tolist(), lists)

        taken += adapt(pairing, measure, both=False, seed=draw).held.helps
    return {"questions": questions, "draws": draws, "taken": taken}


def _compared(before: Sequence[float], after: Sequence[float], clusters: Sequence[str]) -> dict[str, Any]:
    differences = [new - old for old, new in zip(before, after, strict=True)]
    found = paired_difference(differences, clusters)
    return _said(float(np.mean(before)), float(np.mean(after)), found)


def _said(before: float, after: float, found: Difference) -> dict[str, Any]:
    return {
        "before": round(before, 4),
        "after": round(after, 4),
        "difference": round(found.mean, 4),
        "low": round(found.interval.low, 4),
        "high": round(found.interval.high, 4),
        "p": round(found.p, 4),
        "n": found.n,
        "clusters": found.clusters,
    }


async def main() -> None:
    options = _options()
    embedder = MiniLM(find_weights())
    results: dict[str, Any] = {}
    wanted = options.sets.split(",") if options.sets else SETS
    for folder in find_sets(options.data):
        name = folder.relative_to(options.data).as_posix()
        if not any(one in name for one in wanted):
            continue
        asked = await read(folder, name, embedder, options.cache)
        found: dict[str, Any] = {}
        if options.part in ("", "embedding"):
            found["embedding_query"] = embedding(asked, both=False)
            found["embedding_both"] = embedding(asked, both=True)
        if options.part in ("", "reranker"):
            found["reranker"] = await reranker(asked)
        if options.part in ("", "null") and "squad2" in name:
            found["null_reranker"] = await null(asked, questions=30, draws=options.draws)
        if options.part in ("", "embedding-null") and "squad2" in name:
            found["null_embedding"] = embedding_null(asked, questions=30, draws=options.draws // 5)
        results[name] = found
        _console.print_json(json.dumps({name: found}))
        if options.out:
            _keep(options.out, _facts(embedder), results)
    embedder.close()


def _keep(path: Path, facts: dict[str, Any], results: dict[str, Any]) -> None:
    """Beside what an earlier run of another part or set has left there."""
    known = json.loads(path.read_text(encoding="utf-8"))["sets"] if path.is_file() else {}
    sets = {name: {**known.get(name, {}), **results.get(name, {})} for name in {**known, **results}}
    path.write_text(json.dumps({**facts, "sets": sets}, indent=1) + "\n", encoding="utf-8")


def _facts(embedder: MiniLM) -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python benchmarks/adaptation.py --data DIR",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "model": embedder.model.key,
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with retrieval sets at or below it")
    parser.add_argument("--sets", default="", help="only sets whose path contains one of these, by commas")
    parser.add_argument("--part", choices=("", "embedding", "reranker", "null", "embedding-null"), default="")
    parser.add_argument("--draws", type=int, default=100, help="of each null; a fifth of them for the embedding")
    parser.add_argument("--out", type=Path, help="write the results as JSON")
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks", help="for vectors")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
