"""Files through the stages read → embed → store, all at work at once, with bounded queues between them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Candidate, FileState, Indexed, Quarantine, Store
from answerable.core.provenance import writing_run
from answerable.core.quarantine import hold
from answerable.ingest.embedding import Embedded, Embedding
from answerable.ingest.fingerprint import Fingerprint
from answerable.ingest.preparation import Preparation, Prepared
from answerable.ingest.recorder import Recorder
from answerable.ingest.tally import Tally

_LONGEST_CAUSE = 1000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is in flight; docs/decisions/0032-ingest-pipeline.md has the figures."""

    readers: int = 3  # files read, parsed and cut at once
    texts: int = 128  # embedded together, across documents
    writers: int = 2  # transactions at once
    together: int = 16  # documents in one transaction
    chunks: int = 512  # in one transaction, where a document does not have more
    queue: int = 8  # documents waiting to be embedded
    chars: int = 8_000_000  # of documents that are cut or wait to be embedded
    record: int = 16  # files recorded together


Parsed = asyncio.Queue[Prepared | None]  # None: nothing more will come
Ready = asyncio.Queue[Sequence[tuple[Prepared, Embedded]] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One run over the files that are due; it holds a few dozen documents at a time, however many there are."""

    preparation: Preparation
    embedding: Embedding
    store: Store
    quarantine: Quarantine | None
    recorder: Recorder
    tally: Tally
    known: Mapping[str, FileState]
    limits: Limits
    retry_failed: bool

    async def run(self, due: Iterable[Candidate]) -> None:
        """Raises what the database, the embedder or the parser's machinery raise, bare; what was stored stays."""
        parsed, embedded = Parsed(self.limits.queue), Ready(1)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_all(iter(due), parsed))
                group.create_task(self._embed_all(parsed, embedded))
                group.create_task(self._store_all(embedded))
        except BaseExceptionGroup as several:
            first = _first(several)
        else:
            await self.recorder.flush()
            return
        raise first  # out here, where it keeps its own cause

    async def _read_all(self, due: Iterator[Candidate], parsed: Parsed) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.limits.readers):
                group.create_task(self._read(due, parsed))
        await parsed.put(None)

    async def _read(self, due: Iterator[Candidate], parsed: Parsed) -> None:
        for candidate in due:  # the readers share one iterator: each file goes to the first that is free
            if prepared := await self._prepare(candidate):
                await parsed.put(prepared)

    async def _prepare(self, candidate: Candidate) -> Prepared | None:
        """None when nothing is to be stored: the file is as it was, or cannot be read."""
        old = self.known.get(candidate.uri)
        state = _state(candidate, old)
        try:
            raw, sha256 = await self.preparation.load(candidate)
            state = replace(state, sha256=sha256)
            if old and old.sha256 == sha256 and not (old.error and self.retry_failed):
                await self._keep(replace(state, error=old.error))
                return None
            prepared = await self.preparation.prepare(raw, state, new=_is_new(old))
            if prepared.hold and self.quarantine:
                await self.preparation.room.give(len(prepared.document.text))
                await self._hold(prepared, old, self.quarantine)
                return None
            return prepared
        except ParseError as error:
            await self._fail(state, error)
            return None

    async def _hold(self, prepared: Prepared, old: FileState | None, quarantine: Quarantine) -> None:
        """Keep it apart until somebody decides. An earlier text of the file stays findable; this text itself,
        which an index of before this rule may have, goes."""
        document = prepared.document
        one = hold(document, prepared.hold, run=writing_run())
        kept = old.document_id if old else None
        fresh = not self.preparation.holding.knows(one.id)  # what was held before is in no index
        if fresh and kept and old and Fingerprint.same_file(old.sha256, prepared.state.sha256):
            await self.store.remove(tenant=document.tenant, document_ids=[kept])
            kept = None
        new = await quarantine.hold(tenant=document.tenant, held=one)
        await self.recorder.add(replace(prepared.state, document_id=kept))
        self.tally.hold(prepared.state.uri, one, new=new)

    async def _keep(self, state: FileState) -> None:
        """Only its time changed."""
        await self.recorder.add(state)
        if state.error:
            self.tally.fail(state.uri, state.error)
        else:
            self.tally.same(state.uri)

    async def _embed_all(self, parsed: Parsed, embedded: Ready) -> None:
        batch, texts = list[Prepared](), 0
        while prepared := await parsed.get():
            await self.preparation.room.give(len(prepared.document.text))
            batch.append(prepared)
            texts += len(prepared.keys)
            if texts >= self.limits.texts or len(batch) >= self.limits.texts:
                await self._embed(batch, embedded)
                batch, texts = [], 0
        await self._embed(batch, embedded)
        for _ in range(self.limits.writers):
            await embedded.put(None)

    async def _embed(self, batch: Sequence[Prepared], embedded: Ready) -> None:
        found = await self.embedding.embed(batch)
        await self.recorder.announce([prepared.state for prepared in batch if prepared.new])
        for pairs in self._batches(zip(batch, found, strict=True)):
            await embedded.put(pairs)

    def _batches(self, pairs: Iterable[tuple[Prepared, Embedded]]) -> Iterator[list[tuple[Prepared, Embedded]]]:
        """What goes into one transaction each."""
        batch, chunks = list[tuple[Prepared, Embedded]](), 0
        for pair in pairs:
            size = len(pair[0].chunks)
            if batch and (len(batch) >= self.limits.together or chunks + size > self.limits.chunks):
                yield batch
                batch, chunks = [], 0
            batch.append(pair)
            chunks += size
        if batch:
            yield batch

    async def _store_all(self, embedded: Ready) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.limits.writers):
                group.create_task(self._store(embedded))

    async def _store(self, embedded: Ready) -> None:
        while pairs := await embedded.get():
            try:
                await self._put(pairs)
            except ParseError:  # the store cannot keep one of these texts: which one?
                for pair in pairs:
                    await self._store_one(pair)

    async def _store_one(self, pair: tuple[Prepared, Embedded]) -> None:
        try:
            await self._put([pair])
        except ParseError as error:
            state = pair[0].state
            old = self.known.get(state.uri)
            await self._fail(replace(state, document_id=old.document_id if old else None), error)

    async def _put(self, pairs: Sequence[tuple[Prepared, Embedded]]) -> None:
        """Store, and only then record."""
        given = [
            Indexed(document=one.document, chunks=one.chunks, vectors=found.vectors, tokens=found.tokens)
            for one, found in pairs
        ]
        await self.store.replace_all(given, model=self.embedding.embedder.model)
        for prepared, _ in pairs:
            await self.recorder.add(prepared.state)
            if self.quarantine and self.preparation.holding.waiting(prepared.state.uri):
                await self._let_go(prepared.document, self.quarantine)
            self.tally.stored(prepared.state.uri, new=prepared.new, chunks=len(prepared.chunks))

    async def _let_go(self, document: Document, quarantine: Quarantine) -> None:
        """The file has another text than the one that waits."""
        await quarantine.forget(tenant=document.tenant, source=document.source, uris=[document.uri])

    async def _fail(self, state: FileState, error: ParseError) -> None:
        """Record the cause. The last version that could be read, if there is one, stays findable."""
        cause = _cause(error)
        await self.recorder.add(replace(state, error=cause))
        self.tally.fail(state.uri, cause)


def _cause(error: ParseError) -> str:
    """Short, and text that any ledger can keep, whatever the file had put into the message."""
    cause = f"{error} ({error.hint})" if error.hint else str(error)
    return cause.encode(errors="replace").decode().replace("\0", "?")[:_LONGEST_CAUSE]


def _state(candidate: Candidate, old: FileState | None) -> FileState:
    """What is known before the file is read; without a hash it is due again."""
    return FileState(
        uri=candidate.uri,
        sha256="",
        document_id=old.document_id if old else None,
        size=candidate.size,
        mtime_ns=candidate.mtime_ns,
    )


def _is_new(old: FileState | None) -> bool:
    """Whether no sync has finished storing it; one may have begun to."""
    return old is None or old.document_id is None or not (old.sha256 or old.error)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
