"""One file on its way in: read, compared, parsed, looked over and cut; nothing is written yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import DeadlineExceeded, ParseError
from answerable.core.identity import sha256_hex
from answerable.core.patience import Patience, go_on
from answerable.core.ports import Candidate, Chunker, FileState, Raw, Source
from answerable.core.quarantine import Reason
from answerable.ingest.apart import apart
from answerable.ingest.bounds import Bounds, Room
from answerable.ingest.fingerprint import Fingerprint
from answerable.ingest.holding import Holding

Parse = Callable[[Raw], Awaitable[Document]]  # raises ParseError and nothing else for a file's own faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A parsed file: what will be recorded of it, and its chunks with the key of each one's embedded text."""

    state: FileState
    new: bool  # nothing of it was findable before
    document: Document
    chunks: Sequence[Chunk]
    keys: Sequence[str]
    hold: tuple[Reason, ...] = field(default=())  # why it does not go into the index now


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Reads and cuts files of one source."""

    source: Source
    parse: Parse
    chunker: Chunker
    holding: Holding
    fingerprint: Fingerprint
    bounds: Bounds
    room: Room
    clock: Callable[[], float] = time.thread_time  # the CPU of the thread that cuts

    async def load(self, candidate: Candidate) -> tuple[Raw, str]:
        """The file and its fingerprint. Raises ParseError when it cannot be read."""

        if candidate.error:
            raise ParseError(candidate.error, reason="unreadable")

        def read() -> tuple[Raw, str]:
            raw = self.source.read(candidate.uri)
            return raw, self.fingerprint.of(raw)

        return await asyncio.to_thread(read)

    async def prepare(self, raw: Raw, state: FileState, *, new: bool) -> Prepared:
        """Raises ParseError, naming the cause. What it gives back has taken room for its text."""
        document = await self.parse(raw)
        self.bounds.check_text(document)
        await self.room.take(len(document.text))
        try:
            chunks, keys, hold = await self._cut_apart(document)
        except BaseException:  # whatever it was, nobody else gives the room back
            await self.room.give(len(document.text))
            raise
        kept = replace(state, document_id=document.id)
        return Prepared(state=kept, new=new, document=document, chunks=chunks, keys=keys, hold=hold)

    async def _cut_apart(self, document: Document) -> tuple[Sequence[Chunk], list[str], tuple[Reason, ...]]:
        try:
            return await apart(lambda: self._cut(document), Patience(cpu_s=self.bounds.cpu_s, clock=self.clock))
        except DeadlineExceeded as exc:
            raise self.bounds.took_too_long(document) from exc

    def _cut(self, document: Document) -> tuple[Sequence[Chunk], list[str], tuple[Reason, ...]]:
        try:
            chunks = self.chunker.chunk(document)
            self.bounds.check_chunks(document, len(chunks))
            go_on()
            looked = self.holding.look(document, chunks)
            keys = [sha256_hex(embedding_text(document, chunk)) for chunk in looked.chunks]
            return looked.chunks, keys, looked.hold
        except UnicodeEncodeError as error:
            raise ParseError(
                f"{document.uri!r} holds half a character", hint="save the file as UTF-8 text"
            ) from error
