"""Questions that can and cannot be answered from a corpus, by why not, each with what the product found for it."""

from __future__ import annotations

import json
import pickle
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from retrieval_sets import encode_cached
from rich.progress import track

from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.rerankers.late import LateInteraction
from answerable.answer.ranking import keep, rank
from answerable.answer.retrieval import Retriever
from answerable.answer.terms import settle_terms
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.identity import content_id
from answerable.core.passage import Passage
from answerable.core.query import Filter, Query

TENANT = "bench"
KEEP, TOP_K, SEED = 5, 10, 13


class Kind(StrEnum):
    """Whether the corpus answers, and if not, why."""

    ANSWERABLE = "answerable"
    ABSENT = "article absent"  # an answerable question without its whole article
    NEAR_MISS = "paragraph absent"  # an answerable question without the paragraph that answers
    TRICK = "trick question"  # its paragraph is there, and people say that it does not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question in one corpus. Passages: what is kept for the answer."""

    id: str
    kind: Kind
    article: str
    paragraph: str
    text: str
    weights: Mapping[str, float]  # settled
    passages: tuple[Passage, ...]

    @property
    def query(self) -> Query:
        """As the judge takes it."""
        return Query(text=self.text, tenant=TENANT, language="en")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Corpus:
    documents: Mapping[str, Document]  # by uri
    vectors: Mapping[str, Any]
    codes: Mapping[str, bytes]

    async def write(self, store: MemoryStore, embedder: MiniLM, uris: Iterable[str]) -> None:
        for uri in uris:
            one = self.documents[uri]
            vector = self.vectors[uri].reshape(1, -1)
            await store.replace(one, [_chunk(one)], vector, model=embedder.model, tokens=[self.codes[uri]])


async def ask_all(folder: Path, embedder: MiniLM, *, count: int, cache: Path) -> list[Asked]:
    """At most `count` questions of the set, in each of their corpora; kept in `cache` by what was searched."""
    corpus, every = _rows(folder / "corpus.jsonl"), _rows(folder / "queries.jsonl")
    questions = random.Random(SEED).sample(every, min(count, len(every)))
    parts = [json.dumps(row) for row in (*corpus, *questions)]
    path = cache / f"{content_id('asked', embedder.code, repr(LateInteraction.__doc__), *parts)}.pickle"
    if path.is_file():
        return list(pickle.loads(path.read_bytes()))
    found = [one async for one in _ask(corpus, questions, embedder, cache=cache, label=folder.name)]
    cache.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(found))
    return found


async def _ask(
    rows: Sequence[Mapping[str, Any]],
    questions: Sequence[Mapping[str, Any]],
    embedder: MiniLM,
    *,
    cache: Path,
    label: str,
) -> AsyncIterator[Asked]:
    corpus = await _read(rows, embedder, cache=cache, label=label)
    store = MemoryStore()
    await corpus.write(store, embedder, corpus.documents)
    article = {row["_id"]: row["title"] for row in rows}
    by_article: dict[str, list[str]] = defaultdict(list)
    for uri, title in article.items():
        by_article[title].append(uri)
    plain = [row for row in questions if row["metadata"]["answerable"]]
    tricks = [row for row in questions if not row["metadata"]["answerable"]]
    for kind, some in ((Kind.ANSWERABLE, plain), (Kind.TRICK, tricks)):
        for row in track(some, description=f"{label}: {kind}"):
            yield await _asked(row, kind, article, store, embedder)
    for kind in (Kind.ABSENT, Kind.NEAR_MISS):
        groups = _by_gone(plain, kind, article, by_article)
        for gone, some in track(groups.items(), description=f"{label}: {kind}"):
            await store.remove(tenant=TENANT, document_ids=[corpus.documents[uri].id for uri in gone])
            for row in some:
                yield await _asked(row, kind, article, store, embedder)
            await corpus.write(store, embedder, gone)


def _by_gone(
    rows: Sequence[Mapping[str, Any]], kind: Kind, article: Mapping[str, str], by_article: Mapping[str, list[str]]
) -> dict[tuple[str, ...], list[Mapping[str, Any]]]:
    """The paragraphs to take out → the questions to ask then."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        own = row["metadata"]["para"]
        found[tuple(by_article[article[own]]) if kind is Kind.ABSENT else (own,)].append(row)
    return found


async def _asked(
    row: Mapping[str, Any], kind: Kind, article: Mapping[str, str], store: MemoryStore, embedder: MiniLM
) -> Asked:
    """Searched, re-ranked and kept as by the answer path with its shipped settings."""
    query = Query(
        text=row["text"],
        tenant=TENANT,
        language="en",
        filter=Filter(status=()),
        deadline=Deadline.after(600),
    )
    found = await Retriever(embedder=embedder, store=store).find(query, query.text)
    ranked = await rank(LateInteraction(encoder=embedder, codes=store), query, found, limit=TOP_K)
    kept = keep(ranked, limit=KEEP)
    paragraph = row["metadata"]["para"]
    return Asked(
        id=row["_id"],
        kind=kind,
        article=article[paragraph],
        paragraph=paragraph,
        text=row["text"],
        weights=settle_terms(found.weights, kept),
        passages=tuple(_plain(one) for one in kept),
    )


def _plain(passage: Passage) -> Passage:
    """With scores that can be pickled."""
    fields = {name: getattr(passage, name) for name in ("chunk", "score", "found_by", "title", "uri", "language")}
    return Passage(**fields, scores=dict(passage.scores))


async def _read(rows: Sequence[Mapping[str, Any]], embedder: MiniLM, *, cache: Path, label: str) -> _Corpus:
    documents = {row["_id"]: _document(row) for row in rows}
    texts = [embedding_text(one, _chunk(one)) for one in documents.values()]
    vectors, codes = await encode_cached(embedder, texts, cache=cache, label=f"{label}: passages")
    return _Corpus(
        documents=documents,
        vectors=dict(zip(documents, vectors, strict=True)),
        codes=dict(zip(documents, codes, strict=True)),
    )


def _document(row: Mapping[str, Any]) -> Document:
    return Document(source="qa", uri=row["_id"], title=row["title"], text=row["text"], tenant=TENANT)


def _chunk(one: Document) -> Chunk:
    return Chunk(document_id=one.id, start=0, end=len(one.text), text=one.text)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
