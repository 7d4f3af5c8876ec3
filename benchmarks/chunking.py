"""Which way of cutting finds the gold spans within a budget of tokens: recall, precision, IoU and CPU by strategy.

    python benchmarks/chunking.py --data DIR [--sets chroma,covidqa] [--strategies structure,…] [--out FILE]

DIR holds chroma/ and covidqa/ (see chunking_sets.py). Retrieval over all chunks of a set is BM25 and MiniLM, fused
half and half after min-max, 50 candidates an arm; then the same with every score averaged with its neighbors'
(smoothed). Every strategy spends the same tokens. Verdicts compare recall at 1,000 tokens, question by question,
with fixed 500/50 under plain hybrid search. The weights of smoothing are chosen on a random half of the questions
and told for both halves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from chunking_scores import (
    BUDGETS,
    Measured,
    Scores,
    bm25,
    fused,
    measure,
    ranked,
    smoothed,
    with_parents,
)
from chunking_sets import SETS, Corpus, Kept, Question

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.tokenizer import WordPieceTokenizer
from answerable.adapters.embedders.weights import find_weights
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.identity import sha256_hex
from answerable.core.ports import Chunker
from answerable.evals.stats.paired import paired_difference
from answerable.evals.stats.verdict import judge_change
from answerable.ingest.chunk_auto import AutoChunker
from answerable.ingest.chunk_chat import ChatChunker
from answerable.ingest.chunk_email import EmailChunker
from answerable.ingest.chunk_fixed import FixedChunker
from answerable.ingest.chunk_hierarchical import HierarchicalChunker
from answerable.ingest.chunk_semantic import SemanticChunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.ruler import Ruler
from answerable.ingest.sentence_vectors import LoopVectors

WEIGHTS = (0.15, 0.07)  # of neighbors at a distance of one and two
GRID = ((), (0.1,), (0.2,), (0.3,), (0.1, 0.05), (0.15, 0.07), (0.2, 0.1), (0.3, 0.15), (0.4, 0.2))
MARGIN = 0.02  # of recall: less is no difference worth having
BASE = "fixed 500/50"
REPORT = "https://research.trychroma.com/evaluating-chunking"
PUBLISHED = [  # the report's table for all-MiniLM-L6-v2, in percent, 5 chunks, its five corpora and 472 questions
    {"strategy": "RecursiveCharacterTextSplitter 250/125", "recall": 78.7, "precision": 4.9, "iou": 4.9},
    {"strategy": "TokenTextSplitter 250/125", "recall": 82.4, "precision": 3.6, "iou": 3.5},
    {"strategy": "RecursiveCharacterTextSplitter 250/0", "recall": 78.5, "precision": 5.4, "iou": 5.4},
    {"strategy": "TokenTextSplitter 250/0", "recall": 77.1, "precision": 3.3, "iou": 3.3},
    {"strategy": "RecursiveCharacterTextSplitter 200/0", "recall": 75.7, "precision": 6.5, "iou": 6.5},
    {"strategy": "TokenTextSplitter 200/0", "recall": 76.6, "precision": 4.1, "iou": 4.1},
    {"strategy": "ClusterSemanticChunker 250", "recall": 77.3, "precision": 6.1, "iou": 6.0},
    {"strategy": "ClusterSemanticChunker 200", "recall": 75.2, "precision": 7.2, "iou": 7.2},
]


class CachedTokenizer:
    """So that only the chunker's own time is measured."""

    def __init__(self, inner: WordPieceTokenizer) -> None:
        self.inner, self.known = inner, dict[str, list[tuple[int, int]]]()

    def offsets(self, text: str) -> list[tuple[int, int]]:
        if text not in self.known:
            self.known[text] = list(self.inner.offsets(text))
        return self.known[text]


