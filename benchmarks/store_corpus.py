"""A large corpus out of small ones: real sentences put together anew, near real vectors, and real questions.

A chunk is about 120 tokens: two thirds of its sentences from one passage of a public set, one third from another
passage of the same set, in random places; no two are alike. So words are as frequent as they are in the sets, and
the vocabulary is theirs: it does not grow as that of 100,000 written passages would. Vectors are two thirds one
real passage's, one third another's, moved by a third of the difference of two more: neighborhoods are shaped as
real ones, which independent random directions are not. They come from the sets that are quick to embed, and do not
follow the texts: the two searches are measured apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from retrieval_sets import embed_cached, find_sets, read_set

from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.ingest.chunk_structure import StructureChunker

WORDS = ("qa/squad2", "qa/clapnq", "retrieval/scifact", "chunking/covidqa")
VECTORS = ("qa/squad2", "qa/clapnq")
TOKENS = 120
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9(])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeCorpus:
    """Chunks and questions with their vectors; shapes (chunks, 384) and (questions, 384)."""

    texts: list[str]
    vectors: np.ndarray
    questions: list[str]
    asked: np.ndarray


async def large_corpus(data: Path, *, count: int, questions: int, cache: Path) -> LargeCorpus:
    """The same for the same arguments; the embeddings of the public sets are kept in `cache`."""
    rng = np.random.default_rng(11)
    folders = {folder.relative_to(data).as_posix(): folder for folder in find_sets(data)}
    asked_texts = [text for name in WORDS for text in _field(folders[name] / "queries.jsonl")]
    texts = _recombined([list(_field(folders[name] / "corpus.jsonl")) for name in WORDS], count, rng)
    known, asked = await _real_vectors({name: folders[name] for name in VECTORS}, cache)
    first, second, third, fourth = rng.integers(0, len(known), (4, count))
    vectors = (2 * known[first] + known[second] + known[third] - known[fourth]) / 3
    return LargeCorpus(
        texts=texts,
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        questions=[asked_texts[n] for n in rng.permutation(len(asked_texts))[:questions]],
        asked=asked[rng.permutation(len(asked))[:questions]],
    )


async def _real_vectors(folders: dict[str, Path], cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Of passages and of questions."""
    embedder = MiniLM(find_weights())
    chunker = StructureChunker(tokenizer=embedder.tokenizer)
    passages, queries = [], []
    for name, folder in folders.items():
        one = read_set(
            folder,
            name=name,
            tokenizer=embedder.tokenizer,
            chunker=chunker,
            queries="queries.jsonl",
            qrels="qrels.tsv",
        )
        passages.append(await embed_cached(embedder, one.texts, kind="passage", cache=cache, label=name))
        asked = list(one.queries.values())
        queries.append(await embed_cached(embedder, asked, kind="query", cache=cache, label=name))
    embedder.close()
    return np.concatenate(passages), np.concatenate(queries)


def _field(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines if line.strip())


def _recombined(sets: list[list[str]], count: int, rng: np.random.Generator) -> list[str]:
    passages = [[_SENTENCE.split(text) for text in one] for one in sets]
    sizes = np.array([sum(map(len, one)) for one in sets])
    texts: dict[str, None] = {}
    while len(texts) < count:
        pool = passages[int(rng.choice(len(sets), p=sizes / sizes.sum()))]
        first, second = rng.integers(0, len(pool), 2)
        texts[_mixed(pool[first], pool[second], rng)] = None
    return list(texts)


def _mixed(first: list[str], second: list[str], rng: np.random.Generator) -> str:
    """About 120 tokens of the two passages' sentences; a token is about 4.6 characters here."""
    room = int(TOKENS * 4.6)
    taken: list[str] = []
    for sentences, share in ((first, 2 / 3), (second, 1)):
        for n in rng.permutation(len(sentences)):
            if sum(map(len, taken)) >= room * share:
                break
            taken.append(sentences[n][:room])
    return " ".join(taken[n] for n in rng.permutation(len(taken)))
