"""Documents that wait for their owner: what holds them, and what a decision does."""

from __future__ import annotations

from dataclasses import replace

from answerable.adapters.postgres.past import PostgresPast
from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.app.embedding import make_tokenizer, token_encoder
from answerable.app.system import System
from answerable.config.ingest_guard import GuardIngest
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.core.ports import FileState, Happening, Indexed
from answerable.core.provenance import written_by
from answerable.core.quarantine import HeldDocument, HeldState
from answerable.ingest.embedding import Embedding
from answerable.ingest.holding import Policy
from answerable.ingest.preparation import Prepared
from answerable.ingest.progress import ignore
from answerable.ingest.report import SyncReport
from answerable.ingest.tally import Tally
from answerable.text.echo import Questions

_WINDOW_DAYS = 90
_MOST_QUESTIONS = 500


def policy_of(section: GuardIngest) -> Policy:
    """What the configuration says of each kind and trust."""
    return Policy(
        hidden_text=section.by_trust("hidden_text"),
        instructions=section.by_trust("instructions"),
        lookalike=section.by_trust("lookalike"),
    )


async def asked_often(system: System) -> Questions:
    """What people asked again and again, as the journal has it."""
    section = system.settings.guard.ingest
    if set(section.by_trust("lookalike").values()) == {"off"}:
        return Questions(())
    texts = await PostgresPast(system.database).asked_often(
        tenant=system.settings.project.tenant, days=_WINDOW_DAYS, times=section.often, limit=_MOST_QUESTIONS
    )
    return Questions(texts)


def tell_of_held(system: System, report: SyncReport) -> None:
    """A happening for each document that nobody had seen waiting before."""
    for one in report.held:
        if one.uri in report.newly_held:
            reasons = "; ".join(f"{why.kind}: {why.rule}" for why in one.reasons)[:300]
            _tell(system, "document.quarantined", one, {"trust": one.trust, "reasons": reasons})


async def release(system: System, reference: str, *, by: str, note: str) -> HeldDocument:
    """Put a held text into the index, never to be held again; the next sync does, where only its hash is kept.

    Raises NotFound, and ConfigError for one that is released already.
    """
    tenant, quarantine = system.settings.project.tenant, PostgresQuarantine(system.database)
    one = await quarantine.get(tenant=tenant, reference=reference)
    if one.state is HeldState.RELEASED:
        raise ConfigError(f"{one.uri} is released already", hint="`answerable doc show` shows it")
    files = await system.ledger.files(tenant=tenant, source=one.source)
    state = files.get(one.uri) or FileState(uri=one.uri, sha256="", document_id=None)
    if one.document is not None:
        run = await system.ledger.start_run(tenant=tenant, source=one.source)
        with written_by(run):
            await index(system, one.document, state)
        await system.ledger.finish_run(tenant=tenant, run=run, counts={"released": 1}, errors={})
        await system.store.tend(tenant=tenant)
        state = replace(state, document_id=one.document_id)
    else:
        state = replace(state, sha256="", mtime_ns=0)
    await system.ledger.record(tenant=tenant, source=one.source, states=[state])
    decided = await quarantine.decide(tenant=tenant, id=one.id, state=HeldState.RELEASED, by=by, note=note)
    _tell(system, "document.released", one, {"by": by})
    return decided


async def reject(system: System, reference: str, *, by: str, note: str) -> HeldDocument:
    """Keep a held text out for good; another text of its file is another matter. Raises NotFound, ConfigError."""
    tenant, quarantine = system.settings.project.tenant, PostgresQuarantine(system.database)
    one = await quarantine.get(tenant=tenant, reference=reference)
    if one.state is HeldState.RELEASED:
        raise ConfigError(
            f"{one.uri} is released and in the index", hint="take it out with `answerable doc purge`"
        )
    decided = await quarantine.decide(tenant=tenant, id=one.id, state=HeldState.REJECTED, by=by, note=note)
    _tell(system, "document.rejected", one, {"by": by})
    return decided


async def index(
    system: System, document: Document, state: FileState, chunks: tuple[Chunk, ...] | None = None
) -> None:
    """Store one document as a sync would, without marks; with `chunks`, cut as it was."""
    # the parsers and the strategies of cutting: half a second that a list of what is held need not wait for
    from answerable.app.ingesting import chunker_for

    if chunks is None:
        cut = chunker_for(system, document.source, make_tokenizer(system.embedder)).chunk(document)
        chunks = tuple(cut)
    keys = [sha256_hex(embedding_text(document, one)) for one in chunks]
    prepared = Prepared(state=state, new=True, document=document, chunks=chunks, keys=keys)
    embedding = Embedding(
        embedder=system.embedder,
        ledger=system.ledger,
        tenant=document.tenant,
        texts=128,
        tally=Tally(source=document.source, observe=ignore),
        encoder=token_encoder(system.embedder),
    )
    (made,) = await embedding.embed([prepared])
    given = Indexed(document=document, chunks=chunks, vectors=made.vectors, tokens=made.tokens)
    await system.store.replace_all([given], model=system.embedder.model)


def _tell(system: System, name: str, one: HeldDocument, further: dict[str, str]) -> None:
    props = {"id": one.id, "document": one.document_id, "source": one.source, "uri": one.uri[:300], **further}
    system.happenings.write(Happening(name=name, tenant=system.settings.project.tenant, props=props))
