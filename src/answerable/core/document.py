"""A document, its chunks and the spans that tie them together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from answerable.core.identity import content_id, sha256_hex

PUBLIC = "public"
LINKS_WITHIN = "links_within"  # in Document.meta: JSON list of relative targets
ANCHORS = "anchors"  # in Document.meta: JSON list of places that are named besides headings
# What only a look at the whole corpus needs: it is kept with the document, and never travels with a passage.
CORPUS_ONLY = (LINKS_WITHIN, ANCHORS)
SECTIONS = "sections"  # in Chunk.meta: where headings begin inside the chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A structural part of a document's text: text[start:end]. Parsers give them, the chunkers cut along them."""

    kind: str  # heading | paragraph | list | table | code | quote | message
    start: int
    end: int
    level: int = 0  # 1..6 for headings
    headings: tuple[str, ...] = ()  # the heading path above this block, outermost first; a heading's own text last
    page: int | None = None  # 1-based, PDF only
    meta: Mapping[str, str] = field(default_factory=dict)  # chat and mail: speaker, time


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read from one file: the exact text that spans point into, and what is known about it."""

    source: str
    uri: str  # within the source, with forward slashes; stable across versions
    title: str
    text: str
    tenant: str
    status: str = "published"  # published | draft | archived
    language: str = "en"
    acl: tuple[str, ...] = (PUBLIC,)  # groups that may read it; sorted
    updated_at: date | None = None
    review_by: date | None = None
    owner: str | None = None
    trust: str = "internal"  # internal | partner | public
    media_type: str = "text/plain"
    blocks: tuple[Block, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for every version: tenant, source and uri."""
        return document_id(tenant=self.tenant, source=self.source, uri=self.uri)

    @property
    def text_sha256(self) -> str:
        """Hash of the text that spans point into."""
        return sha256_hex(self.text)


def document_id(*, tenant: str, source: str, uri: str) -> str:
    """The id that every version of the document has."""
    return content_id("doc", tenant, source, uri)


@lru_cache(maxsize=4096)  # a question asks each of a hundred chunks for its id some ten times
def _chunk_id(document_id: str, level: int, start: int, text: str) -> str:
    return content_id("ch", document_id, str(level), str(start), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A searchable span: document.text[start:end] == text."""

    document_id: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()  # the heading path the span stands under, outermost first
    level: int = 0  # 0 = the level that is searched; larger for the parents of a hierarchy
    parent: str | None = None  # the id of the enclosing chunk of the next level
    tokens: int = 0  # of `text`, in the embedding model's own tokens
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """From the document, the level, the span and the text: the same chunk has the same id in every run."""
        return _chunk_id(self.document_id, self.level, self.start, self.text)

    @property
    def heading(self) -> str:
        """The heading path on one line, e.g. `Returns policy > Time limits`."""
        return " > ".join(self.headings)

    def headings_at(self, offset: int) -> tuple[str, ...]:
        """The heading path above text[offset:], for a chunk that holds headings after its first text."""
        path = self.headings
        for start, headings in json.loads(self.meta.get(SECTIONS, "[]")):
            if start <= offset:
                path = tuple(headings)
        return path


def sections_value(sections: Iterable[tuple[int, Sequence[str]]]) -> str:
    """What Chunk.meta keeps of the headings inside a chunk: (offset in the chunk, heading path), in order."""
    return json.dumps([(start, list(headings)) for start, headings in sections], ensure_ascii=False)


def embedding_text(document: Document, chunk: Chunk) -> str:
    """What is embedded for a chunk: title and heading path as context, then the text itself."""
    path = chunk.headings if chunk.headings[:1] == (document.title,) else (document.title, *chunk.headings)
    context = " > ".join(part for part in path if part)
    return f"{context}\n{chunk.text}" if context else chunk.text
