"""The contract of a Chunker. A subclass gives the fixture `chunker`: one built on the fixture `tokenizer`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pytest

from answerable.core.document import Block, Chunk, Document
from answerable.core.ports import Chunker, Tokenizer, Vectors

_WORD = re.compile(r"\S+")
MAIL = """From: Ann <ann@example.com>
Date: Tue, 4 Aug 2026 10:00:00 +0200
Subject: Returns

Hello Bob,

how long may a customer wait before the parcel goes back to us?

--
Ann
TechCorp

On Mon, 3 Aug 2026 at 09:00, Bob <bob@example.com> wrote:
> The parcel goes back within 30 days.
> Ask me if anything is unclear.
"""
CHAT = """[10:00] Ann: How do I reset the hub before I sell it?
[10:01] Bob: Hold the button for ten seconds.
[10:02] Ann: Thanks!
[11:30] Ann: And does the warranty move to the new owner?
[11:31] Bob: Yes, with the receipt.
"""


class WordTokenizer:
    """Every run of non-blanks is a token; counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The span of each word."""
        self.calls += 1
        return [match.span() for match in _WORD.finditer(text)]


class WordVectors:
    """SentenceVectors without a model: texts are alike as far as their words are."""

    key = "words"

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text: its words counted into 64 places by their letters, unit length."""
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[sum(map(ord, word)) % 64] += 1.0
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return rows


