"""Which way of cutting finds the gold spans within a token budget: recall, MRR and speed by strategy.

    python benchmarks/chunking.py --data DIR [--lexical] [--out benchmarks/results/chunking.json]

DIR holds sets such as chroma/ (corpora/*.md, questions.jsonl with references) and covidqa/ (corpus.jsonl,
queries.jsonl with metadata.spans). Retrieval over all chunks of a set: BM25 and MiniLM, fused half and half after
min-max (`--lexical`: BM25 alone). Recall at a budget: the share of the gold characters that lie in the best
chunks, the last one cut off where the budget of tokens ends; so every strategy spends the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.bm25 import idf, saturation
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.tokenizer import WordPieceTokenizer
from answerable.adapters.embedders.weights import find_weights
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.ports import Chunker
from answerable.ingest.chunk_fixed import FixedChunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.ruler import Ruler
from answerable.text.stems import term_frequencies

BUDGETS = (500, 1000, 2000)  # tokens


@dataclass(frozen=True)
class Question:
    """Gold spans are characters of one document."""

    text: str
    document: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Corpus:
    """Documents by name, and questions over them."""

    documents: dict[str, Document]
    questions: list[Question]


def document(name: str, text: str) -> Document:
    return Document(source="benchmark", uri=name, title="", text=text, tenant="benchmark")


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def chroma(folder: Path) -> Corpus:
    documents = {path.stem: document(path.stem, path.read_text()) for path in sorted(folder.glob("corpora/*.md"))}
    questions = [
        Question(
            one["text"], one["corpus"], tuple((ref["start_index"], ref["end_index"]) for ref in one["references"])
        )
        for one in lines(folder / "questions.jsonl")
    ]
    return Corpus(documents, questions)


def covidqa(folder: Path) -> Corpus:
    documents = {one["_id"]: document(one["_id"], one["text"]) for one in lines(folder / "corpus.jsonl")}
    questions = [
        Question(one["text"], one["metadata"]["doc"], tuple(map(tuple, one["metadata"]["spans"])))
        for one in lines(folder / "queries.jsonl")
    ]
    return Corpus(documents, questions)


SETS = {"chroma": chroma, "covidqa": covidqa}


class CachedTokenizer:
    """So that only the chunker's own time is measured."""

    def __init__(self, inner: WordPieceTokenizer) -> None:
        self.inner, self.known = inner, dict[str, list[tuple[int, int]]]()

    def offsets(self, text: str) -> list[tuple[int, int]]:
        if text not in self.known:
            self.known[text] = list(self.inner.offsets(text))
        return self.known[text]


def bm25(chunks: list[Chunk], texts: list[str], questions: list[Question]) -> NDArray[np.float64]:
    """Scores, shape (questions, chunks)."""
    counts = [term_frequencies(text) for text in texts]
    lengths = [count.total() for count in counts]
    average = sum(lengths) / max(len(lengths), 1)
    postings: dict[str, list[tuple[int, float]]] = {}
    for n, count in enumerate(counts):
        for term, frequency in count.items():
            postings.setdefault(term, []).append((n, saturation(frequency, lengths[n], average)))
    scores = np.zeros((len(questions), len(chunks)))
    for row, question in enumerate(questions):
        for term in term_frequencies(question.text):
            found = postings.get(term, [])
            for n, weight in found:
                scores[row, n] += weight * idf(len(chunks), len(found))
    return scores


def scaled(scores: NDArray[np.float64], top: int = 100) -> NDArray[np.float64]:
    """Min-max over each question's best `top`; the others get 0."""
    kept = np.sort(scores, axis=1)[:, -min(top, scores.shape[1]) :]
    low, high = kept[:, :1], kept[:, -1:]
    return np.clip((scores - low) / np.maximum(high - low, 1e-9), 0, 1)


