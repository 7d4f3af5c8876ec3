"""Everything that answers prompts keeps the LLM contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from answerable.adapters.fakes.budgets import MemoryBudgets
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.models.adapter import model_at
from answerable.adapters.models.provider import Provider, Times
from answerable.core.completion import Usage
from answerable.core.errors import PermanentModelError, TransientModelError
from answerable.core.ports import LLM
from answerable.core.rate import RateLimit
from answerable.llm.balance import Balanced
from answerable.llm.booking import Booked
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.chain import Chain
from answerable.llm.concurrency import Limited
from answerable.llm.hedge import Hedged
from answerable.llm.paying import Paid
from answerable.llm.price import Price, PriceTable
from answerable.llm.purse import Amounts, Purse
from answerable.llm.retry import Retry
from answerable.llm.route import Route
from answerable.llm.run import Link
from answerable.testing.http_llm import HTTPModelContract, Served, behavior_for
from answerable.testing.llm import MODEL, RETRY_AFTER_S, LLMContract, Make, Situation, completed
from answerable.testing.model_server import ModelServer
from answerable.testing.models import model_server

__all__ = ["model_server"]

BUSY = TransientModelError("busy", status=429, retry_after_s=RETRY_AFTER_S)
BAD_KEY = PermanentModelError("bad key", status=401)
BROKEN = TransientModelError("broken off")


def fake(situation: Situation) -> ScriptedLLM:
    replies = {
        "says": Reply(text=situation.text),
        "mirrors": Reply(write=lambda prompt: prompt.user),
        "length": Reply(text=situation.text, finish="length"),
        "cut": Reply(text=situation.text, error=BROKEN),
        "ends_early": Reply(text=situation.text, error=BROKEN),
        "busy": BUSY,
        "bad_key": BAD_KEY,
        "too_long": PermanentModelError("too long", status=400, reason="too_long"),
        "bad_request": PermanentModelError("no such field", status=400),
        "refuses": PermanentModelError("refused", reason="refusal"),
        "hangs": Reply(text=situation.text, hold=asyncio.Event()),
        "stalls": Reply(text=situation.text, pause=asyncio.Event()),
        "fails_inside": Reply(text=situation.text, error=BROKEN),
        "no_usage": Reply(text=situation.text, usage=Usage(input=9, output=9, estimated=True)),
    }
    return ScriptedLLM([replies[situation.kind]], model=MODEL)


class TestScriptedLLM(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return fake


async def served(server: ModelServer, kind: str) -> AsyncIterator[Served]:
    url = server.openai_url if kind == "openai-compatible" else server.url
    provider = Provider(
        name="main", kind=kind, base_url=url, model=MODEL, api_key="k", times=Times(first_token_s=5.0)
    )
    rates: list[RateLimit] = []
    async with model_at(provider, on_rate=rates.append) as llm:
        yield Served(llm=llm, server=server, rates=rates)


class TestOpenAICompatible(HTTPModelContract):
    @pytest.fixture
    async def served(self, model_server: ModelServer):
        async for one in served(model_server, "openai-compatible"):
            yield one

    async def test_the_fingerprint_of_the_backend_is_told(self, make: Make) -> None:
        assert (await completed(make(Situation(kind="says")))).fingerprint == "fp_scripted"


class TestAzure(HTTPModelContract):
    @pytest.fixture
    async def served(self, model_server: ModelServer):
        async for one in served(model_server, "azure"):
            yield one


class TestAnthropic(HTTPModelContract):
    @pytest.fixture
    async def served(self, model_server: ModelServer):
        async for one in served(model_server, "anthropic"):
            yield one


class TestChain(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda situation: Chain(links=(Link(llm=fake(situation)),), held_chars=10)


class TestRetry(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda situation: Retry(llm=fake(situation))


class TestLimited(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda situation: Limited(fake(situation), permits=2)


class TestPaid(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        table = PriceTable(prices={"m": Price(input=Decimal(1), output=Decimal(2))})
        day = Amounts(daily=Decimal(1000))
        return lambda situation: Paid(
            llm=fake(situation), model="m", table=table, purse=Purse(amounts=day, budgets=MemoryBudgets())
        )


def endpoint(llm: LLM, name: str = "a") -> Breaker:
    """An endpoint as the gateway makes one."""
    return Breaker(llm=Limited(Booked(llm=llm, model=MODEL, endpoint=name), permits=64), id=name)


def hedged(balanced: Balanced) -> Hedged:
    """One that sends a second request almost at once."""
    llm = Hedged(balanced=balanced, budget=RetryBudget(share=1.0), most_errors=1.0)
    llm.first_text_s.values.extend([0.001] * 50)
    llm.whole_s.values.extend([0.001] * 50)
    return llm


class TestBooked(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda situation: Booked(llm=fake(situation), model=MODEL)


class TestBreaker(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda situation: endpoint(fake(situation))


class TestBalanced(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return lambda situation: Balanced(endpoints=[endpoint(fake(situation), name) for name in "ab"])


class TestHedged(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        def made(situation: Situation) -> Hedged:
            return hedged(Balanced(endpoints=[endpoint(fake(situation), name) for name in "ab"]))

        return made


class TestRoute(LLMContract):
    """All of it over HTTP, with a second request for nearly every first one."""

    @pytest.fixture
    async def make(self, model_server: ModelServer):
        provider = Provider(
            name="main", kind="openai-compatible", base_url=model_server.openai_url, model=MODEL, api_key="k"
        )
        async with model_at(provider) as one, model_at(provider) as other:

            def scripted(situation: Situation) -> Route:
                model_server.script(behavior_for(situation))
                llm = hedged(Balanced(endpoints=[endpoint(one, "a"), endpoint(other, "b")]))
                retry = Retry(llm=llm, budget=llm.budget)
                chain = Chain(links=(Link(llm=retry),), held_chars=10)
                return Route(llm=chain, use="answer", budget=llm.budget)

            yield scripted
