"""Questions with and without an answer in the corpus, and what the abstention score says of them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from figures import auroc, with_interval
from retrieval_sets import embed_cached

from answerable.adapters.bm25 import idf
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.answer.abstention import Answerability
from answerable.answer.terms import settle_terms
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.text.stems import stems

SEED = 13


async def abstention(data: Path, count: int, cache: Path) -> dict[str, Any]:
    """For each question set with `answerable` labels: AUROC of the probability that nothing is generated below."""
    if not count:
        return {}
    embedder = MiniLM(find_weights())
    found = {}
    for path in sorted(data.rglob("queries.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        rows = [row for row in rows if "answerable" in row.get("metadata", {})]
        if len({row["metadata"]["answerable"] for row in rows}) == 2:
            random.Random(SEED).shuffle(rows)
            found[path.parent.name] = await _measure(path.parent, rows[:count], embedder, cache)
    embedder.close()
    return found


async def _measure(
    folder: Path, rows: Sequence[Mapping[str, Any]], embedder: MiniLM, cache: Path
) -> dict[str, Any]:
    passages = [_passage(json.loads(line)) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
    texts = [f"{one.title}\n{one.chunk.text}" for one in passages]
    vectors = await embed_cached(embedder, texts, kind="passage", cache=cache, label=f"{folder.name}: passages")
    asked = await embed_cached(
        embedder, [row["text"] for row in rows], kind="query", cache=cache, label=f"{folder.name}: questions"
    )
    frequency = Counter(one for text in texts for one in set(stems(text)))
    cosines = np.asarray(asked) @ np.asarray(vectors).T
    own = [
        _probability(row["text"], passages, line, frequency, set())
        for row, line in zip(rows, cosines, strict=True)
    ]
    labels = np.array([bool(row["metadata"]["answerable"]) for row in rows], dtype=float)
    result = {"labels of people": _row(labels, np.array(own), rows)}
    kept = [place for place, row in enumerate(rows) if row["metadata"]["answerable"]]
    without = [_without(rows[place], passages, cosines[place], frequency) for place in kept]
    both = np.array([own[place] for place in kept] + without)
    result["article taken out"] = _row(
        np.array([1.0] * len(kept) + [0.0] * len(kept)), both, [rows[place] for place in kept] * 2
    )
    return result


def _row(labels: np.ndarray, scores: np.ndarray, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    threshold = Answerability().threshold
    clusters = [str(row["metadata"].get("para", row["_id"])) for row in rows]
    return {
        "n": len(labels),
        "auroc": with_interval(auroc, labels, scores, clusters),
        "answerable kept": round(float((scores >= threshold)[labels == 1].mean()), 4),
        "unanswerable declined": round(float((scores < threshold)[labels == 0].mean()), 4),
    }


def _without(
    row: Mapping[str, Any], passages: Sequence[Passage], cosines: np.ndarray, frequency: Counter[str]
) -> float:
    gold = next((one for one in passages if one.uri == row["metadata"].get("para")), None)
    gone = {one.uri for one in passages if gold is not None and one.title == gold.title}
    return _probability(row["text"], passages, cosines, frequency, gone)


def _probability(
    question: str, passages: Sequence[Passage], cosines: np.ndarray, frequency: Counter[str], gone: set[str]
) -> float:
    """As the answer path: the nearest five, the question's idf weights, typos settled."""
    nearest = [place for place in np.argsort(-cosines, kind="stable") if passages[place].uri not in gone][:5]
    found = [_with_cosine(passages[place], float(cosines[place])) for place in nearest]
    weights = {one: idf(len(passages), frequency[one]) for one in stems(question)}
    return (
        Answerability()
        .judge(Query(text=question, tenant="benchmark"), found, settle_terms(weights, found))
        .probability
    )


def _passage(row: Mapping[str, str]) -> Passage:
    chunk = Chunk(document_id=row["_id"], start=0, end=len(row["text"]), text=row["text"])
    return Passage(chunk=chunk, score=0.0, title=row.get("title", ""), uri=row["_id"])


def _with_cosine(passage: Passage, cosine: float) -> Passage:
    return Passage(
        chunk=passage.chunk, score=cosine, scores={"dense": cosine}, title=passage.title, uri=passage.uri
    )
