"""What each step of the search is worth: typing errors, parts of questions, languages, letters, neighbors, caps.

    python benchmarks/search.py --data DIR [--cache DIR] [--part typos,…] [--out benchmarks/results/search.json]

In memory (exact cosine, bm25s) through the real Retriever and the default re-ranker. A set's questions are halved
by the hash of their id: `tuned` is the half that a number may be chosen on, `test` the half that is reported.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from chunking import SETS, Question
from retrieval import _facts
from retrieval_sets import RetrievalSet, embed_cached, find_sets, read_set
from retrieval_stores import MemorySearches
from rich.console import Console

from answerable.adapters.bm25 import idf
from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.fusion import fuse
from answerable.answer.ranking import Ranked, keep, rank
from answerable.answer.retrieval import Retriever
from answerable.answer.shortening import shorten
from answerable.answer.smoothing import smooth
from answerable.core.document import Document
from answerable.core.passage import Passage
from answerable.core.ports import Vector
from answerable.core.query import Query
from answerable.evals.metrics.ranking import ndcg, recall
from answerable.ingest.chunk_structure import StructureChunker
from answerable.text.spelling import asked_keys, is_plain, keys
from answerable.text.stems import stem, stems
from answerable.text.stopwords import STOPWORDS
from answerable.text.vocabulary import plain_words
from answerable.text.words import fold, terms, words

COMMAND = "python benchmarks/search.py --data DIR --out benchmarks/results/search.json"
SAMPLE = 150  # questions of a set, for what is asked many times
NEIGHBORS = {
    "a": "sq",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "n": "bm",
    "t": "ry",
    "s": "ad",
    "r": "et",
    "l": "k",
    "c": "xv",
}
LETTER = (
    "Hello, I hope this message finds you well. I have been reading about this for some time now and I am still "
    "not sure whether I understood everything correctly, so please bear with me. Last week a colleague told me "
    "one thing, then a friend of mine said quite another, and by the end of the day nobody in the room seemed to "
    "agree. I looked through a few pages myself, but most of them were long and went into many directions. "
)


class View:
    """A Snapshot and Speller over one set in memory."""

    def __init__(self, one: RetrievalSet, vectors: np.ndarray) -> None:
        self.language = one.language
        self._searches = MemorySearches(one, vectors)
        counted = [set(stems(text, one.language)) for text in one.texts]
        self._df = Counter(term for found in counted for term in found)
        self._chunks = len(counted)
        self._words: Counter[str] = Counter()
        self._near: dict[str, list[str]] = {}
        for text in one.texts:
            self._words.update(plain_words([text], one.language))
        for word in self._words:
            for key in keys(word):
                self._near.setdefault(key, []).append(word)

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        return _said(await self._searches.dense(vector, limit=limit), "dense")

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        return _said(await self._searches.lexical(text, limit=limit), "lexical")

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        return {one: idf(self._chunks, self._df[one]) for one in dict.fromkeys(stems(text, language))}

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return []

    async def unknown(self, text: str, *, language: str = "en") -> tuple[str, ...]:
        dropped = STOPWORDS.get(language, frozenset())
        wanted = dict.fromkeys(one for one in terms(text) if one not in dropped)
        return tuple(one for one in wanted if not self._df[stem(one, language)] and not self._df[one])

    async def alike(self, words: Sequence[str], *, language: str = "en") -> dict[str, tuple[tuple[str, int], ...]]:
        found = {}
        for word in words:
            near = {one for key in asked_keys(word) for one in self._near.get(key, ())}
            if near:
                found[word] = tuple(sorted((one, self._words[one]) for one in near))
        return found


@dataclass
class Store:
    """A Store to read from."""

    view: View

    @asynccontextmanager
    async def snapshot(self, scope: object) -> AsyncIterator[View]:
        yield self.view


class Remembering:
    """An embedder that does not embed the same question twice."""

    def __init__(self, inner: MiniLM) -> None:
        self.inner, self.known = inner, dict[str, Vector]()

    @property
    def model(self) -> Any:
        return self.inner.model

    async def embed(self, texts: Sequence[str], *, kind: str) -> np.ndarray:
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        if fresh:
            self.known.update(zip(fresh, await self.inner.embed(fresh, kind="query"), strict=True))
        return np.array([self.known[text] for text in texts])


def _said(passages: Sequence[Passage], arm: str) -> list[Passage]:
    return [replace(one, scores={arm: one.score}) for one in passages]


async def ranked(retriever: Retriever, one: RetrievalSet, text: str, *, limit: int = 10) -> list[str]:
    """Document uris as an answer would have them."""
    query = Query(text=text, tenant="t", language=one.language)
    found = await retriever.find(query, text)
    kept = keep(await rank(Proximity(), query, found, limit=limit), limit=limit)
    return list(dict.fromkeys(passage.uri for passage in kept))


def half(name: str) -> str:
    return "tuned" if zlib.crc32(name.encode()) % 2 else "test"


def slip(text: str, language: str, dice: random.Random, *, count: int) -> str:
    """The question with `count` of its telling words misspelled: a letter lost, doubled, swapped or beside."""
    dropped = STOPWORDS.get(language, frozenset())
    telling = [
        span
        for span in words(text)
        if is_plain(fold(span[0])) and len(span[0]) >= 5 and fold(span[0]) not in dropped
    ]
    for word, start, end in sorted(dice.sample(telling, min(count, len(telling))), key=lambda one: -one[1]):
        at = dice.randrange(1, len(word) - 1)
        how = dice.choice(("lost", "doubled", "swapped", "beside"))
        wrong = {
            "lost": word[:at] + word[at + 1 :],
            "doubled": word[:at] + word[at] + word[at:],
            "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            "beside": word[:at] + dice.choice(NEIGHBORS.get(fold(word[at]), "xk")) + word[at + 1 :],
        }[how]
        text = text[:start] + wrong + text[end:]
    return text


async def typos(one: RetrievalSet, retriever: Retriever) -> dict[str, Any]:
    """nDCG@10 of clean and misspelled questions, with and without tolerance."""
    dice = random.Random(7)
    asked = list(one.queries.items())[:SAMPLE]
    rows: dict[str, list[float]] = {}
    changed = 0
    for name, text in asked:
        wrong = slip(text, one.language, dice, count=1 if len(text) < 60 else 2)
        for label, question in (("clean", text), ("misspelled", wrong)):
            for tolerant in (False, True):
                found = await ranked(replace(retriever, typo_tolerance=tolerant, decompose=False), one, question)
                rows.setdefault(f"{label}{', read' if tolerant else ''}", []).append(
                    ndcg(found, one.relevant[name], k=10)
                )
        query = Query(text=text, tenant="t", language=one.language)
        changed += (await replace(retriever, decompose=False).find(query, text)).text != text
    return {
        "n": len(asked),
        "clean questions changed": changed,
        **{key: _mean(found) for key, found in rows.items()},
    }


async def parts(one: RetrievalSet, retriever: Retriever) -> dict[str, Any]:
    """How many questions are taken apart, and what that does to recall@5 and nDCG@10 of those."""
    fired, off, on = 0, [], []
    asked = list(one.queries.items())[: 3 * SAMPLE]
    for name, text in asked:
        query = Query(text=text, tenant="t", language=one.language)
        found = await retriever.find(query, text)
        if not found.groups:
            continue
        fired += 1
        for decompose, rows in ((False, off), (True, on)):
            uris = await ranked(replace(retriever, decompose=decompose), one, text, limit=5)
            rows.append((recall(uris, one.relevant[name], k=5), ndcg(uris, one.relevant[name], k=10)))
    report: dict[str, Any] = {"n": len(asked), "taken apart": fired}
    for label, rows in (("whole", off), ("apart", on)):
        if rows:
            report[f"recall@5 {label}"], report[f"ndcg@5 {label}"] = (
                _mean(column) for column in zip(*rows, strict=True)
            )
    return report


async def languages(one: RetrievalSet, retriever: Retriever) -> dict[str, Any]:
    """nDCG@10 by the dense arm's weight, on each half of the questions."""
    report: dict[str, Any] = {"language": one.language, "n": len(one.queries)}
    for weight in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        sides: dict[str, list[float]] = {"tuned": [], "test": []}
        for name, text in one.queries.items():
            found = await ranked(replace(retriever, dense_weight=weight, decompose=False), one, text)
            sides[half(name)].append(ndcg(found, one.relevant[name], k=10))
        report[f"{weight:.2f}"] = {side: _mean(found) for side, found in sides.items()}
    return report


