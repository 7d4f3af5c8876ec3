from __future__ import annotations

import pytest

from answerable.core.ports import Chunker, Tokenizer
from answerable.ingest.chunk_fixed import FixedChunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.testing.chunker import ChunkerContract


class TestStructureChunker(ChunkerContract):
    @pytest.fixture
    def limit(self) -> int:
        return 60

    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer, limit: int) -> Chunker:
        return StructureChunker(tokenizer=tokenizer, max_tokens=limit)


class TestFixedChunker(ChunkerContract):
    @pytest.fixture
    def limit(self) -> int:
        return 60

    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer, limit: int) -> Chunker:
        return FixedChunker(tokenizer=tokenizer, size=limit, overlap=10)


class TestFixedChunkerBySentence(ChunkerContract):
    @pytest.fixture
    def limit(self) -> int:
        return 60

    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer, limit: int) -> Chunker:
        return FixedChunker(tokenizer=tokenizer, size=limit, overlap=10, respect="sentence")