class Spanned(Protocol):
    """Whatever covers text[start:end]."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def uncovered(text: str, spans: Sequence[Spanned]) -> str:
    """What no span holds, blanks left out."""
    lost, at = [], 0
    for one in sorted(spans, key=lambda one: one.start):
        lost.append(text[at : one.start])
        at = max(at, one.end)
    lost.append(text[at:])
    return "".join("".join(lost).split())


def levels(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """The chunks by level, the searched one first."""
    return [[one for one in chunks if one.level == level] for level in sorted({one.level for one in chunks})]


def marked_document(*, paragraphs: int = 40) -> Document:
    """A document of headings, paragraphs, a list, a table, code and a quote, as a parser would give it."""
    text, blocks, path = "", list[Block](), ["Guide"]

    def add(kind: str, piece: str, level: int = 0) -> None:
        nonlocal text
        blocks.append(
            Block(kind=kind, start=len(text), end=len(text) + len(piece), level=level, headings=tuple(path))
        )
        text += piece + "\n\n"

    add("heading", "Guide", 1)
    for n in range(paragraphs):
        if n % 5 == 0:
            path[1:] = [f"Section {n}"]
            add("heading", f"Section {n}", 2)
        add("paragraph", f"Paragraph {n} tells of matter {n}. " + " ".join(f"w{n}x{i}" for i in range(n)) + ".")
    add("list", "- one thing\n- another thing\n- a third thing")
    add("table", "| name | value |\n| a | 1 |\n| b | 2 |")
    add("code", "def f():\n    return 1\n\nprint(f())")
    add("quote", "> as was said before")
    return Document(source="s", uri="guide.md", title="Guide", text=text, tenant="t", blocks=tuple(blocks))


class ChunkerContract:
    """What every chunker keeps, whatever its way of cutting."""

    @pytest.fixture
    def tokenizer(self) -> Tokenizer:
        """What the chunker counts with."""
        return WordTokenizer()

    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        """Overridden by the subclass, with a limit well below the document's length."""
        raise NotImplementedError

    @pytest.fixture
    def limit(self) -> int:
        """The most tokens of a chunk; overridden by the subclass."""
        raise NotImplementedError

    @pytest.fixture(params=["marked", "plain", "mail", "chat", "one long line", "one long word", "blank", "empty"])
    def document(self, request: pytest.FixtureRequest) -> Document:
        """Documents of every sort."""
        marked = marked_document()
        texts = {
            "plain": marked.text,
            "mail": MAIL,
            "chat": CHAT,
            "one long line": "word " * 3000,
            "one long word": "ab" * 20000,
            "blank": " \n\t\n ",
            "empty": "",
        }
        return marked if request.param == "marked" else replace(marked, text=texts[request.param], blocks=())

    def test_a_chunk_is_the_documents_text_at_its_span(self, chunker: Chunker, document: Document) -> None:
        for chunk in chunker.chunk(document):
            assert document.text[chunk.start : chunk.end] == chunk.text
            assert chunk.document_id == document.id

    def test_a_chunk_begins_and_ends_with_something(self, chunker: Chunker, document: Document) -> None:
        for chunk in chunker.chunk(document):
            assert chunk.text
            assert chunk.text == chunk.text.strip()

    def test_nothing_but_blanks_is_lost_on_any_level(self, chunker: Chunker, document: Document) -> None:
        for level in levels(chunker.chunk(document)):
            assert uncovered(document.text, level) == ""

    def test_the_searched_level_comes_first_and_each_level_in_order(
        self, chunker: Chunker, document: Document
    ) -> None:
        places = [(chunk.level, chunk.start, chunk.end) for chunk in chunker.chunk(document)]
        assert places == sorted(places)
        assert not places or places[0][0] == 0

    def test_no_chunk_lies_inside_another_of_its_level(self, chunker: Chunker, document: Document) -> None:
        for level in levels(chunker.chunk(document)):
            ends = [chunk.end for chunk in level]
            assert ends == sorted(set(ends))

    def test_a_parent_is_there_one_level_above_and_holds_its_children(
        self, chunker: Chunker, document: Document
    ) -> None:
        chunks = chunker.chunk(document)
        known = {chunk.id: chunk for chunk in chunks}
        highest = max((chunk.level for chunk in chunks), default=0)
        for chunk in chunks:
            assert (chunk.parent is None) == (chunk.level == highest)
            if chunk.parent is not None:
                above = known[chunk.parent]
                assert above.level == chunk.level + 1
                assert above.start <= chunk.start < chunk.end <= above.end

    def test_children_know_how_many_they_are(self, chunker: Chunker, document: Document) -> None:
        chunks = chunker.chunk(document)
        families = Counter(chunk.parent for chunk in chunks if chunk.parent is not None)
        for chunk in chunks:
            if chunk.parent is not None:
                assert chunk.meta["siblings"] == str(families[chunk.parent])

    def test_meta_is_text(self, chunker: Chunker, document: Document) -> None:
        for chunk in chunker.chunk(document):
            assert all(isinstance(value, str) and value for value in chunk.meta.values())

    def test_no_chunk_is_above_the_limit(self, chunker: Chunker, document: Document, limit: int) -> None:
        for chunk in chunker.chunk(document):
            assert len(chunk.text.split()) <= limit
            assert len(chunk.text) <= 100 * limit

    def test_tokens_are_counted(self, chunker: Chunker) -> None:
        chunks = chunker.chunk(marked_document())
        assert chunks
        for chunk in chunks:
            assert chunk.tokens == len(chunk.text.split())

    def test_the_document_is_tokenized_once(self, chunker: Chunker, tokenizer: WordTokenizer) -> None:
        chunker.chunk(marked_document())
        assert tokenizer.calls == 1

    def test_the_same_document_gives_the_same_chunks(self, chunker: Chunker, document: Document) -> None:
        assert chunker.chunk(document) == chunker.chunk(document)

    def test_the_key_is_the_same_every_time(self, chunker: Chunker) -> None:
        assert chunker.key
        assert chunker.key == chunker.key

    def test_ids_are_distinct(self, chunker: Chunker, document: Document) -> None:
        ids = [chunk.id for chunk in chunker.chunk(document)]
        assert len(set(ids)) == len(ids)

    def test_a_chunk_knows_the_headings_it_stands_under(self, chunker: Chunker) -> None:
        document = marked_document()
        headings = {block.headings for block in document.blocks}
        for chunk in chunker.chunk(document):
            assert chunk.headings in headings

    def test_a_long_document_has_several_chunks_and_a_short_one_has_one(self, chunker: Chunker) -> None:
        short = replace(marked_document(), text="A few words.", blocks=())
        assert len(chunker.chunk(marked_document())) > 3
        assert all(len(level) == 1 for level in levels(chunker.chunk(short)))
