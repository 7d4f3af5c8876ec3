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
from answerable.core.rate import RateLimit
from answerable.llm.chain import Chain
from answerable.llm.concurrency import Limited
from answerable.llm.paying import Paid
from answerable.llm.price import Price, PriceTable
from answerable.llm.purse import Amounts, Purse
from answerable.llm.retry import Retry
from answerable.llm.run import Link
from answerable.testing.http_llm import HTTPModelContract, Served
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
