"""Gold pages looked up where they come from and where they are kept, with the passages that say the gold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from answerable.adapters.stored import passage
from answerable.app.library import Library
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.passage import Passage
from answerable.core.ports import DocumentView
from answerable.core.query import Query
from answerable.evals.diagnosis.bench import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A gold page with the passages that say it: as the index has them, and as they would be cut when shipped."""

    page: Page
    indexed: tuple[Passage, ...] = ()
    shipped: tuple[Passage, ...] = ()

    @property
    def searchable(self) -> bool:
        """Whether the asker could find it at all."""
        return self.page.in_index and not self.page.hidden_by

    def ids(self) -> frozenset[str]:
        """The chunks that say it."""
        return frozenset(one.chunk.id for one in self.indexed)

    def is_in(self, passages: Sequence[Passage]) -> bool:
        """One chunk that holds the whole quote is enough; of a quote that was cut every piece is needed.

        A section that took the place of its pieces holds each of them.
        """
        held = {one.chunk.id for one in self.indexed if any(_within(one.chunk, other.chunk) for other in passages)}
        return bool(held) if self.page.whole else held == self.ids()


def _within(chunk: Chunk, other: Chunk) -> bool:
    if chunk.document_id != other.document_id:
        return False
    return chunk.id == other.id or (
        other.level > chunk.level and other.start <= chunk.start and chunk.end <= other.end
    )


async def look_up(library: Library, query: Query, *, uri: str, quote: str) -> Gold:
    """The page for a question. With an empty quote every passage of it is gold."""
    view, section = await library.indexed(uri), await library.offered(uri)
    if view is None:
        page = Page(uri=uri, quote=quote, listed=section is not None, error=await library.failure_of(uri))
        return await _compared(library, page, None, ())
    whole = _holding(view, quote)
    page = Page(
        uri=uri,
        quote=quote,
        listed=section is not None,
        error=await library.failure_of(uri),
        document=view.id,
        version=view.version,
        in_index=holds(view.text, quote),
        hidden_by=await hidden_by(library, query, view),
        marked=next((one.meta["suspicion"] for one in view.chunks if "suspicion" in one.meta), ""),
        whole=bool(whole),
        tokens=max((one.chunk.tokens for one in whole), default=0),
    )
    if whole and library.cut_as_shipped(section):
        return Gold(page=page, indexed=whole, shipped=whole)
    return await _compared(library, page, view, whole)


async def _compared(library: Library, page: Page, view: DocumentView | None, whole: tuple[Passage, ...]) -> Gold:
    """With the file as it is now, for something is not as it should be."""
    shelf = await library.shelf(page.uri)
    fresh, shipped = shelf.document, tuple[Passage, ...]()
    if fresh is not None and holds(fresh.text, page.quote):
        cut = [chunk for chunk in library.cut(fresh) if holds(chunk.text, page.quote)]
        shipped = tuple(passage(fresh, chunk, version=page.version) for chunk in cut)
    pieces = whole or (_overlapping(view, page.quote) if view and page.in_index else ())
    known = {one.chunk.id for one in pieces}
    compared = replace(
        page,
        error=page.error or ("" if page.document else shelf.error),
        in_source=fresh is not None and holds(fresh.text, page.quote),
        in_bytes=shelf.raw is not None and holds(shelf.raw.data.decode("utf-8", "replace"), page.quote),
        same_text=None if fresh is None or view is None else fresh.text == view.text,
        cut_as_shipped=not shipped or {one.chunk.id for one in shipped} <= known,
    )
    return Gold(page=compared, indexed=pieces, shipped=shipped)


async def hidden_by(library: Library, query: Query, view: DocumentView) -> tuple[str, ...]:
    """What keeps a page from the asker: `acl …` first, then `filter …`; empty where nothing does."""
    wanted, groups = query.filter, await library.groups_of(view.id)
    hidden = [f"acl {', '.join(groups) or 'nobody'}"] if set(groups).isdisjoint(query.principal.groups) else []
    for name, value, allowed in (
        ("status", view.status, wanted.status),
        ("source", view.source, wanted.sources),
        ("language", view.language, wanted.languages),
        ("document", view.id, wanted.documents),
    ):
        if allowed and value not in allowed:
            hidden.append(f"filter {name}={', '.join(allowed)}, it has {value}")
    for key, want in wanted.meta.items():
        if view.meta.get(key) != want:
            hidden.append(f"filter {key}={want}, it has {view.meta.get(key, 'none')}")
    return tuple(hidden)


def holds(text: str, words: str) -> bool:
    """Case and blanks aside; no words are in every text."""
    return " ".join(words.split()).casefold() in " ".join(text.split()).casefold()


def passages_of(view: DocumentView) -> tuple[Passage, ...]:
    """Every passage of a stored document that is searched."""
    stored = bare(view)
    return tuple(passage(stored, one, version=view.version) for one in view.chunks if one.level == 0)


def embedded(one: Passage) -> str:
    """The text that a passage's vector is of."""
    return embedding_text(Document(source="", uri=one.uri, title=one.title, text="", tenant=""), one.chunk)


def bare(view: DocumentView) -> Document:
    """A stored document as it was parsed, without its blocks."""
    return Document(
        source=view.source,
        uri=view.uri,
        title=view.title,
        text=view.text,
        tenant="",
        status=view.status,
        language=view.language,
        updated_at=date.fromisoformat(view.updated_at) if view.updated_at else None,
        review_by=date.fromisoformat(view.review_by) if view.review_by else None,
        trust=view.trust,
        meta=view.meta,
    )


def _holding(view: DocumentView, quote: str) -> tuple[Passage, ...]:
    return tuple(one for one in passages_of(view) if holds(one.chunk.text, quote))


def _overlapping(view: DocumentView, quote: str) -> tuple[Passage, ...]:
    """The pieces of a quote that was cut."""
    start = view.text.casefold().find(quote.casefold())
    end = start + len(quote)
    pieces = [one for one in passages_of(view) if one.chunk.start < end and start < one.chunk.end]
    return tuple(pieces) if start >= 0 else ()
