"""Does the promise of `abstain calibrate` hold, and what does it cost? On public questions, with no model.

    python benchmarks/abstention.py --data DIR [--questions 1200] [--resamples 1000] [--scores FILE]

Below DIR: qa/squad2 and qa/clapnq. Every question is searched, re-ranked and scored once by the product's parts.
An answer counts as wrong when it would be given although the five kept passages do not hold the gold paragraph, or
there is none: what retrieval can be wrong about. No model writes here, so nothing is a model's quality.

The scored questions are then taken for the whole world: calibration samples are drawn from them with replacement,
and a promise is broken when the share of wrong answers in that world, at the threshold found, is above alpha.
Beside it, what most would do: the lowest threshold whose share of wrong answers in the sample is at most alpha.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.abstention import Answerability
from answerable.answer.retrieval import Retriever
from answerable.answer.terms import settle_terms
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.query import Filter, Query
from answerable.evals.stats.risk import Certificate, certify

KEEP = 5
DELTA = 0.05
ALPHAS = (0.05, 0.1)
SIZES = (200, 1000)
BATCH = 16
HELD_OUT = 2  # every second article of SQuAD is taken out of the corpus


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


async def fill(embedder: MiniLM, corpus: Sequence[dict[str, Any]], name: str) -> MemoryStore:
    """A store in memory, one chunk a paragraph."""
    store = MemoryStore()
    for first in track(range(0, len(corpus), BATCH), description=f"{name}: embedding"):
        documents = [_document(row) for row in corpus[first : first + BATCH]]
        chunks = [Chunk(document_id=one.id, start=0, end=len(one.text), text=one.text) for one in documents]
        texts = [embedding_text(one, chunk) for one, chunk in zip(documents, chunks, strict=True)]
        vectors = await embedder.embed(texts, kind="passage")
        for place, (one, chunk) in enumerate(zip(documents, chunks, strict=True)):
            await store.replace(one, [chunk], vectors[place : place + 1], model=embedder.model)
    return store


def _document(row: dict[str, Any]) -> Document:
    return Document(source="qa", uri=row["_id"], title=row["title"], text=row["text"], tenant="bench")


async def score(
    embedder: MiniLM,
    store: MemoryStore,
    questions: Sequence[dict[str, Any]],
    name: str,
    *,
    documents: tuple[str, ...] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """How answerable each question looks, and whether an answer to it would be wrong."""
    retriever, reranker, judge = Retriever(embedder=embedder, store=store), Proximity(), Answerability()
    scores, wrong = [], []
    for one in track(questions, description=f"{name}: questions"):
        query = Query(
            text=one["text"],
            tenant="bench",
            language="en",
            filter=Filter(status=(), documents=documents),
            deadline=Deadline.after(600),
        )
        found = await retriever.find(query, query.text)
        top = await reranker.rerank(query, found.passages, limit=10)
        kept = top[:KEEP]
        judgement = judge.judge(query, kept, settle_terms(found.weights, kept))
        scores.append(round(judgement.probability, 3))
        meta = one["metadata"]
        wrong.append(not meta["answerable"] or meta["para"] not in {passage.uri for passage in kept})
    return np.asarray(scores), np.asarray(wrong)


def scored(data: Path, kept: Path | None, questions: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The scored sets, by name; from the file where they were kept there before."""
    if kept is not None and kept.is_file():
        held = np.load(kept)
        return {name: (held[name][0], held[name][1] > 0) for name in held.files}
    found = asyncio.run(worlds(data, questions))
    if kept is not None:
        np.savez(kept, **{name: np.stack([scores, wrong]) for name, (scores, wrong) in found.items()})
    return found


