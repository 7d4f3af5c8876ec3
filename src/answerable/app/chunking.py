"""The configured way of cutting."""

from __future__ import annotations

from collections.abc import Callable

from answerable.config.chunking import ChunkingSection, Strategy
from answerable.core.errors import ConfigError
from answerable.core.ports import Chunker, SentenceVectors, Tokenizer
from answerable.ingest.chunk_auto import AutoChunker
from answerable.ingest.chunk_chat import ChatChunker
from answerable.ingest.chunk_email import EmailChunker
from answerable.ingest.chunk_fixed import FixedChunker
from answerable.ingest.chunk_hierarchical import HierarchicalChunker
from answerable.ingest.chunk_semantic import SemanticChunker
from answerable.ingest.chunk_structure import StructureChunker

LIMITS = {"fixed": 500, "hierarchical": 800}
LIMIT = 200  # tokens, for all others; docs/decisions/0030-chunking.md


def make_chunker(
    section: ChunkingSection, tokenizer: Tokenizer, *, vectors: SentenceVectors | None = None
) -> Chunker:
    """The configured way of cutting; only `semantic` needs vectors. Raises ConfigError where it has none."""
    limit = section.max_tokens or LIMITS.get(section.strategy, LIMIT)
    makers: dict[Strategy, Callable[[], Chunker]] = {
        "auto": lambda: AutoChunker(
            structure=StructureChunker(tokenizer=tokenizer, max_tokens=limit),
            email=EmailChunker(tokenizer=tokenizer, max_tokens=limit),
            chat=ChatChunker(tokenizer=tokenizer, max_tokens=limit),
        ),
        "structure": lambda: StructureChunker(tokenizer=tokenizer, max_tokens=limit),
        "fixed": lambda: FixedChunker(
            tokenizer=tokenizer, size=limit, overlap=section.overlap_tokens, respect=section.respect
        ),
        "semantic": lambda: _semantic(tokenizer, vectors, limit),
        "hierarchical": lambda: HierarchicalChunker(tokenizer=tokenizer, max_tokens=limit),
        "email": lambda: EmailChunker(tokenizer=tokenizer, max_tokens=limit),
        "chat": lambda: ChatChunker(tokenizer=tokenizer, max_tokens=limit),
    }
    return makers[section.strategy]()


def _semantic(tokenizer: Tokenizer, vectors: SentenceVectors | None, limit: int) -> SemanticChunker:
    if vectors is None:
        raise ConfigError("chunking.strategy semantic needs an embedding model here")
    return SemanticChunker(tokenizer=tokenizer, vectors=vectors, max_tokens=limit)
