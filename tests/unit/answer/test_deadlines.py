"""Whatever hangs, is slow or fails: an answer of a known kind, in time, in which nothing shown is missing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.store import MemoryStore
from answerable.answer.ask import Asker
from answerable.answer.composition import Composition
from answerable.answer.deadlines import SHARES, SHIPPED, Plan, within
from answerable.answer.extractive import Extractive
from answerable.answer.generation import Written
from answerable.answer.guarding import Guards
from answerable.answer.record import answer_record
from answerable.answer.request import Request
from answerable.answer.rungs import HandOver, cited_chunks, recalled
from answerable.core.completion import Completion
from answerable.core.deadline import DEFAULT_S, Deadline
from answerable.core.degraded import MEANINGS
from answerable.core.errors import (
    AnswerableError,
    DatabaseUnreachable,
    DeadlineExceeded,
    ModelUnreachable,
    TransientModelError,
    Unreachable,
)
from answerable.core.events import Text, ignore
from answerable.core.outcome import Outcome
from answerable.core.ports import CachedReply, CacheKey
from answerable.core.verdict import Verdict
from answerable.llm.chain import Chain
from answerable.llm.run import Link
from tests.unit.answer import virtual
from tests.unit.answer.making import make_blocks, make_passage
from tests.unit.answer.test_ask import KeepOrder, asker, filled, query

LATE_S = 0.1  # past its deadline an answer may be
HANG_S = 3600.0


class Trouble:
    """What a step does: `ok`, `fails`, `slow` by 0.7 s, `hangs`, or hangs and will not be `stopped`."""

    def __init__(self, kind: str, error: type[Exception] = Unreachable) -> None:
        self.kind, self.error = kind, error

    async def meet(self) -> None:
        if self.kind == "fails":
            raise self.error("gone")
        if self.kind == "slow":
            await asyncio.sleep(0.7)
        until = asyncio.get_running_loop().time() + HANG_S
        while self.kind in ("hangs", "stubborn") and asyncio.get_running_loop().time() < until:
            try:
                await asyncio.sleep(HANG_S)
            except asyncio.CancelledError:
                if self.kind == "hangs":
                    raise


class Store(MemoryStore):
    opening = dense = lexical = fetching = Trouble("ok")

    @asynccontextmanager
    async def snapshot(self, scope):
        await self.opening.meet()
        async with super().snapshot(scope) as view:
            yield _View(self, view)


class _View:
    def __init__(self, store, view) -> None:
        self.store, self.view = store, view

    async def dense(self, vector, *, limit):
        await self.store.dense.meet()
        return await self.view.dense(vector, limit=limit)

    async def lexical(self, text, *, limit, language="en"):
        await self.store.lexical.meet()
        return await self.view.lexical(text, limit=limit, language=language)

    async def idf(self, text, *, language="en"):
        return await self.view.idf(text, language=language)

    async def get(self, chunk_ids):
        await self.store.fetching.meet()
        return await self.view.get(chunk_ids)


class Embedder(HashEmbedder):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__()
        self.trouble = trouble

    async def embed(self, texts, *, kind):
        await self.trouble.meet()
        return await super().embed(texts, kind=kind)


class Reranker(KeepOrder):
    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble

    async def rerank(self, query, passages, *, limit):
        await self.trouble.meet()
        return await super().rerank(query, passages, limit=limit)


class Guard:
    def __init__(self, trouble: Trouble, *, stage: str = "both", fails: str = "open") -> None:
        self.trouble, self.stage, self.fails, self.name = trouble, stage, fails, f"{stage}-{fails}"

    async def check(self, query, answer):
        await self.trouble.meet()
        return Verdict(name=self.name, passed=True)


class Model:
    """Says two sentences; the trouble is met before the first, or after it."""

    name = "model"

    def __init__(self, before: Trouble, after: Trouble) -> None:
        self.before, self.after = before, after

    async def complete(self, rendered, *, deadline):
        raise NotImplementedError

    async def stream(self, rendered, *, deadline):
        await self.before.meet()
        text = "Items can be returned within 30 days of delivery [1]. "
        yield text
        yield "Sale items "
        await self.after.meet()
        yield "are final [1]."
        yield Completion(text=f"{text}Sale items are final [1].", model="m", provider="model")


class Conflicts:
    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble

    async def standing(self, scope, *, document_ids):
        await self.trouble.meet()
        return []

    async def both_stand(self, *, tenant, conflict_id):
        await self.trouble.meet()
        return False


class Said:
    """What was said earlier, to whoever asks."""

    def __init__(self, store, trouble: Trouble) -> None:
        self.store, self.trouble = store, trouble
        self.text = "Sale items are final [1]. Items can be returned within 30 days of delivery [1]."
        self.gone = ()

    async def earlier(self, rendered):
        await self.trouble.meet()
        async with MemoryStore.snapshot(self.store, rendered.scope) as view:
            found = await view.lexical("returned items delivery", limit=1)
        ids = (*(one.chunk.id for one in found), *self.gone)
        key = CacheKey(tenant="t", exact="e", question="q", chunk_ids=ids)
        completion = Completion(text=self.text, model="m", provider="p")
        return CachedReply(key=key, completion=completion, kept_at=datetime.now(UTC))


VIEWS = ("opening", "dense", "lexical", "fetching")
STEPS = (*VIEWS, "embed", "rerank", "guard", "conflicts", "first", "rest", "said")
KINDS = st.sampled_from(("ok", "ok", "fails", "slow", "hangs", "stubborn"))


async def troubled(kinds: dict[str, str], *, fails: str = "open", cache: bool = True) -> Asker:
    store = await filled(store=Store())
    trouble = {name: Trouble(kinds.get(name, "ok")) for name in STEPS}
    for name in VIEWS:
        setattr(store, name, Trouble(kinds.get(name, "ok"), DatabaseUnreachable))
    for name in ("first", "rest"):
        trouble[name].error = TransientModelError
    embedder = Embedder(trouble["embed"])
    model = Model(trouble["first"], trouble["rest"])
    made = await asker(
        store, model, reranker=Reranker(trouble["rerank"]), extractive=Extractive(embedder=embedder)
    )
    return replace(
        made,
        retriever=replace(made.retriever, embedder=embedder),
        guards=Guards(members=(Guard(trouble["guard"], fails=fails),)),
        conflicts=Conflicts(trouble["conflicts"]),
        earlier=Said(store, trouble["said"]) if cache else None,
    )


async def timed(one: Asker, seconds: float):
    """The answer, how long it took, and what was shown."""
    shown, begun = [], asyncio.get_running_loop().time()

    async def listen(event) -> None:
        if isinstance(event, Text):
            shown.append(event.delta)

    answer = await one.ask(query(deadline=Deadline.after(seconds)), listen=listen)
    return answer, asyncio.get_running_loop().time() - begun, "".join(shown)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.dictionaries(st.sampled_from(STEPS), KINDS, max_size=5),
    fails=st.sampled_from(("open", "closed")),
    seconds=st.sampled_from((0.1, 0.3, 1.0, 4.0)),
    cache=st.booleans(),
)
def test_whatever_happens_there_is_an_answer_in_time_with_all_that_was_shown(
    monkeypatch, kinds, fails, seconds, cache
):
    async def play():
        return await timed(await troubled(kinds, fails=fails, cache=cache), seconds)

    answer, took, shown = virtual.run(play(), monkeypatch)
    assert took <= seconds + LATE_S
    assert isinstance(answer.outcome, Outcome)
    assert set(answer.degraded) <= set(MEANINGS)
    if answer.outcome.answers:
        assert shown == answer.text
        assert all(claim.support == "supported" for claim in answer.claims if claim.kind == "fact")
    else:
        assert len(answer.next_steps) >= 2
        assert not shown or answer.outcome in (Outcome.FAILED, Outcome.BLOCKED)  # a guard stopped what had begun


def outcome(monkeypatch, kinds, *, seconds: float = DEFAULT_S, **options):
    async def play():
        return await timed(await troubled(kinds, **options), seconds)

    answer, took, _ = virtual.run(play(), monkeypatch)
    assert took <= seconds + LATE_S
    return answer


@pytest.mark.parametrize("kind", ["fails", "hangs", "stubborn"])
@pytest.mark.parametrize(
    ("step", "outcome_", "degraded"),
    [
        ("embed", Outcome.ANSWERED, ("lexical_only",)),
        ("dense", Outcome.ANSWERED, ("lexical_only",)),
        ("lexical", Outcome.ANSWERED, ("dense_only",)),
        ("rerank", Outcome.ANSWERED, ("no_rerank",)),
        ("conflicts", Outcome.ANSWERED, ("no_recorded_conflicts",)),
        ("first", Outcome.ANSWERED, ("provider_fallback", "extractive")),
        ("opening", Outcome.FAILED, ()),
    ],
)
def test_one_step_that_does_not_answer_costs_that_step(monkeypatch, step, outcome_, degraded, kind):
    answer = outcome(monkeypatch, {step: kind}, cache=False)
    assert (answer.outcome, answer.degraded) == (outcome_, degraded)


@pytest.mark.parametrize("kind", ["hangs", "stubborn"])
def test_a_model_that_hangs_after_a_sentence_leaves_that_sentence(monkeypatch, kind):
    answer = outcome(monkeypatch, {"rest": kind})
    assert answer.text == "Items can be returned within 30 days of delivery [1]."
    assert (answer.outcome, answer.degraded) == (Outcome.PARTIAL, ("cut_short",))
    assert len(answer.next_steps) >= 2


def test_a_model_that_breaks_after_a_sentence_is_finished_by_quotes(monkeypatch):
    answer = outcome(monkeypatch, {"rest": "fails"})
    assert answer.degraded == ("continued_extractively",)
    assert answer.text.startswith("Items can be returned within 30 days of delivery [1].")


def test_what_was_said_before_answers_where_no_model_does_and_is_checked_again(monkeypatch):
    answer = outcome(monkeypatch, {"first": "fails"})
    assert answer.degraded == ("provider_fallback", "cached_earlier")
    assert answer.text.startswith("Sale items are final [1].")
    assert answer.citations[0].uri == "policies/returns.md"


@pytest.mark.parametrize(
    ("cache", "word"), [(False, "extractive"), (True, "cached_earlier")], ids=["without a cache", "with one"]
)
def test_a_chain_hands_over_to_the_rungs_with_what_it_has_tried(monkeypatch, cache, word):
    async def play():
        one = await troubled({"first": "fails"}, cache=cache)
        chain = Chain(links=(Link(llm=one.llm, model="m"),), last_resort=HandOver())
        return await one_attempts(replace(one, llm=chain))

    answer, attempts = virtual.run(play(), monkeypatch)
    assert answer.degraded == ("provider_fallback", word)
    assert attempts == ["model", "extractive"][: 1 if cache else 2]


async def one_attempts(one: Asker):
    journal = MemoryJournal(answer_record)
    answer = await replace(one, journal=journal).ask(query())
    trace = await journal.trace(tenant="t", reference=answer.trace_id)
    (written,) = (step for step in trace["steps"] if step["name"] == "generate")
    return answer, [one["provider"] for one in written["detail"]["attempts"]]


def test_what_was_said_before_answers_where_nothing_can_be_searched(monkeypatch):
    answer = outcome(monkeypatch, {"lexical": "fails", "embed": "hangs"})
    assert (answer.outcome, answer.degraded[-1]) == (Outcome.ANSWERED, "cached_earlier")


@pytest.mark.parametrize("lost", ["text", "chunk", "fetching"])
def test_what_was_said_before_is_not_shown_where_its_pages_do_not_say_it_or_cannot_be_read(monkeypatch, lost):
    async def play():
        one = await troubled({"first": "fails"})
        said = one.earlier
        if lost == "text":
            said.text = "We pay you 500 euros [1]."
        else:
            said.text, said.gone = "Items can be returned within 30 days of delivery [2].", ("ch_gone",)
            one.retriever.store.fetching = Trouble("hangs" if lost == "fetching" else "ok")
        return await timed(one, DEFAULT_S)

    answer, _, shown = virtual.run(play(), monkeypatch)
    assert "500" not in shown
    assert answer.outcome is Outcome.ANSWERED
    assert answer.degraded == ("provider_fallback", "extractive")


@pytest.mark.parametrize(("fails", "outcome_"), [("open", Outcome.ANSWERED), ("closed", Outcome.FAILED)])
@pytest.mark.parametrize("kind", ["hangs", "stubborn"])
def test_a_guard_that_hangs_does_as_it_says(monkeypatch, fails, outcome_, kind):
    answer = outcome(monkeypatch, {"guard": kind}, fails=fails)
    assert answer.outcome is outcome_
    assert ("unguarded" in answer.degraded) == (fails == "open")


def test_quotes_need_no_embedder_no_database_and_little_time(monkeypatch):
    """All of them gone once the passages are there, with 0.3 s left."""

    async def play():
        one = await troubled({"fetching": "stubborn", "said": "stubborn", "first": "stubborn"})
        found = await one.retriever.find(query(language="en"), query().text)

        class Left(type(one.retriever)):
            async def find(self, query, text, parts=None):
                await asyncio.sleep(0.7)
                one.retriever.store.opening.kind = "stubborn"
                return found

        left = Left(embedder=Embedder(Trouble("stubborn")), store=one.retriever.store)
        extractive = Extractive(embedder=Embedder(Trouble("stubborn")))
        return await timed(replace(one, retriever=left, extractive=extractive), 1.0)

    answer, took, _ = virtual.run(play(), monkeypatch)
    assert took <= 1.0 + LATE_S
    assert answer.outcome is Outcome.ANSWERED
    assert "extractive_lexical_only" in answer.degraded


def test_the_last_rung_offers_two_ways_and_the_contact(monkeypatch):
    one = outcome(monkeypatch, {"opening": "fails"}, cache=False)
    assert one.outcome is Outcome.FAILED
    assert [step.target for step in one.next_steps if step.kind == "human"] == ["help@example.com"]


def test_a_client_that_leaves_leaves_no_step_behind(monkeypatch):
    async def play():
        one = await troubled({"first": "hangs"})
        task = asyncio.create_task(timed(one, DEFAULT_S))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]

    assert virtual.run(play(), monkeypatch) == []


async def test_work_that_ignores_its_end_is_left_and_its_error_is_nobodys():
    ended = asyncio.Event()

    async def stubborn():
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            ended.set()
            raise ModelUnreachable("too late") from None

    with pytest.raises(TimeoutError):
        await within(0.01, stubborn())
    assert not ended.is_set()
    await asyncio.sleep(0.06)
    assert ended.is_set()
    with pytest.raises(ModelUnreachable):
        await within(1.0, _raising(ModelUnreachable("gone")))


async def _raising(error):
    raise error


def test_every_step_leaves_time_for_those_after_it_and_a_longer_deadline_gives_it_more():
    for share in SHARES:
        short, long = (SHIPPED.seconds(share.step, Deadline.after(total)) for total in (4.0, 40.0))
        assert 0 < short <= 4.0 - share.keep
        assert long >= short
        assert share.cheaper in ("", *MEANINGS)
    with pytest.raises(KeyError):
        SHIPPED.share("unknown")


def test_reranking_gives_way_to_the_first_sentence_but_not_altogether():
    plan = Plan()
    fresh = Deadline.after(4.0)
    late = Deadline(at=fresh.at - 1.5, total_s=4.0)
    assert plan.seconds("rerank", fresh) == pytest.approx(0.8, abs=0.05)
    assert plan.seconds("rerank", late) == pytest.approx(0.3, abs=0.05)


def searched(monkeypatch, kinds):
    async def play():
        one, begun = await troubled(kinds), asyncio.get_running_loop().time()
        try:
            return await one.search(query(), limit=3), 0.0
        except AnswerableError as error:
            return error, asyncio.get_running_loop().time() - begun

    return virtual.run(play(), monkeypatch)


@pytest.mark.parametrize("kind", ["fails", "hangs", "stubborn"])
def test_a_search_keeps_the_order_it_found_where_nothing_orders_it_anew(monkeypatch, kind):
    found, _ = searched(monkeypatch, {"rerank": kind})
    assert len(found) > 0


def test_a_search_that_hangs_ends_with_a_word_for_it(monkeypatch):
    error, took = searched(monkeypatch, {"opening": "hangs"})
    assert isinstance(error, DeadlineExceeded)
    assert took <= DEFAULT_S


def test_what_a_guard_stopped_is_not_shown_because_time_ends_then(monkeypatch):
    stopped = Verdict(name="secrets", passed=False, action="block")

    class Late(Request):
        async def answer(self, query):
            composition = Composition(blocks=(), language="en", today=date(2026, 11, 22))
            composition.claims.append(object())
            self.writer = SimpleNamespace(
                composition=composition,
                blocked=stopped,
                cut=lambda: Written(composition=composition, completion=None, blocked=stopped),
            )
            raise TimeoutError

    async def play():
        return await Late(asker=await troubled({}), listen=ignore, id="an_1").answer_in_time(query(language="en"))

    assert virtual.run(play(), monkeypatch).outcome is Outcome.BLOCKED


def test_every_mark_of_an_earlier_reply_gets_the_number_that_its_passage_has_now():
    old, other = make_passage("Items can be returned."), make_passage("Sale items are final.", title="Sale")
    text = "Items can be returned【2】. Sale items are final [1][9]."
    key = CacheKey(tenant="t", exact="e", question="q", chunk_ids=(other.chunk.id, old.chunk.id))
    reply = CachedReply(key=key, completion=Completion(text=text, model="m"), kept_at=datetime.now(UTC))
    cited = cited_chunks(reply)
    blocks = make_blocks(old)
    made = recalled(reply, cited, blocks, {one.chunk.id: one for one in (old, other)})
    assert made.completion.text == "Items can be returned[1]. Sale items are final [2]."
    assert [block.passage.chunk.id for block in made.blocks] == [old.chunk.id, other.chunk.id]


async def test_a_guard_that_swallows_its_end_costs_no_other_guard_its_turn():
    class Swallows(Guard):
        async def check(self, query, answer):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return Verdict(name=self.name, passed=True)

    class Stops(Guard):
        async def check(self, query, answer):
            await asyncio.sleep(0)
            return Verdict(name=self.name, passed=False, action="block")

    slow, stops = Swallows(Trouble("ok")), Stops(Trouble("ok"), stage="question")
    checked = await Guards(members=(slow, stops)).question(query(), seconds=0.05)
    assert [(one.name, one.action) for one in checked.verdicts] == [(slow.name, "allow"), (stops.name, "block")]
    assert (await Guards(members=(slow,)).question(query(), seconds=0.05)).blocked is None
