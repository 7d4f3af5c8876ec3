from __future__ import annotations

import pytest

from answerable.core.ports import Chunker, Tokenizer
from answerable.ingest.chunk_auto import AutoChunker
from answerable.ingest.chunk_chat import ChatChunker
from answerable.ingest.chunk_email import EmailChunker
from answerable.ingest.chunk_fixed import FixedChunker
from answerable.ingest.chunk_hierarchical import HierarchicalChunker
from answerable.ingest.chunk_semantic import SemanticChunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.testing.chunker import ChunkerContract, WordVectors

LIMIT = 60


class Limited(ChunkerContract):
    @pytest.fixture
    def limit(self) -> int:
        return LIMIT


class TestStructureChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return StructureChunker(tokenizer=tokenizer, max_tokens=LIMIT)


class TestFixedChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return FixedChunker(tokenizer=tokenizer, size=LIMIT, overlap=10)


class TestFixedChunkerBySentence(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return FixedChunker(tokenizer=tokenizer, size=LIMIT, overlap=10, respect="sentence")


class TestSemanticChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return SemanticChunker(tokenizer=tokenizer, vectors=WordVectors(), max_tokens=LIMIT)


class TestHierarchicalChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return HierarchicalChunker(tokenizer=tokenizer, max_tokens=LIMIT)


class TestEmailChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return EmailChunker(tokenizer=tokenizer, max_tokens=LIMIT)


class TestChatChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return ChatChunker(tokenizer=tokenizer, max_tokens=LIMIT)


class TestAutoChunker(Limited):
    @pytest.fixture
    def chunker(self, tokenizer: Tokenizer) -> Chunker:
        return AutoChunker(
            structure=StructureChunker(tokenizer=tokenizer, max_tokens=LIMIT),
            email=EmailChunker(tokenizer=tokenizer, max_tokens=LIMIT),
            chat=ChatChunker(tokenizer=tokenizer, max_tokens=LIMIT),
        )