async def worlds(data: Path, count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The scored sets, by name."""
    found = {}
    embedder = MiniLM(find_weights())
    try:
        squad, clapnq = data / "qa" / "squad2", data / "qa" / "clapnq"
        corpus, every = rows(squad / "corpus.jsonl"), rows(squad / "queries.jsonl")
        questions = random.Random(7).sample(every, min(count, len(every)))
        store = await fill(embedder, corpus, "squad2")
        found["squad2, its own trick questions"] = await score(embedder, store, questions, "squad2")
        articles = sorted({row["title"] for row in corpus})
        kept = [_document(row).id for row in corpus if articles.index(row["title"]) % HELD_OUT == 0]
        plain = [one for one in questions if one["metadata"]["answerable"]]
        found["squad2, half of the articles missing"] = await score(
            embedder, store, plain, "squad2, half", documents=tuple(kept)
        )
        store = await fill(embedder, rows(clapnq / "corpus.jsonl"), "clapnq")
        found["clapnq"] = await score(embedder, store, rows(clapnq / "queries.jsonl"), "clapnq")
    finally:
        embedder.close()
    return found


def naive(scores: np.ndarray, wrong: np.ndarray, alpha: float) -> float | None:
    """The lowest threshold whose share of wrong answers in the sample is at most alpha."""
    order = np.argsort(-scores, kind="stable")
    ranked, errors = scores[order], np.cumsum(wrong[order])
    last = np.append(ranked[1:] < ranked[:-1], True)
    good = last & (errors / np.arange(1, len(ranked) + 1) <= alpha)
    return float(ranked[good].min()) if good.any() else None


def world_at(scores: np.ndarray, wrong: np.ndarray, threshold: float) -> tuple[float, float]:
    """The share of wrong answers and of answers, in the world, from this threshold on."""
    given = scores >= threshold
    return (float(wrong[given].mean()) if given.any() else 0.0), float(given.mean())


def resample(scores: np.ndarray, wrong: np.ndarray, *, size: int, alpha: float, resamples: int) -> dict[str, Any]:
    """How often each way breaks its promise, what the risk came to, and how much is answered."""
    rng = np.random.default_rng(11)
    ways: dict[str, list[tuple[float, float]]] = {"certified": [], "naive": []}
    for seed in range(resamples):
        drawn = rng.integers(0, len(scores), size)
        found = certify(scores[drawn], wrong[drawn], alpha=alpha, delta=DELTA, seed=seed)
        if isinstance(found, Certificate):
            ways["certified"].append(world_at(scores, wrong, found.threshold))
        if (threshold := naive(scores[drawn], wrong[drawn], alpha)) is not None:
            ways["naive"].append(world_at(scores, wrong, threshold))
    return {"labels": size, "alpha": alpha} | {
        name: {
            "promised": len(made),
            "broken": sum(risk > alpha for risk, _ in made),
            "risk_mean": round(float(np.mean([risk for risk, _ in made])), 4) if made else None,
            "answered_mean": round(float(np.mean([share for _, share in made])), 4) if made else None,
        }
        for name, made in ways.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=1200, help="of SQuAD, drawn once")
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/abstention.json"))
    parser.add_argument("--scores", type=Path, help="an .npz file to keep the scores in, and to take them from")
    options = parser.parse_args()
    began = time.process_time()
    sets = {}
    for name, (scores, wrong) in scored(options.data, options.scores, options.questions).items():
        shipped = world_at(scores, wrong, Answerability().threshold)
        trials = [
            resample(scores, wrong, size=size, alpha=alpha, resamples=options.resamples)
            for alpha in ALPHAS
            for size in SIZES
        ]
        sets[name] = {
            "questions": len(scores),
            "wrong_if_all_answered": round(float(wrong.mean()), 4),
            "at_0.3": {"risk": round(shipped[0], 4), "answered": round(shipped[1], 4)},
            "trials": trials,
        }
        print(f"\n{name}: {json.dumps({key: one for key, one in sets[name].items() if key != 'trials'})}")
        for one in trials:
            print(json.dumps(one))
    result = {
        "command": f"python benchmarks/abstention.py --data DIR --resamples {options.resamples}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "cpu_s": round(time.process_time() - began),
        "delta": DELTA,
        "resamples": options.resamples,
        "note": "wrong: the kept passages do not hold the gold paragraph; no model writes here",
        "sets": sets,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
