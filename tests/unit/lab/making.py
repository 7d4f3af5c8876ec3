"""Documents, chunks, passages and questions for the lab's tests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage
from answerable.lab.question import Gold, Question
from answerable.lab.reading import Reading


def a_document(text: str, uri: str = "a.md") -> Document:
    return Document(source="docs", uri=uri, title="", text=text, tenant="acme")


def cut_at(document: Document, *places: int) -> list[Chunk]:
    """Chunks between the places; a token is a word."""
    ends = [*places, len(document.text)]
    starts = [0, *places]
    return [
        Chunk(document_id=document.id, start=a, end=b, text=document.text[a:b], tokens=words(document.text[a:b]))
        for a, b in zip(starts, ends, strict=True)
    ]


def words(text: str) -> int:
    return len(re.findall(r"\S+", text))


def passages(document: Document, chunks: Sequence[Chunk]) -> list[Passage]:
    return [Passage(chunk=one, score=1.0, uri=document.uri, source="docs") for one in chunks]


def asking(*places: tuple[int, int], name: str = "q", uri: str = "a.md", cluster: str = "") -> Question:
    gold = tuple(Gold(uri=uri, places=(one,)) for one in places)
    return Question(id=name, text=name, language="en", cluster=cluster or name, gold=gold)


def reading(recall: float) -> Reading:
    return Reading(recall=recall, precision=0.5, iou=0.5, ndcg=0.5, mrr=0.5)
