"""A reply is given again only where it may be, and a cache that fails is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.fakes.replies import MemoryReplies
from answerable.core import trace as tracing
from answerable.core.call import Call
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.errors import DatabaseUnreachable, IntegrityError
from answerable.core.passage import Passage
from answerable.core.ports import LLM, CachedReply
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Scope
from answerable.core.trace import Trace
from answerable.llm.cache import Cached, spoken
from answerable.llm.cache_key import Ground
from answerable.llm.patience import Patience
from answerable.llm.recent_replies import Recent

TEXT = "Thirty days [1]. Keep the receipt [1][2].\n\n- Not worn [2]."
COST = Decimal("0.0021")
GROUND = Ground(use="answer", models=("main/m-1",), index="minilm@1")


def a_prompt(
    question: str = "How long?", *, texts: Sequence[str] = ("30 days.", "Receipt."), key: str = "k"
) -> Rendered:
    blocks = tuple(
        ContextBlock(
            n=n, passage=Passage(chunk=Chunk(document_id="d", start=0, end=len(text), text=text), score=1.0)
        )
        for n, text in enumerate(texts, 1)
    )
    return Rendered(
        prompt_id="answer",
        version="1.0.0",
        sha256="0" * 64,
        system="Only from the sources. cn-1234567890abcdef",
        user="…",
        question=question,
        blocks=blocks,
        canary="cn-1234567890abcdef",
        boundary="0123456789ab",
        basis="pb_1",
        scope=Scope(tenant="acme"),
        principal="p1",
        key=key,
    )


def a_model(text: str = TEXT, *, finish: str = "stop") -> ScriptedLLM:
    usage = Usage(input=900, output=40, cost=COST, currency="EUR")
    return ScriptedLLM([Reply(text=text, finish=finish, usage=usage)], name="main", model="m-1")


class Bench:
    """A route with a cache, what it was asked and what was booked."""

    def __init__(self, llm: LLM | None = None, *, patience: Patience | None = None) -> None:
        self.llm = llm or a_model()
        self.replies = MemoryReplies()
        self.calls: list[Call] = []
        self.cached = Cached(
            llm=self.llm,
            replies=self.replies,
            ground=GROUND,
            ttl_s=60.0,
            observers=(self.calls.append,),
            patience=patience or Patience(wait_s=5.0),
        )

    async def ask(self, rendered: Rendered | None = None) -> tuple[list[str], Completion]:
        stream = self.cached.stream(rendered or a_prompt(), deadline=Deadline.after(5))
        *pieces, last = [piece async for piece in stream]
        assert isinstance(last, Completion)
        return [str(piece) for piece in pieces], last

    async def tell(self, rendered: Rendered | None = None) -> Completion:
        """Ask, and keep what came."""
        _, completion = await self.ask(rendered)
        await self.cached.keep(rendered or a_prompt(), completion)
        return completion

    @property
    def asked(self) -> int:
        assert isinstance(self.llm, ScriptedLLM)
        return len(self.llm.calls)


async def test_what_was_kept_is_given_again_by_sentences_at_no_cost_and_booked() -> None:
    bench = Bench()
    first = await bench.tell()
    assert (first.cache, first.usage.cost, bench.calls) == ("", COST, [])
    pieces, again = await bench.ask(replace(a_prompt("How  long?"), principal="p2", canary="cn-2", boundary="b2"))
    assert (bench.asked, "".join(pieces), again.text) == (1, TEXT, TEXT)
    assert len(pieces) == 3
    assert (again.cache, again.usage, again.attempts) == ("exact", Usage(cost=Decimal(0), currency="EUR"), ())
    (call,) = bench.calls
    assert (call.outcome, call.provider, call.endpoint, call.use) == ("hit", "cache", "exact", "answer")
    assert (call.saved, call.usage, call.tenant, call.principal) == (COST, again.usage, "acme", "p2")
    whole = await bench.cached.complete(a_prompt(), deadline=Deadline.after(5))
    assert (whole.text, whole.cache, bench.asked) == (TEXT, "exact", 1)


async def test_nothing_is_kept_by_itself() -> None:
    bench = Bench()
    await bench.ask()
    await bench.ask()
    assert bench.asked == 2


async def test_other_passages_or_another_question_are_another_reply() -> None:
    bench = Bench()
    await bench.tell()
    for other in (
        a_prompt("How long in Spain?"),
        a_prompt(texts=("31 days.", "Receipt.")),
        a_prompt(texts=("30 days.",)),
    ):
        _, completion = await bench.ask(other)
        assert completion.cache == ""
    assert bench.asked == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"finish": "length"},
        {"finish": "refusal"},
        {"text": " \n"},
        {"degraded": ("provider_fallback",)},
        {"degraded": ("extractive",)},
        {"cache": "exact"},
        {"text": "The secret is cn-1234567890abcdef [1]."},
        {"text": "</source 0123456789ab> Thirty days [1]."},
    ],
)
async def test_only_a_models_own_whole_and_clean_reply_is_kept(changed: dict[str, object]) -> None:
    bench = Bench()
    _, completion = await bench.ask()
    await bench.cached.keep(a_prompt(), replace(completion, **changed))  # type: ignore[arg-type]
    assert (await bench.replies.census(tenant="acme")).entries == 0
    await bench.cached.keep(a_prompt(), completion)
    assert (await bench.replies.census(tenant="acme")).entries == 1


@pytest.mark.parametrize(("skipped", "kept"), [("lexical_only", 0), ("no_rerank", 0), ("no_cache", 1)])
async def test_a_reply_of_a_shortened_way_is_not_kept(skipped: str, kept: int) -> None:
    bench = Bench()
    token = tracing.current.set(Trace(tenant="acme", degraded=[skipped]))
    try:
        await bench.tell()
    finally:
        tracing.current.reset(token)
    assert (await bench.replies.census(tenant="acme")).entries == kept


async def test_a_prompt_without_passages_or_without_an_owner_goes_straight_to_the_model() -> None:
    bench = Bench()
    for prompt in (a_prompt(texts=()), replace(a_prompt(), scope=None), replace(a_prompt(), basis="")):
        assert (await bench.tell(prompt)).cache == ""
        assert (await bench.cached.complete(prompt, deadline=Deadline.after(5))).cache == ""
    assert bench.asked == 6
    assert (await bench.replies.census(tenant="acme")).entries == 0


async def test_what_was_said_earlier_is_told_with_the_passages_it_was_made_from() -> None:
    bench = Bench()
    await bench.tell()
    found = await bench.cached.earlier(a_prompt(texts=()))
    assert found is not None
    assert (found.completion.text, found.completion.cache) == (TEXT, "earlier")
    assert found.key.chunk_ids == tuple(block.passage.chunk.id for block in a_prompt().blocks)
    assert [call.endpoint for call in bench.calls] == ["earlier"]
    assert await bench.cached.earlier(a_prompt("How short?", texts=())) is None
    assert await bench.cached.earlier(replace(a_prompt(), scope=None)) is None


class Failing(MemoryReplies):
    """Fails, or never answers."""

    def __init__(self, failure: Exception | None) -> None:
        super().__init__()
        self.failure = failure
        self.asked = 0

    async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
        self.asked += 1
        if self.failure is None:
            await asyncio.Event().wait()
            return None
        raise self.failure

    async def put(self, reply: CachedReply, *, ttl_s: float) -> None:
        await self.get(tenant="", exact="")


@pytest.mark.parametrize("failure", [DatabaseUnreachable("down"), IntegrityError("garbage"), None])
async def test_a_cache_that_fails_or_hangs_is_passed_by_and_left_alone_for_a_while(
    failure: Exception | None,
) -> None:
    now = [100.0]
    bench = Bench(patience=Patience(wait_s=0.01, rest_s=5.0, clock=lambda: now[0]))
    replies = Failing(failure)
    keeping = Patience(wait_s=0.01, rest_s=5.0, clock=lambda: now[0])
    cached = replace(bench.cached, replies=replies, keeping=keeping)
    trace = Trace(tenant="acme")
    token = tracing.current.set(trace)
    try:
        for expected in (1, 1):
            last = [piece async for piece in cached.stream(a_prompt(), deadline=Deadline.after(5))][-1]
            assert isinstance(last, Completion)
            assert (last.text, replies.asked) == (TEXT, expected)
        assert await cached.earlier(a_prompt()) is None
        assert replies.asked == 1
        assert trace.degraded == ["no_cache"]
        trace.degraded.clear()
        for expected in (2, 2):
            await cached.keep(a_prompt(), last)
            assert replies.asked == expected
        assert trace.degraded == []  # an answer that is not kept is no worse
        now[0] += 5.1
        await cached.keep(a_prompt(), last)
        assert replies.asked == 3
    finally:
        tracing.current.reset(token)
    assert bench.asked == 2


def test_a_text_is_spoken_in_sentences_and_nothing_is_lost() -> None:
    for text in (TEXT, "One", "", "  A. B!  C?\n", "- a\n- b\n"):
        assert "".join(spoken(text, "en")) == text


async def test_the_last_seconds_are_held_in_the_process_and_no_longer_or_larger() -> None:
    now = [0.0]
    bench = Bench()
    await bench.tell()
    (reply,) = bench.replies._alive("acme")
    recent = Recent(bench.replies, seconds=5.0, max_bytes=3000, clock=lambda: now[0])
    assert await recent.get(tenant="acme", exact=reply.key.exact) == reply
    await bench.replies.forget(tenant="acme")  # by another process
    assert await recent.get(tenant="acme", exact=reply.key.exact) == reply
    assert await recent.get(tenant="other", exact=reply.key.exact) is None
    now[0] = 5.0
    assert await recent.get(tenant="acme", exact=reply.key.exact) is None
    for n in range(5):
        other = replace(reply, key=replace(reply.key, exact=f"{n:064x}"))
        await recent.put(other, ttl_s=60.0)
        assert await recent.get(tenant="acme", exact=other.key.exact) == other
    assert len(recent._held) == 2
    assert await recent.forget(tenant="acme") == 5
    assert await recent.get(tenant="acme", exact=f"{4:064x}") is None
    assert recent._bytes == 0


async def test_two_who_ask_for_one_held_reply_at_once_leave_its_room_counted_once() -> None:
    bench = Bench()
    await bench.tell()
    (reply,) = bench.replies._alive("acme")
    gate = asyncio.Event()

    class Slow:
        async def get(self, *, tenant: str, exact: str) -> CachedReply | None:
            await gate.wait()
            return reply

    recent = Recent(Slow(), max_bytes=3000)  # type: ignore[arg-type]
    asked = [asyncio.create_task(recent.get(tenant="acme", exact=reply.key.exact)) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    assert set(await asyncio.gather(*asked)) == {reply}
    recent._drop("acme", reply.key.exact)
    assert recent._bytes == 0
