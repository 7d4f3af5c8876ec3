"""Our BM25 in SQL against bm25s, on the same terms: the same scores, so the same rankings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bm25s
import numpy as np
import pytest

from answerable.adapters.bm25 import K1, B, index_terms, query_terms
from answerable.core.document import Chunk, Document
from answerable.testing.samples import ACME, SMALL, vectors_of

PASSAGES = 300
PER_DOCUMENT = 6


@dataclass(frozen=True)
class Sample:
    """Passages of made-up words, as often as words are (Zipf), and questions drawn from one passage each."""

    documents: list[tuple[Document, list[Chunk]]]
    questions: list[tuple[str, str]]  # words, and the id of the chunk they were drawn from

    @property
    def chunks(self) -> list[tuple[Document, Chunk]]:
        return [(document, chunk) for document, chunks in self.documents for chunk in chunks]


def make_sample(seed: int = 7) -> Sample:
    rng = np.random.default_rng(seed)
    letters = np.array(list("bcdfghklmnprstvz")), np.array(list("aeiou"))
    words = ["".join(rng.choice(letters[i % 2]) for i in range(rng.integers(3, 9))) for _ in range(3000)]
    chances = 1 / np.arange(3, 3003)
    documents, questions = [], []
    for n in range(PASSAGES // PER_DOCUMENT):
        topic = rng.choice(words[200:], 12)
        parts = []
        for _ in range(PER_DOCUMENT):
            length = int(rng.integers(15, 160))
            common = rng.choice(words, length, p=chances / chances.sum())
            parts.append(" ".join(rng.permutation(np.concatenate([common, rng.choice(topic, length // 8 + 1)]))))
        text = "\n\n".join(parts)
        document = Document(source="docs", uri=f"{n}.md", title=str(topic[0]), text=text, tenant="acme")
        starts = np.cumsum([0, *(len(part) + 2 for part in parts)])
        chunks = [
            Chunk(document_id=document.id, start=int(start), end=int(start) + len(part), text=part)
            for start, part in zip(starts, parts, strict=False)
        ]
        documents.append((document, chunks))
        for chunk in chunks[::2]:
            drawn = rng.choice(chunk.text.split(), int(rng.integers(2, 8)))
            questions.append((" ".join(drawn), chunk.id))
    return Sample(documents, questions)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample()


@pytest.fixture
async def filled(store, sample):
    for document, chunks in sample.documents:
        await store.replace(document, chunks, vectors_of(chunks), model=SMALL)
    return store


def reference(sample: Sample) -> bm25s.BM25:
    tokens = [sorted(index_terms(document, chunk).elements()) for document, chunk in sample.chunks]
    oracle = bm25s.BM25(k1=K1, b=B, method="lucene")
    oracle.index(tokens, show_progress=False)
    return oracle


def reference_scores(oracle: bm25s.BM25, question: str) -> np.ndarray:
    known = [term for term in query_terms(question) if term in oracle.vocab_dict]
    return oracle.get_scores(known)


def ndcg(ranked: list[str], wanted: str) -> float:
    """With one relevant passage: 1 / log2(1 + its rank), 0 past the tenth (Järvelin & Kekäläinen 2002)."""
    return 1 / math.log2(ranked.index(wanted) + 2) if wanted in ranked[:10] else 0.0


async def test_scores_are_the_references(filled, sample):
    oracle = reference(sample)
    ids = [chunk.id for _, chunk in sample.chunks]
    for question, _ in sample.questions[::3]:
        wanted = reference_scores(oracle, question)
        async with filled.snapshot(ACME) as view:
            found = {one.chunk.id: one.score for one in await view.lexical(question, limit=PASSAGES)}
        assert found == pytest.approx({one: s for one, s in zip(ids, wanted, strict=True) if s > 0}, abs=1e-4)


async def test_the_best_ten_are_the_references_best_ten(filled, sample):
    oracle = reference(sample)
    for question, _ in sample.questions[::3]:
        async with filled.snapshot(ACME) as view:
            found = [one.score for one in await view.lexical(question, limit=10)]
        wanted = np.sort(reference_scores(oracle, question))[::-1][:10]
        assert found == pytest.approx(wanted[wanted > 0], abs=1e-4)


async def test_ndcg_is_the_references(filled, sample):
    oracle = reference(sample)
    ids = [chunk.id for _, chunk in sample.chunks]
    ours, theirs = [], []
    for question, wanted in sample.questions:
        async with filled.snapshot(ACME) as view:
            found = [one.chunk.id for one in await view.lexical(question, limit=10)]
        order = np.argsort(-reference_scores(oracle, question), kind="stable")[:10]
        ours.append(ndcg(found, wanted))
        theirs.append(ndcg([ids[n] for n in order], wanted))
    assert np.mean(ours) > 0.5  # the questions can be answered at all
    assert abs(np.mean(ours) - np.mean(theirs)) <= 0.01