def strategies(tokenizer: CachedTokenizer, vectors: LoopVectors) -> dict[str, Chunker]:
    """By the name they have in the tables."""
    structure = {n: StructureChunker(tokenizer=tokenizer, max_tokens=n) for n in (120, 200, 250, 400)}
    return {
        BASE: FixedChunker(tokenizer=tokenizer),
        "fixed 500/50 sentence": FixedChunker(tokenizer=tokenizer, respect="sentence"),
        "fixed 200/0": FixedChunker(tokenizer=tokenizer, size=200, overlap=0),
        "fixed 250/125 sentence": FixedChunker(tokenizer=tokenizer, size=250, overlap=125, respect="sentence"),
        **{f"structure {n}": one for n, one in structure.items()},
        "semantic 200": SemanticChunker(tokenizer=tokenizer, vectors=vectors),
        "semantic 400": SemanticChunker(tokenizer=tokenizer, vectors=vectors, max_tokens=400),
        "hierarchical 800": HierarchicalChunker(tokenizer=tokenizer),
        "auto 200": AutoChunker(
            structure=structure[200],
            email=EmailChunker(tokenizer=tokenizer),
            chat=ChatChunker(tokenizer=tokenizer),
        ),
    }


@dataclass(frozen=True)
class Cut:
    """A set cut in one way, with its scores by arm."""

    strategy: str
    chunks: list[Chunk]  # searched
    parents: dict[str, Chunk]
    hybrid: Scores
    candidates: np.ndarray
    dense: Scores
    cpu_s_per_mb: float

    def smoothed(self, weights: Sequence[float]) -> Scores:
        """Candidates only: nothing new is fetched."""
        return np.where(self.candidates, smoothed(self.hybrid, self.chunks, weights), -1.0)


async def cut(name: str, chunker: Chunker, corpus: Corpus, asked: np.ndarray, embedder: Kept) -> Cut:
    every = list(corpus.documents.values())
    chunks = await asyncio.to_thread(lambda: [(one, chunk) for one in every for chunk in chunker.chunk(one)])
    cpu = await asyncio.to_thread(speed, chunker, every)
    searched = [(one, chunk) for one, chunk in chunks if chunk.level == 0]
    texts = [embedding_text(*pair) for pair in searched]
    dense = (asked @ (await embedder.embed(texts)).T).astype(float)
    hybrid, candidates = fused(bm25(texts, corpus.questions), dense)
    known = {chunk.id: chunk for _, chunk in chunks}
    return Cut(name, [chunk for _, chunk in searched], known, hybrid, candidates, dense, cpu)


def speed(chunker: Chunker, documents: Sequence[Document]) -> float:
    """CPU seconds of this process per megabyte; tokens and vectors known already. Best of three."""
    size = sum(len(one.text.encode()) for one in documents)
    best = float("inf")
    for _ in range(3):
        started = time.thread_time()
        for one in documents:
            chunker.chunk(one)
        best = min(best, time.thread_time() - started)
    return best / (size / 1e6)


def arms(one: Cut, corpus: Corpus, rulers: dict[str, Ruler]) -> dict[str, Measured]:
    """Every way of retrieving over one way of cutting."""
    plain = list(ranked(np.where(one.candidates, one.hybrid, -1.0), one.chunks))
    found = {
        "hybrid": measure(corpus, plain, rulers),
        "smoothed": measure(corpus, list(ranked(one.smoothed(WEIGHTS), one.chunks)), rulers),
        "dense": measure(corpus, list(ranked(one.dense, one.chunks)), rulers),
    }
    if any(chunk.level for chunk in one.parents.values()):
        for name, share in (("paragraphs of sentences", 0.0), ("merged at half", 0.5)):
            lifted = [with_parents(ranking, one.parents, share=share) for ranking in plain]
            found[name] = measure(corpus, lifted, rulers)
    return found


def row(name: str, arm: str, one: Cut, got: Measured, base: Measured, questions: Sequence[Question]) -> dict:
    n, at = len(questions), BUDGETS.index(1000)
    differences = (got.recall[:, at] - base.recall[:, at]).tolist()
    change = paired_difference(differences, [question.cluster for question in questions])
    said = judge_change(change, margin=MARGIN, p=change.p, alpha=0.05)
    mean = {f"{budget}": column for column, budget in enumerate(BUDGETS)}
    values = {
        measure_name: {key: round(float(values[:, column].mean()), 4) for key, column in mean.items()}
        for measure_name, values in (("recall", got.recall), ("precision", got.precision), ("iou", got.iou))
    }
    half = {key: round(1.96 * float(got.recall[:, column].std()) / n**0.5, 4) for key, column in mean.items()}
    few = {key: round(float(getattr(got, key)[:, -1].mean()), 4) for key in ("recall", "precision", "iou")}
    interval = [round(change.interval.low, 4), round(change.interval.high, 4)]
    against = {"difference": round(change.mean, 4), "interval": interval, "p": round(change.p, 4),
               "clusters": change.clusters, "verdict": str(said.value)}  # fmt: skip
    sizes = [chunk.tokens for chunk in one.chunks]
    return {"set": name, "questions": n, "strategy": one.strategy, "arm": arm, "chunks": len(sizes),
            "tokens": round(float(np.mean(sizes)), 1), **values, "±recall": half, "five chunks": few,
            f"against {BASE}": against, "cpu_s_per_mb": round(one.cpu_s_per_mb, 3)}  # fmt: skip


