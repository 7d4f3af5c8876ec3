"""The seams: small Protocols, each with a contract suite; a new one needs a decision record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

from answerable.core.answer import Answer
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query, Scope
from answerable.core.trace import Trace
from answerable.core.verdict import Verdict

if TYPE_CHECKING:  # core runs on the standard library alone
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), every row of unit length
    Vector: TypeAlias = NDArray[np.float32]  # shape (dim,), unit length
else:
    Vectors = Vector = Any

Kind = Literal["query", "passage"]


# --- in: a file becomes findable ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """The bytes of one file with what its source says about it."""

    uri: str
    data: bytes
    source: str
    tenant: str
    media_type: str = ""  # empty: decide by magic bytes and file name
    language: str = "en"  # the source's default
    acl: tuple[str, ...] = ("public",)
    status: str = "published"
    owner: str | None = None
    trust: str = "internal"
    modified_at: datetime | None = None
    meta: Mapping[str, str] = field(default_factory=dict)  # a sidecar's keys; they go over the file's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One file that a source offers, before it is read: enough to see that it did not change."""

    uri: str  # within the source, with forward slashes; stable across versions
    size: int  # bytes
    mtime_ns: int  # of the last change, nanoseconds since the epoch; 0 where the source does not know
    error: str = ""  # why it cannot be read; such a candidate is a failure to report, never one to read


class Source(Protocol):
    """Where files come from. Listing is lazy, deterministic and sorted by uri; one bad file never ends it."""

    @property
    def id(self) -> str: ...

    def list(self) -> Iterator[Candidate]:
        """Every file once. Raises ConfigError when the source itself is not there."""
        ...

    def read(self, uri: str) -> Raw:
        """The file's bytes with the source's defaults. Raises ParseError (reason `unreadable` or `too_large`)."""
        ...


class Parser(Protocol):
    """Turns one file's bytes into a Document. Raises ParseError, naming the cause; never anything else."""

    def parse(self, raw: Raw) -> Document: ...


