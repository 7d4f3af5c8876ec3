"""The contract of a model behind HTTP: what can only be seen where there is a server to look at it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import TransientModelError
from answerable.core.ports import LLM
from answerable.core.rate import RateLimit
from answerable.testing.llm import PATIENCE_S, Call, LLMContract, Situation, both_ways, completed, rendered
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import (
    Behavior,
    Cut,
    Drip,
    Echo,
    Hang,
    LateError,
    Metered,
    Miscount,
    OtherModel,
    Reason,
    Refuse,
    Stall,
    Status,
)
from answerable.testing.model_server.exchange import Exchange

SEEN_WITHIN_S = 1.0
_LONG = "word " * 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A model behind a scripted server; `rates` holds what its observer was told."""

    llm: LLM
    server: ModelServer
    rates: list[RateLimit]

    def does(self, behavior: Behavior) -> LLM:
        """The same model, from now on behaving so."""
        self.server.script(behavior)
        return self.llm


class Mirror:
    """Says what it is asked."""

    async def perform(self, exchange: Exchange) -> None:
        """Say it."""
        await exchange.reply(exchange.prompt.user)


def behavior_for(situation: Situation) -> Behavior:
    """What the scripted server does in each situation of the LLM contract."""
    text = situation.text
    says = Echo(text)
    kinds: dict[str, Behavior] = {
        "says": says,
        "mirrors": Mirror(),
        "length": Echo(text, finish="length"),
        "cut": Cut(after=len(text), say=says),
        "ends_early": Cut(after=len(text), ending="clean", say=says),
        "busy": Status(429, retry_after="7.0"),
        "bad_key": Status(401),
        "too_long": Status(400),
        "bad_request": Status(400, message="top_p must lie in [0, 1]"),
        "refuses": Refuse(),
        "hangs": Hang(),
        "stalls": Stall(tokens=3, say=says),
        "fails_inside": LateError(after=20, say=says),
        "no_usage": Miscount(say=says),
    }
    return kinds[situation.kind]


Seen: TypeAlias = Callable[[], bool]


async def soon(seen: Seen) -> float:
    """Seconds until it is so, at most SEEN_WITHIN_S."""
    since = time.monotonic()
    while not seen() and time.monotonic() - since < SEEN_WITHIN_S:  # noqa: ASYNC110 - another thread does it
        await asyncio.sleep(0.005)
    return time.monotonic() - since


class HTTPModelContract(LLMContract):
    """Override `served`: a model named MODEL behind the server that it names."""

    @pytest.fixture
    def served(self) -> Served:
        """The model, the server, and what the observer of rate limits was told."""
        raise NotImplementedError

    @pytest.fixture
    def make(self, served: Served) -> Callable[[Situation], LLM]:
        """The model in a situation."""
        return lambda situation: served.does(behavior_for(situation))

    async def test_a_stream_that_is_left_is_seen_at_the_server_within_a_second(self, served: Served) -> None:
        llm = served.does(Drip(chars=1, interval_s=0.01, say=Echo(_LONG)))
        stream: Any = llm.stream(rendered(), deadline=Deadline.after(PATIENCE_S))
        assert await anext(stream)
        await stream.aclose()
        assert await soon(lambda: served.server.seen.left_early == 1) < SEEN_WITHIN_S
        (left,) = served.server.seen.left
        assert left["output_tokens"] < 50

    @both_ways
    async def test_a_cancelled_call_is_seen_at_the_server_within_a_second(
        self, served: Served, call: Call
    ) -> None:
        task = asyncio.create_task(call(served.does(Hang())))
        await soon(lambda: served.server.seen.under_way == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await soon(lambda: served.server.seen.left_early == 1) < SEEN_WITHIN_S

    @both_ways
    @pytest.mark.parametrize("behavior", [Status(500), Status(429), Status(400, message="no")])
    async def test_a_connection_is_used_again_after_an_error(
        self, served: Served, call: Call, behavior: Behavior
    ) -> None:
        llm = served.does(behavior)
        for _ in range(2):
            with pytest.raises(Exception, match="answered HTTP"):
                await call(llm)
        assert (await completed(served.does(Echo("Yes.")))).text == "Yes."
        assert served.server.connections == 1

    @both_ways
    async def test_rate_limits_are_told_with_replies(self, served: Served, call: Call) -> None:
        said = await call(served.does(Metered(say=Echo("Yes."))))
        completion = said[-1] if isinstance(said, list) else said
        assert isinstance(completion, Completion)
        expected = RateLimit(remaining_requests=42, remaining_tokens=18000, reset_s=360.0)
        assert served.rates == [expected]
        assert completion.rate == expected

    @both_ways
    async def test_rate_limits_are_told_with_errors(self, served: Served, call: Call) -> None:
        headers = {"anthropic-ratelimit-requests-remaining": "0", "retry-after": "2"}
        with pytest.raises(TransientModelError) as caught:
            await call(served.does(Status(429, headers=headers)))
        assert served.rates == [RateLimit(remaining_requests=0, reset_s=2.0)]
        assert caught.value.rate == served.rates[0]

    @both_ways
    async def test_the_model_is_the_one_that_the_reply_names(self, served: Served, call: Call) -> None:
        said = await call(served.does(OtherModel(model="m-2", say=Echo("Yes."))))
        completion = said[-1] if isinstance(said, list) else said
        assert isinstance(completion, Completion)
        assert completion.model == "m-2"

    async def test_reasoning_is_a_sign_of_life_and_no_text(self, served: Served) -> None:
        llm = served.does(Reason(thoughts=("hm ",) * 8, interval_s=0.02, say=Echo("Yes.")))
        stream = llm.stream(rendered(), deadline=Deadline.after(PATIENCE_S))
        pieces = [piece async for piece in stream]
        assert [piece for piece in pieces if isinstance(piece, str)] == ["Yes."]

    async def test_a_stream_that_breaks_says_what_it_used(self, served: Served) -> None:
        llm = served.does(LateError(after=60, say=Echo(_LONG)))
        with pytest.raises(TransientModelError) as caught:
            async for _ in llm.stream(rendered(), deadline=Deadline.after(PATIENCE_S)):
                pass
        usage = caught.value.usage
        assert usage is not None
        assert usage.estimated
        assert usage.input > 0
        assert usage.output >= 10