def evaluate(corpus: Corpus, chunks: list[Chunk], scores: NDArray[np.float64], rulers: dict[str, Ruler]) -> dict:
    names = {one.id: name for name, one in corpus.documents.items()}
    recalls, ranks = {budget: [] for budget in BUDGETS}, []
    for question, row in zip(corpus.questions, scores, strict=True):
        order = np.argsort(-row, kind="stable")
        wanted = {at for start, end in question.spans for at in range(start, end)}
        spent, found, rank = 0, set[int](), 0.0
        reached = dict.fromkeys(BUDGETS, 0)
        for place, index in enumerate(order[:200], start=1):
            chunk = chunks[index]
            ruler = rulers[names[chunk.document_id]]
            here = names[chunk.document_id] == question.document
            if here and not rank and not wanted.isdisjoint(range(chunk.start, chunk.end)):
                rank = 1 / place
            for budget in BUDGETS:
                left = budget - spent
                if here and left > 0:
                    marks, last = ruler.marks, ruler.index(chunk.start) + left
                    end = chunk.end if chunk.tokens <= left else marks[last]
                    part = found | wanted.intersection(range(chunk.start, end))
                    reached[budget] = max(reached[budget], len(part))
            if here:
                found |= wanted.intersection(range(chunk.start, chunk.end))
            spent += chunk.tokens
            if spent >= max(BUDGETS):
                break
        ranks.append(rank)
        for budget in BUDGETS:
            recalls[budget].append(reached[budget] / len(wanted))
    result = {f"recall@{budget}": round(float(np.mean(values)), 4) for budget, values in recalls.items()}
    errors = {f"±@{b}": round(1.96 * float(np.std(v) / len(v) ** 0.5), 4) for b, v in recalls.items()}
    return {**result, **errors, "mrr": round(float(np.mean(ranks)), 4)}


def speed(chunker: Chunker, documents: list[Document]) -> float:
    """Megabytes per CPU second, the tokenizer's own time left out; best of three."""
    size = sum(len(one.text.encode()) for one in documents)
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for one in documents:
            chunker.chunk(one)
        best = min(best, time.process_time() - started)
    return size / 1e6 / best


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--sets", default="chroma")
    arguments.add_argument("--strategies", default="", help="beginnings of their keys, by comma")
    arguments.add_argument("--lexical", action="store_true")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    weights = find_weights()
    tokenizer = CachedTokenizer(WordPieceTokenizer(weights.tokenizer))
    embedder = MiniLM(weights)
    strategies: list[Chunker] = [
        StructureChunker(tokenizer=tokenizer),
        StructureChunker(tokenizer=tokenizer, max_tokens=120),
        StructureChunker(tokenizer=tokenizer, max_tokens=400),
        FixedChunker(tokenizer=tokenizer),
        FixedChunker(tokenizer=tokenizer, respect="sentence"),
        FixedChunker(tokenizer=tokenizer, size=200, overlap=0),
    ]
    rows = []
    for name in chosen.sets.split(","):
        corpus = SETS[name](chosen.data / name)
        rulers = {key: Ruler(one.text, tokenizer) for key, one in corpus.documents.items()}
        asked = None
        for chunker in (one for one in strategies if one.key.startswith(tuple(chosen.strategies.split(",")))):
            owned = [(one, chunk) for one in corpus.documents.values() for chunk in chunker.chunk(one)]
            chunks, texts = [chunk for _, chunk in owned], [embedding_text(*pair) for pair in owned]
            scores = scaled(bm25(chunks, texts, corpus.questions))
            if not chosen.lexical:
                if asked is None:
                    asked = await embedder.embed([one.text for one in corpus.questions], kind="query")
                passages = await embedder.embed(texts, kind="passage")
                scores = (scores + scaled((asked @ passages.T).astype(float))) / 2
            row = {
                "set": name,
                "retrieval": "bm25" if chosen.lexical else "bm25+minilm",
                "strategy": chunker.key,
                "questions": len(corpus.questions),
                "chunks": len(chunks),
                "tokens": round(float(np.mean([chunk.tokens for chunk in chunks])), 1),
                **evaluate(corpus, chunks, scores, rulers),
                "mb_per_cpu_s": round(speed(chunker, list(corpus.documents.values())), 1),
            }
            rows.append(row)
            print(json.dumps(row))
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(json.dumps({"command": "benchmarks/chunking.py", "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
