"""Ingestion from the configuration's parts: a parser in a sandbox, a chunker, the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answerable.adapters.parsers.sandbox import Sandbox
from answerable.adapters.postgres.past import PostgresPast
from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.adapters.sources.web import WebPages
from answerable.app.chunking import make_chunker
from answerable.app.data import look_for_conflicts
from answerable.app.embedding import make_tokenizer, token_encoder
from answerable.app.holding import asked_often, policy_of, tell_of_held
from answerable.app.sources import make_source
from answerable.app.system import System
from answerable.config.chunking import ChunkingSection
from answerable.config.ingest_guard import GuardIngest
from answerable.config.sources import SourceSection
from answerable.core.ports import Chunker, Tokenizer
from answerable.guards.documents import scan_document
from answerable.ingest.bounds import Bounds
from answerable.ingest.progress import Observer, ignore
from answerable.ingest.report import SyncReport
from answerable.ingest.sentence_vectors import LoopVectors
from answerable.ingest.sync import Sync

PARSERS_VERSION = 3  # a change in what the parsers give reads every file again
SCAN_VERSION = 2  # so does a change in the rules that mark a document


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
        past = PostgresPast(self.system.database)
        await past.expire(tenant=tenant, seconds=project.settings.guard.ingest.rollback)
        sync = Sync(
            parse=self.sandbox.parse,
            chunker=chunker_for(self.system, section.id, self.tokenizer, section.chunking),
            embedder=self.system.embedder,
            store=self.system.store,
            ledger=self.system.ledger,
            settings=_shape(section, project.settings.guard.ingest),
            scan=scan_document,
            policy=policy_of(project.settings.guard.ingest),
            questions=await asked_often(self.system),
            quarantine=PostgresQuarantine(self.system.database),
            encoder=token_encoder(self.system.embedder),
            bounds=_bounds(project.settings.guard.ingest),
        )
        try:
            report = await sync.run(source, tenant=tenant, observe=observe, retry_failed=retry_failed)
        finally:
            if isinstance(source, WebPages):  # cancelled, its thread would go on asking
                source.close()
        await self.system.store.tend(tenant=tenant)
        tell_of_held(self.system, report)
        if report.added or report.changed or report.removed:
            await look_for_conflicts(self.system)
        return report


def chunker_for(
    system: System, source: str, tokenizer: Tokenizer, chunking: ChunkingSection | None = None
) -> Chunker:
    """What cuts a source's documents: its own way where it has one."""
    settings = system.settings
    own = chunking or next((one.chunking for one in settings.source if one.id == source), None)
    vectors = LoopVectors(
        embedder=system.embedder,
        loop=asyncio.get_running_loop(),
        ledger=system.ledger,
        tenant=settings.project.tenant,
    )
    return make_chunker(own or settings.chunking, tokenizer, vectors=vectors)


@asynccontextmanager
async def open_ingestion(system: System) -> AsyncIterator[Ingestion]:
    """With its parser processes, which end with it."""
    async with Sandbox() as sandbox:
        yield Ingestion(system=system, sandbox=sandbox, tokenizer=make_tokenizer(system.embedder))


def _bounds(guard: GuardIngest) -> Bounds:
    return Bounds(chars=guard.max_chars, chunks=guard.max_chunks, cpu_s=guard.max_cpu)


def _shape(section: SourceSection, guard: GuardIngest) -> str:
    """What shapes a stored document besides its bytes: raise a version when its code changes what comes out."""
    guarded = (guard.hidden_text, guard.instructions, guard.lookalike)
    return repr(
        (PARSERS_VERSION, SCAN_VERSION, section.acl, section.language, section.owner, section.trust, guarded)
    )
