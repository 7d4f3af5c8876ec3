"""Which chunk a question should have found, and the step at which it was lost: every step's rank, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.answer.context import build_context
from answerable.answer.followup import standalone
from answerable.answer.ranking import keep, rank, with_parents
from answerable.answer.retrieval import Found
from answerable.answer.shortening import shorten
from answerable.app.gold_pages import Gold, holds, look_up
from answerable.app.library import Library
from answerable.app.system import System
from answerable.core.errors import ConfigError
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.evals.diagnosis.pages import hidden, missing

WIDE = 200  # how far down a ranking the chunk is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One step on the way: whether the chunk came through, and the facts. held None: the step was not reached."""

    step: str
    held: bool | None
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What became of a chunk. `lost` is the first step that did not hold it; empty where it is in the context."""

    query: str
    read_as: str  # the question as it was searched for
    parts: tuple[str, ...]
    uri: str
    quote: str
    chunks: tuple[str, ...]  # the ids of the chunks that hold the words, or their pieces
    lost: str
    seen: tuple[Seen, ...]
    instead: tuple[Passage, ...]  # what the context holds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """The question's rankings."""

    dense: Sequence[Passage]
    lexical: Sequence[Passage]
    found: Found
    ranked: Sequence[Passage]
    kept: Sequence[Passage]
    context: Sequence[Passage]


async def why(system: System, text: str, *, uri: str = "", quote: str = "", groups: Sequence[str] = ()) -> Why:
    """Follow the words through every step of the search. Without a uri they are looked for in every page.

    Raises ConfigError where neither is given.
    """
    if not (uri or quote):
        raise ConfigError("nothing says which chunk is meant", hint='--gold "URI#words", or --quote "words"')
    query = system.asker.settled(system.query(text, groups=groups))
    async with Library(system=system) as library:
        place = uri or await _place_of(library, quote)
        gold = await look_up(library, query, uri=place, quote=quote) if place else None
    ways = await _walk(system, query)
    seen = [*_there(gold, quote), *(_found(gold, ways, system) if gold and gold.searchable else _NOT_REACHED)]
    return Why(
        query=text,
        read_as=ways.found.text or text,
        parts=tuple(group.part.text for group in ways.found.groups),
        uri=place,
        quote=quote,
        chunks=tuple(one.chunk.id for one in gold.indexed) if gold else (),
        lost=_lost(seen),
        seen=tuple(seen),
        instead=tuple(ways.context),
    )


def _lost(seen: Sequence[Seen]) -> str:
    """The last step that the chunk came to and did not pass; a cut chunk that came through is not lost."""
    if seen[-1].held:
        return ""
    return next((one.step for one in seen if one.held is False), "")


async def _place_of(library: Library, quote: str) -> str:
    """The page that has the words, whoever may read it; empty where none has."""
    async with library.system.store.snapshot(await library.everything()) as view:
        for language in library.system.settings.project.languages:
            found = await view.lexical(quote, limit=WIDE, language=language)
            if place := next((one.uri for one in found if holds(one.chunk.text, quote)), ""):
                return place
    return ""


async def _walk(system: System, query: Query) -> _Ways:
    """The search as an answer makes it, and both arms further down than it looks."""
    asker, text = system.asker, standalone(query)
    found = await asker.retriever.find(query, text)
    read = found.text or text
    async with asker.retriever.store.snapshot(query.scope) as view:
        vectors = await asker.retriever.embedder.embed([read], kind="query")
        dense = await view.dense(vectors[0], limit=WIDE)
        words = await shorten(view, read, language=query.language)
        lexical = await view.lexical(words, limit=WIDE, language=query.language)
    limits = asker.limits
    deep = await rank(asker.reranker, query, found, limit=WIDE)
    kept = keep(
        await rank(asker.reranker, query, found, limit=limits.top_k),
        limit=limits.keep,
        per_document=limits.per_document,
    )
    kept = await with_parents(asker.retriever.store, query, found, kept)
    context = [block.passage for block in build_context(kept, budget=limits.context_tokens)]
    return _Ways(dense=dense, lexical=lexical, found=found, ranked=deep.passages, kept=kept, context=context)


def _there(gold: Gold | None, quote: str) -> list[Seen]:
    """Whether the words are in the index in one piece, and may be seen."""
    if gold is None:
        return [Seen(step="corpus", held=False, fact=f"no page of the index has the words “{quote}”")]
    page = gold.page
    if lacks := missing(page):
        return [Seen(step="corpus", held=False, fact=f"{lacks[0].value}: {lacks[1]}")]
    seen = [Seen(step="corpus", held=True, fact=f"{page.uri}, version {page.version}")]
    cut = f"one chunk of {page.tokens} tokens" if page.whole else f"cut into {len(gold.indexed)} chunks"
    seen.append(Seen(step="chunking", held=page.whole, fact=cut))
    kept_out = hidden(page)
    return [*seen, Seen(step="filter", held=kept_out is None, fact=kept_out[1] if kept_out else "may be seen")]


def _found(gold: Gold, ways: _Ways, system: System) -> list[Seen]:
    """The ranks, step by step."""
    retriever, limits = system.asker.retriever, system.asker.limits
    wanted = gold.ids()
    dense, lexical = _rank(ways.dense, wanted), _rank(ways.lexical, wanted)
    fused, ranked = _rank(ways.found.passages, wanted), _rank(ways.ranked, wanted)
    near = [one for one in (dense, lexical) if one is not None and one <= retriever.depth]
    through_part = any(_rank(group.passages, wanted) for group in ways.found.groups)
    arms = f"dense {_at(dense)}, lexical {_at(lexical)}; each arm gives its first {retriever.depth}"
    return [
        Seen(step="arms", held=bool(near) or through_part, fact=arms),
        Seen(step="fusion", held=fused is not None or through_part, fact=_at(fused)),
        Seen(step="reranking", held=ranked is not None and ranked <= limits.top_k, fact=_at(ranked)),
        Seen(step="keep", held=gold.is_in(ways.kept), fact=f"the best {limits.keep} are kept"),
        Seen(step="context", held=gold.is_in(ways.context), fact=f"{limits.context_tokens} tokens"),
    ]


_NOT_REACHED = tuple(
    Seen(step=step, held=None, fact="not reached") for step in ("arms", "fusion", "reranking", "keep", "context")
)


def _rank(passages: Sequence[Passage], wanted: frozenset[str]) -> int | None:
    return next((at for at, one in enumerate(passages, start=1) if one.chunk.id in wanted), None)


def _at(rank: int | None) -> str:
    return f"at {rank}" if rank else f"not among the first {WIDE}"