def weights(name: str, one: Cut, corpus: Corpus, rulers: dict[str, Ruler]) -> list[dict]:
    """Recall at 1,000 tokens for each kernel of neighbors, on the half to choose by and on the other."""
    chosen = np.array([int(sha256_hex(question.text), 16) % 2 for question in corpus.questions], dtype=bool)
    rows = []
    for kernel in GRID:
        got = measure(corpus, list(ranked(one.smoothed(kernel), one.chunks)), rulers).recall[:, 1]
        mean = {"all": got.mean(), "chosen on": got[chosen].mean(), "held out": got[~chosen].mean()}
        rows.append({"set": name, "strategy": one.strategy, "weights": list(kernel),
                     "n": [int(chosen.sum()), int((~chosen).sum())],
                     **{key: round(float(value), 4) for key, value in mean.items()}})  # fmt: skip
    return rows


async def embedding_cost(embedder: MiniLM, tokenizer: CachedTokenizer, corpus: Corpus) -> dict:
    """What semantic cutting costs where no sentence is known: CPU seconds of all threads per megabyte."""
    text = next(iter(corpus.documents.values())).text[:30_000]
    one = Document(source="benchmark", uri="cost", title="", text=text, tenant="benchmark")
    await embedder.embed(["warm"], kind="passage")
    vectors = LoopVectors(embedder=embedder, loop=asyncio.get_running_loop())
    started = time.process_time()
    await asyncio.to_thread(SemanticChunker(tokenizer=tokenizer, vectors=vectors).chunk, one)
    spent = time.process_time() - started
    return {"characters": len(text), "cpu_s_per_mb": round(spent / (len(text.encode()) / 1e6), 1)}


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--sets", default="chroma,covidqa")
    arguments.add_argument("--strategies", default="", help="beginnings of their names, by comma; empty: all")
    arguments.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    found = find_weights()
    minilm = MiniLM(found)
    embedder = Kept(minilm, chosen.cache)
    tokenizer = CachedTokenizer(WordPieceTokenizer(found.tokenizer))
    every = strategies(tokenizer, LoopVectors(embedder=embedder, loop=asyncio.get_running_loop()))
    wanted = tuple(chosen.strategies.split(","))
    rows, kernels, cost = [], [], {}
    for name in chosen.sets.split(","):
        corpus = SETS[name](chosen.data / name)
        rulers = {key: Ruler(one.text, tokenizer) for key, one in corpus.documents.items()}
        asked = await embedder.embed([one.text for one in corpus.questions])
        base: Measured | None = None
        for strategy in (one for one in every if one == BASE or one.startswith(wanted)):
            made = await cut(strategy, every[strategy], corpus, asked, embedder)
            for arm, got in arms(made, corpus, rulers).items():
                base = base or got  # the first strategy's first arm: fixed 500/50, hybrid
                rows.append(row(name, arm, made, got, base, corpus.questions))
                print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
            if strategy in ("structure 200", "structure 250"):
                kernels.extend(weights(name, made, corpus, rulers))
        cost = cost or await embedding_cost(minilm, tokenizer, corpus)
    if chosen.out:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
        result = {"command": "python " + " ".join(sys.argv[:1]), "machine": machine, "model": minilm.model.key,
                  "rows": rows, "weights": kernels, "semantic, no sentence known": cost,
                  "published": {"source": REPORT, "of": "472 questions, 5 corpora, 5 chunks, dense, percent",
                                "rows": PUBLISHED}}  # fmt: skip
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
