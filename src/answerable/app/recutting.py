"""A stored document cut in another way, to look at: nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from answerable.app.chunking import make_chunker
from answerable.app.embedding import make_tokenizer
from answerable.app.library import Library
from answerable.app.system import System
from answerable.config.chunking import ChunkingSection
from answerable.core.document import Chunk, Document
from answerable.core.ports import DocumentView
from answerable.ingest.sentence_vectors import LoopVectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Recut:
    """The chunks, and what the cutting could not see; empty where it saw all."""

    chunks: Sequence[Chunk]
    lost: str = ""


async def recut(system: System, view: DocumentView, section: ChunkingSection) -> Recut:
    """The view's text cut as `section` says. Raises ConfigError, Unreachable.

    Blocks (headings, tables, quotes) are not stored: they are read from the file again, where a source still
    offers it and its text is the same.
    """
    async with Library(system=system) as library:
        shelf = await library.shelf(view.uri)
    document, lost = _plain(view), ""
    if shelf.document is not None and shelf.document.text == view.text:
        document = shelf.document
    else:
        why = "its source no longer offers it" if shelf.raw is None else "the file has changed since"
        lost = f"cut from the stored text alone, without its headings, tables and quotes: {shelf.error or why}"
    vectors = LoopVectors(
        embedder=system.embedder,
        loop=asyncio.get_running_loop(),
        ledger=system.ledger,
        tenant=system.settings.project.tenant,
    )
    chunker = make_chunker(section, make_tokenizer(system.embedder), vectors=vectors)
    return Recut(chunks=await asyncio.to_thread(chunker.chunk, document), lost=lost)


def _plain(view: DocumentView) -> Document:
    return Document(
        source=view.source,
        uri=view.uri,
        title=view.title,
        text=view.text,
        tenant="",
        language=view.language,
        media_type=view.media_type,
        meta=view.meta,
    )