class Tokenizer(Protocol):
    """Counts and locates the embedding model's tokens."""

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The [start, end) characters of each token of `text`, in order, without special tokens."""
        ...


class Chunker(Protocol):
    """Cuts a document into spans. Nothing but blanks is lost, and the same document gives the same ids."""

    @property
    def key(self) -> str:
        """What shapes the chunks besides the document: equal keys give equal chunks; a change re-chunks."""
        ...

    def chunk(self, document: Document) -> list[Chunk]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingModel:
    """What identifies a space of vectors: two that differ in any field must never be mixed."""

    name: str
    revision: str
    dim: int
    engine: str = ""  # e.g. onnx-fp32, onnx-int8

    @property
    def key(self) -> str:
        """Stored with every vector."""
        return "/".join(part for part in (f"{self.name}@{self.revision}", self.engine) if part)


class Embedder(Protocol):
    """Text to unit-length vectors."""

    @property
    def model(self) -> EmbeddingModel: ...

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """One row a text, in order, float32, unit length, shape (n, dim); (0, dim) for no texts.

        Raises Unreachable when an endpoint does not answer, ModelMismatch when it gives another dimension.
        """
        ...


# --- the store ---------------------------------------------------------------------------------------------


class Snapshot(Protocol):
    """One consistent view of the store, inside one scope. Its two searches may run at the same time."""

    async def dense(self, vector: Vector, *, limit: int) -> list[Passage]:
        """Nearest first; score = cosine in [-1, 1]. Exact where the filter is selective or the index small."""
        ...

    async def lexical(self, text: str, *, limit: int, language: str = "en") -> list[Passage]:
        """Best first; score = BM25 > 0 (k1 1.2, b 0.75). Passages without a common term are not returned."""
        ...

    async def idf(self, text: str, *, language: str = "en") -> dict[str, float]:
        """How telling each stem of the text is, over the tenant's chunks: ln(1 + (N - df + 1/2) / (df + 1/2))."""
        ...

    async def get(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """Those of the chunks that the scope allows, in the order asked for; score 0."""
        ...


class Store(Protocol):
    """Chunks, vectors and postings. Tenancy, ACL and filters are applied inside every search, never after."""

    def snapshot(self, scope: Scope) -> AbstractAsyncContextManager[Snapshot]: ...

    async def replace(
        self, document: Document, chunks: Sequence[Chunk], vectors: Vectors, *, model: EmbeddingModel
    ) -> int:
        """Put the document's new version in the place of the old one, in one transaction; returns its version.

        vectors: one row a chunk. Readers see the old or the new version, never half. Raises ModelMismatch when
        the tenant's index holds vectors of another model.
        """
        ...

    async def remove(self, *, tenant: str, document_ids: Sequence[str]) -> int:
        """Take documents out of every search at once; returns how many there were. Unknown ids are no error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What is known of one file of a source from the last sync."""

    uri: str
    sha256: str  # of the file's bytes together with the settings that shape its chunks
    document_id: str | None  # None: the file failed to parse
    size: int = 0
    mtime_ns: int = 0
    error: str = ""


class Ledger(Protocol):
    """What ingestion remembers, so that a sync does only what changed and a killed one converges."""

    async def files(self, *, tenant: str, source: str) -> dict[str, FileState]:
        """By uri."""
        ...

    async def record(self, *, tenant: str, source: str, states: Sequence[FileState]) -> None:
        """Insert or update; the file of a removed document is forgotten by `forget`."""
        ...

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None: ...

    async def cached(self, *, tenant: str, model: EmbeddingModel, keys: Sequence[str]) -> dict[str, Vector]:
        """Vectors already computed, by SHA-256 of the embedded text. Missing keys are left out."""
        ...

    async def cache(self, *, tenant: str, model: EmbeddingModel, vectors: Mapping[str, Vector]) -> None: ...

    async def start_run(self, *, tenant: str, source: str) -> str:
        """A new ingest run's id."""
        ...

    async def finish_run(
        self, *, tenant: str, run: str, counts: Mapping[str, int], errors: Mapping[str, str]
    ) -> None:
        """Counts by added, changed, unchanged, removed, failed; errors: uri → cause."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A stored document for the source viewer: the text that offsets point into, and its chunks."""

    id: str
    uri: str
    source: str
    title: str
    text: str
    version: int
    language: str
    status: str
    trust: str
    owner: str | None
    updated_at: str | None  # ISO date
    review_by: str | None  # ISO date
    media_type: str
    meta: Mapping[str, str]
    chunks: tuple[Chunk, ...] = ()


class Documents(Protocol):
    """Reading documents back. Not yours and not there are the same: NotFound."""

    async def document(self, scope: Scope, reference: str) -> DocumentView:
        """By id, unique id prefix, or uri. Scope.filter.status is applied. Raises NotFound."""
        ...

    async def documents(self, scope: Scope, *, limit: int = 100, after: str = "") -> list[DocumentView]:
        """Without text and chunks, by uri; `after` is the last uri of the page before."""
        ...

    async def counts(self, *, tenant: str) -> dict[str, int]:
        """documents, chunks, failed, and the like; for doctor and readyz."""
        ...


# --- out: a question becomes an answer ----------------------------------------------------------------------


class Reranker(Protocol):
    """Orders candidates anew."""

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit` of the passages, best first, score in [0, 1]; no passage is invented or repeated."""
        ...


class LLM(Protocol):
    """A language model, or several behind one face."""

    @property
    def name(self) -> str: ...

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """Raises TransientModelError, PermanentModelError or DeadlineExceeded."""
        ...

    def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """Pieces of text as they come, then exactly one Completion with the whole text. Raises as `complete` does;
        a stream that ends without a finish reason raises TransientModelError."""
        ...


class Guard(Protocol):
    """Decides what may enter and what may leave. `fails` says what happens when the guard itself breaks."""

    @property
    def name(self) -> str: ...

    @property
    def stage(self) -> Literal["question", "answer", "both"]: ...

    @property
    def fails(self) -> Literal["open", "closed"]: ...

    async def check(self, query: Query, answer: Answer | None) -> Verdict: ...


@runtime_checkable
class SecretGuard(Protocol):
    """A guard that has to know what must not come out of this one request."""

    def with_secrets(self, *, canary: str, system: str) -> Guard: ...


class Metric(Protocol):
    """Scores an answer against what was expected; a judge is a Metric made of an LLM and a prompt."""

    @property
    def name(self) -> str: ...

    async def score(self, query: Query, answer: Answer, expected: Mapping[str, Any]) -> Verdict: ...


# --- after: what is kept ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person said of an answer. The last one wins; the history is kept."""

    answer_id: str
    value: str | None = None  # up | down
    reasons: tuple[str, ...] = ()
    comment: str = ""
    solved: str | None = None  # yes | no | partly


class Journal(Protocol):
    """Traces, answers and feedback. Writing never blocks an answer; reading is by tenant."""

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """Queue; returns at once. A full queue drops nothing: it spills to disk and says so in the log."""
        ...

    async def flush(self) -> None:
        """Wait until what was queued is written."""
        ...

    async def trace(self, *, tenant: str, reference: str) -> dict[str, Any]:
        """By id, unique prefix or `latest`, as JSON-able values. Raises NotFound."""
        ...

    async def traces(
        self, *, tenant: str, limit: int = 20, outcome: str | None = None
    ) -> list[dict[str, Any]]: ...

    async def answer(self, *, tenant: str, answer_id: str, principal: Principal) -> dict[str, Any]:
        """The stored answer object; only the asker's own unless the principal is an engineer. Raises NotFound."""
        ...

    async def feedback(self, *, tenant: str, principal: Principal, feedback: Feedback) -> None:
        """Raises NotFound for an answer that is not the principal's own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer token as it is stored: its secret is only ever shown once, and kept as a hash."""

    id: str
    tenant: str
    principal: Principal
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    once: bool = False  # a sign-in link: used up by its first use


class Tokens(Protocol):
    """Credentials. 256 random bits, stored hashed, compared in constant time."""

    async def create(
        self, *, tenant: str, principal: Principal, label: str, ttl_s: float | None = None, once: bool = False
    ) -> tuple[Token, str]:
        """The token and its secret, which is never shown again."""
        ...

    async def check(self, secret: str) -> Token:
        """Raises NotAuthorized for unknown, revoked, expired and used-up ones, all with the same words."""
        ...

    async def revoke(self, *, tenant: str, token_id: str) -> None:
        """Raises NotFound."""
        ...

    async def tokens(self, *, tenant: str) -> list[Token]: ...
