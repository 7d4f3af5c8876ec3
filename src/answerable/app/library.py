"""What the sources say and what the index holds, whoever may see it: for finding out why an answer is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from answerable.adapters.parsers.sandbox import Sandbox
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.app.chunking import make_chunker
from answerable.app.embedding import make_tokenizer
from answerable.app.sources import make_source
from answerable.app.system import System
from answerable.config.chunking import ChunkingSection
from answerable.config.sources import SourceSection
from answerable.core.document import Chunk, Document
from answerable.core.errors import ConfigError, NotFound, ParseError
from answerable.core.ports import Chunker, DocumentView, Raw
from answerable.core.query import Filter, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A file as its source has it now. `document` is None where it is not there or cannot be read."""

    section: SourceSection | None = None  # the source that offers it
    raw: Raw | None = None
    document: Document | None = None
    error: str = ""


@dataclass(slots=True, kw_only=True)
class Library:
    """Looks a page up in every source and in the index; each once. Open it with `async with`."""

    system: System
    _shelves: dict[str, Shelf] = field(default_factory=dict)
    _listed: dict[str, SourceSection] | None = None
    _everything: Scope | None = None
    _sandbox: Sandbox | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def tenant(self) -> str:
        """The project's."""
        return self.system.settings.project.tenant

    @property
    def chunker(self) -> Chunker:
        """The way of cutting that ships."""
        return make_chunker(ChunkingSection(), make_tokenizer(self.system.embedder))

    def cut_as_shipped(self, section: SourceSection | None) -> bool:
        """Whether the configuration cuts a source's documents as it ships."""
        chosen = (section.chunking if section else None) or self.system.settings.chunking
        return chosen == ChunkingSection()

    async def everything(self) -> Scope:
        """The scope of somebody who is in every group and asks for every status."""
        if self._everything is None:
            groups = await PostgresDocuments(self.system.database).groups(tenant=self.tenant)
            self._everything = Scope(tenant=self.tenant, groups=groups, filter=Filter(status=()))
        return self._everything

    async def indexed(self, reference: str) -> DocumentView | None:
        """A document of the index by id or uri; None where it is not there."""
        try:
            return await self.system.documents.document(await self.everything(), reference)
        except NotFound:
            return None

    async def groups_of(self, document_id: str) -> tuple[str, ...]:
        """Who may read a document of the index."""
        return await PostgresDocuments(self.system.database).acl(tenant=self.tenant, document_id=document_id)

    async def failure_of(self, uri: str) -> str:
        """Why the last sync could not read a file; empty where it could, or never tried."""
        for section in self.system.settings.source:
            states = await self.system.ledger.files(tenant=self.tenant, source=section.id)
            if uri in states and states[uri].error:
                return states[uri].error
        return ""

    async def offered(self, uri: str) -> SourceSection | None:
        """The source that offers a file now."""
        if self._listed is None:
            self._listed = await asyncio.to_thread(self._list)
            for section in self.system.settings.source:
                if section.type != "folder":  # listing it would fetch every page of it
                    states = await self.system.ledger.files(tenant=self.tenant, source=section.id)
                    self._listed.update({uri: section for uri in states if uri not in self._listed})
        return self._listed.get(uri)

    async def shelf(self, uri: str) -> Shelf:
        """The file, read and parsed anew."""
        if uri not in self._shelves:
            self._shelves[uri] = await self._read(uri)
        return self._shelves[uri]

    def cut(self, document: Document) -> Sequence[Chunk]:
        """The document's chunks as they ship."""
        return [chunk for chunk in self.chunker.chunk(document) if chunk.level == 0]

    def _list(self) -> dict[str, SourceSection]:
        listed: dict[str, SourceSection] = {}
        for section in [one for one in self.system.settings.source if one.type == "folder"]:
            try:
                for candidate in make_source(self.system.project, section).list():
                    listed.setdefault(candidate.uri, section)
            except ConfigError:  # its folder is away: it offers nothing
                continue
        return listed

    async def _read(self, uri: str) -> Shelf:
        section = await self.offered(uri)
        if section is None:
            return Shelf()
        try:
            raw = await asyncio.to_thread(make_source(self.system.project, section).read, uri)
        except ParseError as error:
            return Shelf(section=section, error=str(error))
        try:
            return Shelf(section=section, raw=raw, document=await self._parse(raw))
        except ParseError as error:
            return Shelf(section=section, raw=raw, error=str(error))

    async def _parse(self, raw: Raw) -> Document:
        if self._sandbox is None:
            self._sandbox = await self._stack.enter_async_context(Sandbox(workers=1))
        return await self._sandbox.parse(raw)
