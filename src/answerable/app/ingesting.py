"""Ingestion from the configuration's parts: a parser in a sandbox, a chunker, the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answerable.adapters.parsers.sandbox import Sandbox
from answerable.adapters.sources.web import WebPages
from answerable.app.chunking import make_chunker
from answerable.app.data import look_for_conflicts
from answerable.app.embedding import make_tokenizer, token_encoder
from answerable.app.sources import make_source
from answerable.app.system import System
from answerable.config.sources import SourceSection
from answerable.core.ports import Tokenizer
from answerable.guards.documents import scan_document
from answerable.ingest.progress import Observer, ignore
from answerable.ingest.report import SyncReport
from answerable.ingest.sentence_vectors import LoopVectors
from answerable.ingest.sync import Sync

PARSERS_VERSION = 2  # a change in what the parsers give reads every file again
SCAN_VERSION = 1  # so does a change in the rules that mark a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingestion:
    """Syncs configured sources into one system."""

    system: System
    sandbox: Sandbox
    tokenizer: Tokenizer

    async def sync(
        self, section: SourceSection, *, observe: Observer = ignore, retry_failed: bool = False
    ) -> SyncReport:
        """One sync of one source."""
        project = self.system.project
        source = make_source(project, section)
        tenant = project.settings.project.tenant
        vectors = LoopVectors(
            embedder=self.system.embedder,
            loop=asyncio.get_running_loop(),
            ledger=self.system.ledger,
            tenant=tenant,
        )
        sync = Sync(
            parse=self.sandbox.parse,
            chunker=make_chunker(section.chunking or project.settings.chunking, self.tokenizer, vectors=vectors),
            embedder=self.system.embedder,
            store=self.system.store,
            ledger=self.system.ledger,
            settings=_shape(section),
            scan=scan_document,
            encoder=token_encoder(self.system.embedder),
        )
        try:
            report = await sync.run(source, tenant=tenant, observe=observe, retry_failed=retry_failed)
        finally:
            if isinstance(source, WebPages):  # cancelled, its thread would go on asking
                source.close()
        await self.system.store.tend(tenant=tenant)
        if report.added or report.changed or report.removed:
            await look_for_conflicts(self.system)
        return report


@asynccontextmanager
async def open_ingestion(system: System) -> AsyncIterator[Ingestion]:
    """With its parser processes, which end with it."""
    async with Sandbox() as sandbox:
        yield Ingestion(system=system, sandbox=sandbox, tokenizer=make_tokenizer(system.embedder))


def _shape(section: SourceSection) -> str:
    """What shapes a stored document besides its bytes: raise a version when its code changes what comes out."""
    return repr((PARSERS_VERSION, SCAN_VERSION, section.acl, section.language, section.owner, section.trust))
