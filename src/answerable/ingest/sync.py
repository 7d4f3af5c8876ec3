"""A source in, its chunks findable: what changed since the last time, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from answerable.core.document import Document
from answerable.core.ports import (
    Candidate,
    Chunker,
    Embedder,
    FileState,
    Ledger,
    Quarantine,
    Source,
    Store,
    TokenEncoder,
)
from answerable.core.provenance import written_by
from answerable.ingest.bounds import Bounds, Room
from answerable.ingest.embedding import Embedding
from answerable.ingest.fingerprint import Fingerprint
from answerable.ingest.holding import Holding, Policy, Scan
from answerable.ingest.pipeline import Limits, Pipeline
from answerable.ingest.plan import plan
from answerable.ingest.preparation import Parse, Preparation
from answerable.ingest.progress import Observer, ignore
from answerable.ingest.recorder import Recorder
from answerable.ingest.report import SyncReport
from answerable.ingest.slices import slices
from answerable.ingest.tally import Tally
from answerable.text.echo import Questions

_REMOVED_TOGETHER = 200  # documents
_MARK = dict.fromkeys(("internal", "partner", "public"), "flag")
MARK_ONLY = Policy(hidden_text=_MARK, instructions=_MARK, lookalike=_MARK)


def find_nothing(document: Document) -> Sequence[str]:
    """The scan of those who trust their sources."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Brings the store in line with a source. Twice is once; one that was killed is resumed by the next.

    Effects come in an order that no kill can harm: what is gone is removed first; a new document is announced to
    the ledger, stored whole, and then recorded as done. A file that no longer parses keeps its last good version
    and is reported by every sync until it parses or is deleted.
    """

    parse: Parse
    chunker: Chunker
    embedder: Embedder
    store: Store
    ledger: Ledger
    settings: str  # what shapes a stored document besides its bytes: parser version, acl, status, scan rules …
    scan: Scan = find_nothing
    policy: Policy = MARK_ONLY
    questions: Questions = field(default_factory=lambda: Questions(()))  # that are asked often
    quarantine: Quarantine | None = None  # without one nothing is held, only marked
    encoder: TokenEncoder | None = None  # the embedder, where it can say what it saw of each token
    bounds: Bounds = field(default_factory=Bounds)  # of one document
    limits: Limits = field(default_factory=Limits)

    async def run(
        self, source: Source, *, tenant: str, observe: Observer = ignore, retry_failed: bool = False
    ) -> SyncReport:
        """One sync. A file's own faults are in the report; what stops all work is raised bare, and what was
        stored until then stays: ConfigError (no such source), Unreachable, ModelMismatch."""
        tally = Tally(source=source.id, observe=observe)
        recorder = Recorder(ledger=self.ledger, tenant=tenant, source=source.id, batch=self.limits.record)
        fingerprint = Fingerprint(settings="\n".join(self._shapes()))
        listed = await asyncio.to_thread(lambda: list(source.list()))
        run = await self.ledger.start_run(tenant=tenant, source=source.id)
        with written_by(run):
            await self._bring_in_line(source, listed, recorder, fingerprint, tally, retry_failed=retry_failed)
        report = tally.report(run)
        await self.ledger.finish_run(tenant=tenant, run=run, counts=report.counts, errors=report.failed)
        return report

    async def _bring_in_line(
        self,
        source: Source,
        listed: Sequence[Candidate],
        recorder: Recorder,
        fingerprint: Fingerprint,
        tally: Tally,
        *,
        retry_failed: bool,
    ) -> None:
        tenant = recorder.tenant
        known = await recorder.files()
        todo = plan(known, listed, prefix=fingerprint.prefix, retry_failed=retry_failed)
        tally.planned(todo)
        await self._remove(todo.removed, recorder, tally)
        pipeline = Pipeline(
            preparation=Preparation(
                source=source,
                parse=self.parse,
                chunker=self.chunker,
                holding=await self._holding(tenant, source.id),
                fingerprint=fingerprint,
                bounds=self.bounds,
                room=Room(chars=self.limits.chars),
            ),
            embedding=Embedding(
                embedder=self.embedder,
                ledger=self.ledger,
                tenant=tenant,
                texts=self.limits.texts,
                tally=tally,
                encoder=self.encoder,
            ),
            store=self.store,
            quarantine=self.quarantine,
            recorder=recorder,
            tally=tally,
            known=known,
            limits=self.limits,
            retry_failed=retry_failed,
        )
        await pipeline.run(todo.due)

    async def _holding(self, tenant: str, source: str) -> Holding:
        known = await self.quarantine.known(tenant=tenant, source=source) if self.quarantine else []
        return Holding(scan=self.scan, policy=self.policy, questions=self.questions, known=known)

    def _shapes(self) -> list[str]:
        # An index of before the codes is read once more, and has them then.
        return [self.settings, self.chunker.key, *([self.encoder.code] if self.encoder else [])]

    async def _remove(self, gone: Sequence[FileState], recorder: Recorder, tally: Tally) -> None:
        """Out of every search at once; forgotten only then, so that a kill in between is made good."""
        for states in slices(gone, _REMOVED_TOGETHER):
            documents = [state.document_id for state in states if state.document_id]
            await self.store.remove(tenant=recorder.tenant, document_ids=documents)
            uris = [state.uri for state in states]
            await recorder.forget(uris)
            if self.quarantine:
                await self.quarantine.forget(tenant=recorder.tenant, source=recorder.source, uris=uris)
            tally.removed += len(documents)
            tally.tell()
