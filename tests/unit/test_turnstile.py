"""What the turnstile charges, gives back, notices and refuses; counters in memory and a clock of our own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.fakes.tolls import MemoryTolls
from answerable.adapters.stores.tripwire import Tripwire
from answerable.api.alarms import Alarms
from answerable.api.payer import Payer
from answerable.api.problems import problem_of
from answerable.api.turnstile import Turnstile
from answerable.core.bounds import UNBOUND, Bounds, is_sweep
from answerable.core.canary import SOURCE
from answerable.core.completion import Usage
from answerable.core.document import Chunk, Document
from answerable.core.errors import DatabaseUnreachable, NotFound, Overloaded, TooMuch
from answerable.core.ports import EmbeddingModel, Happening
from answerable.core.query import Scope
from answerable.core.toll import Rate, Walk

MINUTE, DAY = 60, 86_400
ADA = Payer(tenant="acme", person="ada", key="k_ada", network="net_1")
BOB = replace(ADA, person="bob", key="k_bob")


@dataclass
class Gone(MemoryTolls):
    """A database that comes and goes."""

    away: bool = False

    async def take(self, **values):  # type: ignore[no-untyped-def, override]
        if self.away:
            raise DatabaseUnreachable("it is away")
        return await MemoryTolls.take(self, **values)


def view(*chunks: str, source: str = "manual") -> Any:
    return SimpleNamespace(id="doc_1", source=source, chunks=[SimpleNamespace(id=one) for one in chunks])


@dataclass
class Gate:
    """A turnstile with its clock and what it told."""

    bounds: Bounds
    now: float = 1_000 * DAY
    told: list[Happening] = field(default_factory=list)
    counts: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tolls = Gone(clock=lambda: self.now)
        alarms = Alarms(
            told=self.told.append, counted=lambda *what: self.counts.append(what), clock=lambda: self.now
        )
        self.turnstile = Turnstile(
            tolls=self.tolls,
            shelter=MemoryTolls(clock=lambda: self.now),
            bounds=self.bounds,
            alarms=alarms,
            settle_s=3600.0,
        )

    async def ask(self, question: str = "Who?", *shown: str, payer: Payer = ADA, tokens: int | None = 0) -> str:
        async with self.turnstile.passing(payer, question) as one:
            one.show(*shown)
            if tokens is not None:
                one.spend(Usage(input=tokens))
            return one.refused

    async def passes(self, payer: Payer = ADA, tokens: int | None = 0) -> bool:
        try:
            await self.ask(payer=payer, tokens=tokens)
        except TooMuch:
            return False
        return True


def limited(**scopes: int) -> Bounds:
    return Bounds(questions={scope: (Rate(most=most, period_s=MINUTE),) for scope, most in scopes.items()})


@pytest.mark.parametrize(
    ("scope", "other"),
    [
        ("user", BOB),
        ("key", BOB),
        ("network", replace(BOB, network="net_2")),
        ("tenant", replace(BOB, tenant="b")),
    ],
)
async def test_each_scope_has_its_own_limit_and_touches_nobody_else(scope: str, other: Payer) -> None:
    gate = Gate(limited(**{scope: 3}))
    assert [await gate.passes() for _ in range(4)] == [True, True, True, False]
    assert await gate.passes(other)
    gate.now += MINUTE / 3 + 0.01
    assert [await gate.passes(), await gate.passes()] == [True, False]


async def test_a_refusal_is_a_429_that_says_when_and_which_limit() -> None:
    gate = Gate(limited(user=1))
    await gate.ask()
    with pytest.raises(TooMuch) as caught:
        await gate.ask()
    problem = problem_of(caught.value)
    assert (problem.status, problem.code) == (429, "too_much")
    assert problem.headers["Retry-After"] == "60"
    assert problem.headers["RateLimit-Policy"] == '"user-questions";q=1;w=60'
    assert problem.headers["RateLimit"] == '"user-questions";r=0;t=60'
    assert "ada" not in str(problem.document("t"))
    assert ("answerable_toll_refused_total", "user", "questions") in gate.counts
    assert [one.name for one in gate.told] == ["limit.reached"]  # once, not for each refusal
    assert not await gate.passes()
    assert len(gate.told) == 1


async def test_whoever_passes_is_told_what_is_left_of_the_tightest_limit() -> None:
    gate = Gate(limited(user=4, tenant=100))
    async with gate.turnstile.passing(ADA, "Who?") as one:
        assert one.headers["RateLimit"] == '"user-questions";r=3;t=15'


async def test_a_search_for_many_passages_counts_as_several_questions() -> None:
    gate = Gate(limited(user=4))
    async with gate.turnstile.passing(ADA, "list", counts=4.0):
        pass
    assert not await gate.passes()


async def test_a_person_may_have_a_limit_of_its_own() -> None:
    gate = Gate(replace(limited(user=1), people={"bob": (Rate(most=3, period_s=MINUTE),)}))
    assert [await gate.passes(BOB) for _ in range(4)] == [True, True, True, False]
    assert [await gate.passes(ADA) for _ in range(2)] == [True, False]


async def test_tokens_are_held_before_and_only_those_used_stay_charged() -> None:
    tokens = {"key": (Rate(most=10_000, period_s=DAY),)}
    gate = Gate(Bounds(tokens=tokens, reserve_tokens=3_000))
    assert all([await gate.passes(tokens=500) for _ in range(13)])  # 13 times what is held would never fit
    assert all([await gate.passes(tokens=None) for _ in range(1)])  # aborted: nobody knows, it stays charged
    assert not await gate.passes()


async def test_who_aborts_pays_what_was_held() -> None:
    gate = Gate(Bounds(tokens={"key": (Rate(most=10_000, period_s=DAY),)}, reserve_tokens=4_000))

    async def abort() -> None:
        async with gate.turnstile.passing(ADA, "Who?"):
            await asyncio.Event().wait()

    for _ in range(2):
        task = asyncio.create_task(abort())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert not await gate.passes()


async def test_too_many_of_one_person_at_once_are_refused_and_a_place_is_given_back_however_it_ends() -> None:
    gate = Gate(Bounds(concurrent_user=2))
    async with gate.turnstile.passing(ADA, "a"), gate.turnstile.passing(ADA, "b"):
        with pytest.raises(Overloaded) as caught:
            await gate.ask()
        assert problem_of(caught.value).code == "own_share"
        assert await gate.passes(BOB)
    with pytest.raises(ValueError, match="broke"):
        async with gate.turnstile.passing(ADA, "a"):
            raise ValueError("broke")
    async with gate.turnstile.passing(ADA, "a"), gate.turnstile.passing(ADA, "b"):
        pass


async def test_who_has_seen_enough_is_referred_to_a_person_and_an_operator_is_told_once() -> None:
    gate = Gate(Bounds(passages=(Rate(most=5, period_s=DAY),)))
    assert await gate.ask("one", "a", "b", "c") == ""
    assert await gate.ask("two", "a", "b", "c") == ""  # the same again is nothing new
    assert await gate.ask("three", "d", "e") == ""
    assert await gate.ask("four") == "passages"
    assert await gate.ask("five") == "passages"
    assert await gate.ask("one", payer=BOB) == ""
    (alarm,) = gate.told
    assert (alarm.name, alarm.props["kind"], alarm.props["principal"]) == ("abuse.suspected", "passages", "ada")
    gate.now += DAY
    assert await gate.ask("six") == ""


async def test_opened_documents_count_their_passages_up_to_a_cap_and_are_refused_after() -> None:
    gate = Gate(Bounds(passages=(Rate(most=5, period_s=DAY),), per_document=4))
    long = [f"ch_{n}" for n in range(100)]
    await gate.turnstile.opened(ADA, view(*long))
    await gate.turnstile.opened(ADA, view(*long))
    await gate.turnstile.opened(ADA, view("other"))
    with pytest.raises(TooMuch) as caught:
        await gate.turnstile.opened(ADA, view("third"))
    problem = problem_of(caught.value)
    assert (problem.status, problem.code) == (429, "seen_enough")
    assert int(problem.headers["Retry-After"]) > 3600


async def test_an_opened_document_is_a_quarter_of_a_question() -> None:
    gate = Gate(limited(user=2))
    for _ in range(8):
        await gate.turnstile.opened(ADA, view("a"))
    with pytest.raises(TooMuch):
        await gate.turnstile.opened(ADA, view("a"))


async def test_a_template_filled_in_is_a_sweep_and_slows_its_person_down() -> None:
    bounds = Bounds(
        questions={"user": (Rate(most=100, period_s=DAY),)}, passages=(Rate(most=900, period_s=DAY),), sweep="slow"
    )
    gate = Gate(bounds)
    passed = 0
    with pytest.raises(TooMuch):
        while passed < 100:
            await gate.ask(f"What does the manual say about item{passed}?", f"ch_{passed}", f"ch_b{passed}")
            passed += 1
    assert 30 <= passed < 40
    assert [one.props["kind"] for one in gate.told if one.name == "abuse.suspected"] == ["sweep"]


async def test_a_sweep_that_is_only_told_of_goes_on() -> None:
    gate = Gate(Bounds(passages=(Rate(most=900, period_s=DAY),), sweep="tell"))
    assert {await gate.ask(f"What is item{n}?", f"ch_{n}") for n in range(60)} == {""}
    assert [one.props["action"] for one in gate.told] == ["tell"]


@pytest.mark.parametrize(
    ("asked", "shapes", "passages", "sweep"),
    [(29, 1, 29, False), (30, 10, 21, True), (30, 11, 30, False), (30, 1, 20, False), (300, 90, 250, True)],
)
def test_a_sweep_is_many_questions_of_few_forms_that_show_new_things(
    asked: int, shapes: float, passages: float, sweep: bool
) -> None:
    assert is_sweep(Walk(name="a", period_s=DAY, asked=asked, shapes=shapes, passages=passages)) is sweep


async def test_while_the_database_is_away_the_process_counts_alone_and_nothing_seen_is_lost() -> None:
    gate = Gate(replace(limited(user=3), passages=(Rate(most=4, period_s=DAY),)))
    await gate.ask("one", "a", "b")
    gate.tolls.away = True
    assert [await gate.passes() for _ in range(4)] == [True, True, True, False]
    assert ("answerable_toll_sheltered_total",) in gate.counts
    gate.now += 10 * MINUTE
    await gate.ask("two", "c", "d")
    gate.tolls.away = False
    assert await gate.ask("three") == "passages"


async def test_without_bounds_nothing_is_counted_or_asked() -> None:
    gate = Gate(UNBOUND)
    gate.tolls.away = True
    assert all([await gate.passes() for _ in range(100)])
    assert gate.counts == []


async def test_closing_writes_what_is_still_to_be_settled() -> None:
    gate = Gate(Bounds(passages=(Rate(most=4, period_s=DAY),)))
    await gate.ask("one", "a", "b", "c")
    await gate.turnstile.close()
    (walk,) = await gate.tolls.walks(tenant="acme", name="ada", periods=[DAY])
    assert (walk.asked, walk.passages) == (1, 3)


MODEL = EmbeddingModel(name="fake", revision="1", dim=2)


async def a_store() -> Tripwire:
    store = Tripwire(inner=MemoryStore())
    texts = {
        "manual": "How long can goods be returned? Within 30 days.",
        SOURCE: "Complete list of all documents.",
    }
    for n, (source, text) in enumerate(texts.items()):
        document = Document(source=source, uri="a.md", title="A", text=text, tenant="acme")
        chunk = Chunk(document_id=document.id, start=0, end=len(text), text=text)
        await store.replace(document, [chunk], np.eye(2, dtype=np.float32)[n : n + 1], model=MODEL)
    return store


@pytest.mark.parametrize(
    ("question", "vector", "alarms"),
    [("complete list of all documents", (0.0, 1.0), 1), ("how long can goods be returned", (1.0, 0.0), 0)],
)
async def test_a_canary_is_never_found_and_whoever_finds_it_first_is_told_of(
    question: str, vector: tuple[float, float], alarms: int
) -> None:
    gate, store = Gate(UNBOUND), await a_store()
    for _ in range(2):
        async with gate.turnstile.passing(ADA, question), store.snapshot(Scope(tenant="acme")) as found:
            dense = await found.dense(np.asarray(vector, dtype=np.float32), limit=1)
            lexical = await found.lexical(question, limit=5)
            assert {one.source for one in (*dense, *lexical)} <= {"manual"}
            assert len(dense) == 1
    assert [one.props["kind"] for one in gate.told] == ["canary"] * alarms


async def test_a_canary_opened_by_its_id_is_not_there_and_an_alarm() -> None:
    gate = Gate(UNBOUND)
    with pytest.raises(NotFound):
        await gate.turnstile.opened(ADA, view("a", source=SOURCE))
    assert [one.props["where"] for one in gate.told] == ["document"]


async def test_the_mark_of_a_canary_in_an_answer_is_an_alarm() -> None:
    gate = Gate(UNBOUND)
    async with gate.turnstile.passing(ADA, "Who?") as one:
        one.marks.append("cnry-0123456789abcdef")
    assert [(one.props["where"], one.props["canary"]) for one in gate.told] == [
        ("answer", "cnry-0123456789abcdef")
    ]
