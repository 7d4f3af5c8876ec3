"""A source, a parser and counting doubles for the ports that ingestion meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from answerable.adapters.fakes.embedder import HashEmbedder, WhitespaceTokenizer
from answerable.adapters.fakes.ledger import MemoryLedger
from answerable.adapters.fakes.store import MemoryStore
from answerable.core.document import Chunk, Document, document_id
from answerable.core.errors import ParseError
from answerable.core.ports import Candidate, EmbeddingModel, FileState, Kind, Raw, Vectors
from answerable.core.query import Scope
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.sync import Sync

TENANT = "acme"


@dataclass
class DictSource:
    """Files in memory; every write moves the clock."""

    id: str = "docs"
    files: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    read_uris: list[str] = field(default_factory=list)
    acl: tuple[str, ...] = ("public",)
    clock: int = 1

    def write(self, uri: str, text: str) -> None:
        self.files[uri] = text.encode()
        self.touch(uri)

    def touch(self, uri: str) -> None:
        self.clock += 1
        self.times[uri] = self.clock

    def delete(self, uri: str) -> None:
        del self.files[uri]

    def list(self) -> Iterator[Candidate]:
        for uri in sorted(self.files):
            yield Candidate(
                uri=uri, size=len(self.files[uri]), mtime_ns=self.times[uri], error=self.errors.get(uri, "")
            )

    def read(self, uri: str) -> Raw:
        self.read_uris.append(uri)
        if uri not in self.files:
            raise ParseError(f"{uri} is gone", reason="unreadable")
        return Raw(uri=uri, data=self.files[uri], source=self.id, tenant=TENANT, acl=self.acl)


class CountingEmbedder:
    """A HashEmbedder that remembers the texts it was given, call by call, and fails after a number of calls."""

    def __init__(self) -> None:
        self.inner = HashEmbedder()
        self.calls: list[list[str]] = []
        self.fail_after: int | None = None
        self.error: BaseException | None = None

    @property
    def model(self) -> EmbeddingModel:
        return self.inner.model

    @property
    def texts(self) -> list[str]:
        return [text for call in self.calls for text in call]

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        assert kind == "passage"
        if self.fail_after is not None and len(self.calls) >= self.fail_after:
            assert self.error
            raise self.error
        self.calls.append(list(texts))
        return await self.inner.embed(texts, kind=kind)


@dataclass
class World:
    """Everything a sync touches, with short ways to look at it."""

    source: DictSource = field(default_factory=DictSource)
    embedder: CountingEmbedder = field(default_factory=CountingEmbedder)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    store: MemoryStore = field(default_factory=MemoryStore)
    parsed: list[str] = field(default_factory=list)

    async def parse(self, raw: Raw) -> Document:
        self.parsed.append(raw.uri)
        text = raw.data.decode("utf-8", errors="surrogateescape")
        if text.startswith("BROKEN"):
            raise ParseError(f"{raw.uri} is broken", hint="mend it", reason="malformed")
        return Document(source=raw.source, uri=raw.uri, title=raw.uri, text=text, tenant=raw.tenant, acl=raw.acl)

    @property
    def sync(self) -> Sync:
        return Sync(
            parse=self.parse,
            chunker=StructureChunker(tokenizer=WhitespaceTokenizer(), max_tokens=20),
            embedder=self.embedder,
            store=self.store,
            ledger=self.ledger,
            settings="parser-1",
        )

    async def found(self, word: str) -> list[str]:
        """The uris of the documents that a search for the word finds."""
        async with self.store.snapshot(Scope(tenant=TENANT)) as snapshot:
            return sorted({one.uri for one in await snapshot.lexical(word, limit=1000)})

    async def chunks(self) -> dict[str, tuple[Chunk, ...]]:
        """By uri, everything that is stored."""
        scope = Scope(tenant=TENANT)
        views = await self.store.documents(scope, limit=10_000)
        return {view.uri: (await self.store.document(scope, view.id)).chunks for view in views}

    async def states(self) -> dict[str, FileState]:
        return await self.ledger.files(tenant=TENANT, source=self.source.id)

    def id_of(self, uri: str) -> str:
        return document_id(tenant=TENANT, source=self.source.id, uri=uri)


def text_of(word: str) -> str:
    """A document of four paragraphs, each a chunk, about one word."""
    return "\n\n".join(f"{word} matter {n} " + " ".join(f"{word}{n}x{i}" for i in range(12)) for n in range(4))
