"""Everything that answers prompts keeps the LLM contract."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from answerable.adapters.fakes.budgets import MemoryBudgets
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider
from answerable.core.errors import PermanentModelError, TransientModelError
from answerable.llm.chain import Chain
from answerable.llm.concurrency import Limited
from answerable.llm.paying import Paid
from answerable.llm.price import Price, PriceTable
from answerable.llm.purse import Amounts, Purse
from answerable.llm.retry import Retry
from answerable.llm.run import Link
from answerable.testing.llm import MODEL, RETRY_AFTER_S, LLMContract, Make, Situation
from answerable.testing.model_server import Behavior, ModelServer
from answerable.testing.model_server.behaviors import Cut, Echo, Hang, Refuse, Status
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.models import model_server

__all__ = ["model_server"]

BUSY = TransientModelError("busy", status=429, retry_after_s=RETRY_AFTER_S)
BAD_KEY = PermanentModelError("bad key", status=401)
BROKEN = TransientModelError("broken off")


class Mirror:
    """Says what it is asked."""

    async def perform(self, exchange: Exchange) -> None:
        await exchange.reply(exchange.prompt.user)


def fake(situation: Situation) -> ScriptedLLM:
    replies = {
        "says": Reply(text=situation.text),
        "mirrors": Reply(write=lambda prompt: prompt.user),
        "length": Reply(text=situation.text, finish="length"),
        "cut": Reply(text=situation.text, error=BROKEN),
        "ends_early": Reply(text=situation.text, error=BROKEN),
        "busy": BUSY,
        "bad_key": BAD_KEY,
        "refuses": PermanentModelError("refused"),
        "hangs": Reply(text=situation.text, hold=asyncio.Event()),
    }
    return ScriptedLLM([replies[situation.kind]], model=MODEL)


def behavior(situation: Situation) -> Behavior:
    says = Echo(situation.text)
    return {
        "says": says,
        "mirrors": Mirror(),
        "length": Echo(situation.text, finish="length"),
        "cut": Cut(after=len(situation.text), say=says),
        "ends_early": Cut(after=len(situation.text), ending="clean", say=says),
        "busy": Status(429, retry_after=str(RETRY_AFTER_S)),
        "bad_key": Status(401),
        "refuses": Refuse(),
        "hangs": Hang(),
    }[situation.kind]


class TestScriptedLLM(LLMContract):
    @pytest.fixture
    def make(self) -> Make:
        return fake


class TestOpenAICompatible(LLMContract):
    @pytest.fixture
    async def make(self, model_server: ModelServer):
        provider = Provider(
            name="main", kind="openai-compatible", base_url=model_server.openai_url, model=MODEL, api_key="k"
        )
        async with OpenAICompatible(provider) as llm:

            def scripted(situation: Situation) -> OpenAICompatible:
                model_server.script(behavior(situation))
                return llm

            yield scripted


class TestAnthropic(LLMContract):
    @pytest.fixture
    async def make(self, model_server: ModelServer):
        provider = Provider(name="main", kind="anthropic", base_url=model_server.url, model=MODEL, api_key="k")
        async with Anthropic(provider) as llm:

            def scripted(situation: Situation) -> Anthropic:
                model_server.script(behavior(situation))
                return llm

            yield scripted


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
