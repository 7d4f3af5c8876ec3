"""In: a file becomes findable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

from answerable.core.document import Chunk, Document

if TYPE_CHECKING:  # core runs on the standard library alone
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), every row of unit length
    Vector: TypeAlias = NDArray[np.float32]  # shape (dim,), unit length
else:
    Vectors = Vector = Any

Kind = Literal["query", "passage"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTokens:
    """A question as the model sees it, token by token, without special ones."""

    vectors: Vectors  # shape (n, dim of the codes), float32
    spans: tuple[tuple[int, int], ...]  # the [start, end) characters of each


@runtime_checkable
class TokenEncoder(Protocol):
    """An embedder that also says what it saw of every token: what late interaction compares."""

    @property
    def code(self) -> str:
        """The form of the codes; codes of another form cannot be read."""
        ...

    async def encode(self, texts: Sequence[str]) -> tuple[Vectors, list[bytes]]:
        """The vectors that `embed` gives for passages, and a code of each one's tokens, from the same pass."""
        ...

    async def question(self, text: str) -> QuestionTokens:
        """The question's own tokens; of one that was just embedded, without another pass."""
        ...


class Embedder(Protocol):
    """Text to unit-length vectors."""

    @property
    def model(self) -> EmbeddingModel: ...

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """One row a text, in order, float32, unit length, shape (n, dim); (0, dim) for no texts.

        Raises Unreachable when an endpoint does not answer, ModelMismatch when it gives another dimension.
        """
        ...


class SentenceVectors(Protocol):
    """The plain form of an Embedder, for chunkers: they compute, in a thread of their own."""

    @property
    def key(self) -> str:
        """Which space of vectors: a chunker's own key names it."""
        ...

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in order, float32, unit length, shape (n, dim).

        May wait for an endpoint, so never in the event loop's own thread. Raises Unreachable.
        """
        ...
