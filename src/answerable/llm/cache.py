"""An LLM that gives a reply again that was given before to the very same, instead of asking for a new one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from answerable.core.call import Call, Observer
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.degraded import NO_CACHE
from answerable.core.errors import Broken
from answerable.core.ports import LLM, CachedReply, CacheKey, Replies
from answerable.core.prompt import Rendered
from answerable.core.seam import seam
from answerable.core.trace import current
from answerable.llm.attempts import opened
from answerable.llm.cache_key import Ground, asked_key, make_key
from answerable.llm.flights import Flights
from answerable.llm.patience import KEEP_S, Patience
from answerable.llm.semantic import Semantic
from answerable.text.sentences import sentences

Leaks = Callable[[Rendered, str], bool]


def shows_chance(rendered: Rendered, text: str) -> bool:
    """Whether a text has the request's canary or boundary in it, letter by letter."""
    return any(one and one in text for one in (rendered.canary, rendered.boundary))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cached:
    """A route with a memory. It stands below verification and guards: what it gives again is checked again.

    A reply is found by its key (llm/cache_key.py): same reader's rights, prompt, models, question and passages.
    What is found is given sentence by sentence, costs nothing, and says so in `Completion.cache`. Who asks
    the same at the same time shares one call. A cache that fails, or takes longer than its patience, is passed by.

    Nothing is kept by itself: `keep` is for who knows that the reply passed every check.
    Decisions: docs/decisions/0163-*.md, 0164-*.md.
    """

    llm: LLM
    replies: Replies
    ground: Ground
    ttl_s: float
    leaks: Leaks = shows_chance
    semantic: Semantic | None = None
    observers: Sequence[Observer] = ()
    patience: Patience = field(default_factory=Patience)
    keeping: Patience = field(default_factory=lambda: Patience(wait_s=KEEP_S))
    flights: Flights = field(default_factory=Flights)

    @property
    def name(self) -> str:
        """The name of the route behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The reply. Raises what the route behind raises."""
        key = self._key(rendered)
        if key is None:
            return await self.llm.complete(rendered, deadline=deadline)
        if found := await self._found(key, rendered):
            return found

        async def whole() -> AsyncIterator[str | Completion]:
            completion = await self.llm.complete(rendered, deadline=deadline)
            yield completion.text
            yield completion

        async with opened(self._joined(key, rendered, whole, deadline)) as pieces:
            return [piece async for piece in pieces if isinstance(piece, Completion)][-1]

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces. Raises what the route behind raises."""
        key = self._key(rendered)
        if key is None:
            pieces: AsyncIterator[str | Completion] = self.llm.stream(rendered, deadline=deadline)
        elif found := await self._found(key, rendered):
            for sentence in spoken(found.text, rendered.language):
                yield sentence
            yield found
            return
        else:
            asked = lambda: self.llm.stream(rendered, deadline=deadline)  # noqa: E731 - of this request's own
            pieces = self._joined(key, rendered, asked, deadline)
        async with opened(pieces):
            async for piece in pieces:
                yield piece

    async def keep(self, rendered: Rendered, completion: Completion) -> None:
        """Only what a model has said now and to the end is kept. Never raises; bounded in time."""
        key = self._key(rendered)
        if key is None or not self._fit(rendered, completion):
            return
        reply = CachedReply(
            key=key, completion=replace(completion, attempts=(), rate=None), kept_at=datetime.now(UTC)
        )
        if self.semantic is not None:
            reply = await self.semantic.described(reply, rendered, self.ground)
        await self.keeping.within(self.replies.put(reply, ttl_s=self.ttl_s), tell=False)

    async def earlier(self, rendered: Rendered) -> CachedReply | None:
        """The newest reply to the same question, on the same day, for the same rights. Never raises; a hit."""
        key = make_key(rendered, self.ground)
        if key is None:
            return None
        found = await self.patience.within(self._said(key))
        return found and replace(found, completion=self._again(found.completion, "earlier", rendered))

    def _key(self, rendered: Rendered) -> CacheKey | None:
        """None where nothing can be kept or found: a reply is made from passages."""
        return make_key(rendered, self.ground) if rendered.blocks else None

    async def _found(self, key: CacheKey, rendered: Rendered) -> Completion | None:
        reply = await self.patience.within(self._kept(key))
        if reply is not None:
            return self._again(reply.completion, "exact", rendered)
        if self.semantic is None:
            return None
        alike = await self.semantic.find(self.replies, rendered, self.ground)
        return None if alike is None else self._again(alike, "semantic", rendered)

    async def _kept(self, key: CacheKey) -> CachedReply | None:
        found = await self.replies.get(tenant=key.tenant, exact=key.exact)
        return None if found is None else sound(found, key, same=lambda one: one.exact)

    async def _said(self, key: CacheKey) -> CachedReply | None:
        found = await self.replies.earlier(tenant=key.tenant, question=key.question)
        return None if found is None else sound(found, key, same=lambda one: one.question)

    async def _joined(
        self,
        key: CacheKey,
        rendered: Rendered,
        stream: Callable[[], AsyncIterator[str | Completion]],
        deadline: Deadline,
    ) -> AsyncGenerator[str | Completion, None]:
        """One flight for those whose reply is the same and whose bill is the same."""
        joining = self.flights.join(
            (key.exact, rendered.key),
            stream,
            leaks=lambda text: self.leaks(rendered, text),
            language=rendered.language,
            deadline=deadline,
        )
        async with opened(joining) as pieces:
            async for piece in pieces:
                if isinstance(piece, Completion) and piece.cache:
                    self._book(piece, rendered, saved=None)
                yield piece

    def _fit(self, rendered: Rendered, completion: Completion) -> bool:
        """Whether it may be kept: a model's own, finished and whole, without shortcuts and secrets."""
        trace = current.get()
        cheaper = set(trace.degraded if trace else ()) - {NO_CACHE}
        whole = completion.finish == "stop" and bool(completion.text.strip())
        if completion.cache or completion.degraded or cheaper or not whole:
            return False
        return not shows_chance(rendered, completion.text) and not self.leaks(rendered, completion.text)

    def _again(self, completion: Completion, how: str, rendered: Rendered) -> Completion:
        cost = completion.usage.cost
        nothing = Usage(cost=Decimal(0), currency=completion.usage.currency)
        given = replace(completion, usage=nothing, cache=how)
        self._book(given, rendered, saved=cost)
        return given

    def _book(self, completion: Completion, rendered: Rendered, *, saved: Decimal | None) -> None:
        trace, scope = current.get(), rendered.scope
        call = Call(
            use=self.ground.use,
            provider="cache",  # with its kind as the endpoint: so every count by endpoint tells hit rates, too
            model=completion.model,
            outcome="hit",
            tenant=scope.tenant if scope else "",
            principal=rendered.principal,
            key=rendered.key,
            trace_id=trace.id if trace else "",
            endpoint=completion.cache,
            reported=completion.model,
            fingerprint=completion.fingerprint,
            question=asked_key(rendered),
            prompt_id=rendered.prompt_id,
            prompt_version=rendered.version,
            prompt_sha256=rendered.sha256,
            usage=completion.usage,
            saved=saved,
        )
        for observe in self.observers:
            observe(call)


def sound(reply: CachedReply, key: CacheKey, *, same: Callable[[CacheKey], str]) -> CachedReply:
    """The reply, if it is whole and was kept for this. Raises Broken."""
    with seam("cache"):
        if reply.key.tenant != key.tenant or same(reply.key) != same(key):
            raise Broken("the cache gave a reply to something else")
        if not isinstance(reply.completion, Completion) or not reply.completion.text.strip():
            raise Broken("the cache gave a damaged reply")
    return reply


def spoken(text: str, language: str) -> Iterator[str]:
    """A text in pieces as a stream would give it: a sentence each, with the blanks that follow it."""
    starts = [start for start, _ in sentences(text, language)][1:]
    for start, end in zip([0, *starts], [*starts, len(text)], strict=True):
        if start < end:
            yield text[start:end]