async def letters(one: RetrievalSet, retriever: Retriever) -> dict[str, Any]:
    """nDCG@10 and CPU ms of questions inside a letter of about 500 words, by how many stems are looked up."""
    asked = list(one.queries.items())[: SAMPLE // 2]
    plain = [ndcg(await ranked(retriever, one, text), one.relevant[name], k=10) for name, text in asked]
    report: dict[str, Any] = {"n": len(asked), "the question alone": _mean(plain)}
    view = retriever.store.view
    for where in ("last", "first"):
        for most in (16, 10_000):
            found, spent = [], 0.0
            for name, text in asked:
                letter = f"{LETTER * 6}{text}" if where == "last" else f"{text} {LETTER * 6}"
                started = time.process_time()
                short = await shorten(view, letter, language=one.language, most=most)
                lexical = await view.lexical(short, limit=50)
                spent += time.process_time() - started
                found.append(ndcg([passage.uri for passage in lexical], one.relevant[name], k=10))
            report[f"question {where}, BM25 over {most} stems"] = [
                _mean(found),
                round(1000 * spent / len(asked), 2),
            ]
        whole = [
            ndcg(
                await ranked(retriever, one, f"{LETTER * 6}{text}" if where == "last" else f"{text} {LETTER * 6}"),
                one.relevant[name],
                k=10,
            )
            for name, text in asked
        ]
        report[f"question {where}, all steps"] = _mean(whole)
    return report


async def neighbors(name: str, folder: Path, embedder: MiniLM, cache: Path) -> dict[str, Any]:
    """Gold characters in the first 1,000 tokens, and in the best 5 passages, by smoothing and by cap."""
    corpus = SETS[name](folder)
    one = _chunked(name, corpus.documents, StructureChunker(tokenizer=embedder.tokenizer))
    vectors = await embed_cached(embedder, one.texts, kind="passage", cache=cache, label=name)
    asked = await embed_cached(
        embedder, [question.text for question in corpus.questions], kind="query", cache=cache, label=name
    )
    view, reranker = View(one, vectors), Proximity()
    rows: dict[str, dict[str, list[float]]] = {}
    for question, vector in zip(corpus.questions, asked, strict=True):
        side = half(question.text)
        fused = fuse(await view.dense(vector, limit=50), await view.lexical(question.text, limit=50), limit=100)
        query = Query(text=question.text, tenant="t")
        for weight in (0.0, 0.1, 0.2, 0.3, 0.5):
            passages = smooth(fused, weight=weight) if weight else fused
            top = await reranker.rerank(query, passages, limit=30)
            for label, found in (("fused", passages), ("re-ranked", top)):
                told = _gold_share(found, question, tokens=1000)
                rows.setdefault(f"{label}, smoothed {weight}", {}).setdefault(side, []).append(told)
            if not weight:
                for cap in (None, 4, 3, 2):
                    kept = keep(Ranked(passages=tuple(top[:10])), limit=5, per_document=cap)
                    told = _gold_share(kept, question, tokens=100_000)
                    rows.setdefault(f"best 5, {cap or 'no'} cap", {}).setdefault(side, []).append(told)
    sides = {label: {side: _mean(found) for side, found in both.items()} for label, both in rows.items()}
    return {"n": len(corpus.questions), "chunks": len(one.texts), **sides}


def _chunked(name: str, documents: Mapping[str, Document], chunker: StructureChunker) -> RetrievalSet:
    return RetrievalSet(
        name=name,
        language="en",
        documents=tuple(documents.values()),
        chunks=tuple(tuple(chunker.chunk(document)) for document in documents.values()),
        queries={},
        relevant={},
    )


def _gold_share(passages: Sequence[Passage], question: Question, *, tokens: int) -> float:
    """The share of the gold characters in the best passages, the last one cut where the budget ends."""
    wanted = {at for start, end in question.spans for at in range(start, end)}
    found, left = set[int](), tokens
    for passage in passages:
        chunk = passage.chunk
        if left <= 0:
            break
        end = chunk.end if chunk.tokens <= left else chunk.start + (chunk.end - chunk.start) * left // chunk.tokens
        if passage.uri == question.document:
            found |= wanted.intersection(range(chunk.start, end))
        left -= chunk.tokens
    return len(found) / len(wanted)


def _mean(values: Sequence[float | None]) -> float:
    measured = [value for value in values if value is not None]
    return round(float(np.mean(measured)), 4) if measured else float("nan")


PARTS = {"typos": typos, "parts": parts, "languages": languages, "letters": letters}


async def main() -> None:
    options = _options()
    embedder = MiniLM(find_weights())
    chunker = StructureChunker(tokenizer=embedder.tokenizer)
    report: dict[str, Any] = {}
    for folder in find_sets(options.data):
        name = folder.relative_to(options.data).as_posix()
        if options.sets and not any(wanted in name for wanted in options.sets.split(",")):
            continue
        one = read_set(
            folder,
            name=name,
            tokenizer=embedder.tokenizer,
            chunker=chunker,
            queries="queries.jsonl",
            qrels="qrels.tsv",
        )
        vectors = await embed_cached(embedder, one.texts, kind="passage", cache=options.cache, label=name)
        store = Store(View(one, vectors))
        remembering = Remembering(embedder)
        known = await embed_cached(
            embedder, list(one.queries.values()), kind="query", cache=options.cache, label=name
        )
        remembering.known.update(zip(one.queries.values(), known, strict=True))
        retriever = Retriever(embedder=remembering, store=store)
        for part in options.part.split(","):
            if part not in PARTS or (part == "languages" and "xquad" not in name):
                continue
            started = time.process_time()
            report.setdefault(part, {})[name] = await PARTS[part](one, retriever)
            Console(width=160).print(part, name, report[part][name], f"{time.process_time() - started:.0f} s CPU")
    if "neighbors" in options.part.split(","):
        for name in SETS:
            folder = next(options.data.rglob(f"chunking/{name}"))
            made = await neighbors(name, folder, embedder, options.cache)
            report.setdefault("neighbors", {})[name] = made
            Console(width=160).print("neighbors", name, made)
    embedder.close()
    if options.out:
        held = json.loads(options.out.read_text()) if options.out.exists() else {"parts": {}}
        merged = {**held["parts"], **report}
        options.out.write_text(
            json.dumps({**_facts(), "command": COMMAND, "parts": merged}, indent=1) + "\n", encoding="utf-8"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with retrieval sets at or below it")
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks", help="for vectors")
    parser.add_argument("--sets", default="", help="only sets whose path contains one of these, by commas")
    parser.add_argument("--part", default="typos,parts,languages,letters,neighbors", help="by commas")
    parser.add_argument("--out", type=Path, help="write the results as JSON; parts not run are kept")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
