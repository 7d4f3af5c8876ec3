"""The contract of the LLM port: whatever answers prompts keeps to these promises."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pytest

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import DeadlineExceeded, PermanentModelError, TransientModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.testing.prompts import sealed

TEXT = "Zurück in 30 Tagen [1].\n\nTwo  blanks, a tab\tand 日本語 stay as they are [2]. End."
MODEL = "model-as-reported"
RETRY_AFTER_S = 7.0
PATIENCE_S = 20.0

Kind: TypeAlias = Literal[
    "says", "mirrors", "length", "cut", "ends_early", "busy", "bad_key", "too_long", "bad_request", "refuses",
    "hangs", "stalls", "fails_inside", "no_usage",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the model behind the LLM does.

    says: replies `text`. mirrors: replies the prompt's user part. length: replies `text` and ran into its limit.
    cut: gives `text` and breaks off. ends_early: gives it and ends as if that were all, without a finish reason.
    busy: 429 with Retry-After. bad_key: 401. too_long: the context is. bad_request: 400 for another reason.
    refuses: for reasons of content. hangs: never replies. stalls: gives `text` and then nothing more, for ever.
    fails_inside: gives it and reports an error. no_usage: says `text` and does not say what it used.
    """

    kind: Kind
    text: str = TEXT


Make: TypeAlias = Callable[[Situation], LLM]
Call: TypeAlias = Callable[[LLM], Coroutine[None, None, object]]


def rendered(user: str = "What is the return window?", *, system: str = "Answer from the sources.") -> Rendered:
    """A prompt."""
    return sealed(user, system=system)


async def completed(llm: LLM) -> Completion:
    """The reply, whole."""
    return await llm.complete(rendered(), deadline=Deadline.after(PATIENCE_S))


async def streamed(llm: LLM) -> list[str | Completion]:
    """The reply, in pieces."""
    return [piece async for piece in llm.stream(rendered(), deadline=Deadline.after(PATIENCE_S))]


both_ways = pytest.mark.parametrize("call", [completed, streamed])


class LLMContract:
    """Override `make`: it gives an LLM in a situation, whose model reports the name MODEL."""

    @pytest.fixture
    def make(self) -> Make:
        """An LLM for a situation."""
        raise NotImplementedError

    async def test_a_reply_comes_with_its_model_provider_usage_and_finish(self, make: Make) -> None:
        llm = make(Situation(kind="says"))
        completion = await completed(llm)
        assert completion.text == TEXT
        assert completion.model == MODEL
        assert completion.provider
        assert completion.finish == "stop"
        assert completion.usage.input > 0
        assert completion.usage.output > 0

    async def test_a_stream_is_the_pieces_of_the_text_and_then_one_completion(self, make: Make) -> None:
        *pieces, last = await streamed(make(Situation(kind="says")))
        assert all(isinstance(piece, str) and piece for piece in pieces)
        assert len(pieces) > 1
        assert isinstance(last, Completion)
        assert last.text == "".join(str(piece) for piece in pieces) == TEXT

    async def test_a_stream_ends_with_the_same_completion_that_complete_gives(self, make: Make) -> None:
        whole = await completed(make(Situation(kind="says")))
        last = (await streamed(make(Situation(kind="says"))))[-1]
        assert isinstance(last, Completion)
        assert (last.text, last.model, last.provider, last.finish) == (
            whole.text,
            whole.model,
            whole.provider,
            whole.finish,
        )
        assert last.usage == whole.usage
        assert last.fingerprint == whole.fingerprint

    @both_ways
    async def test_usage_is_there_and_told_as_estimated_where_the_model_says_none(
        self, make: Make, call: Call
    ) -> None:
        said = await call(make(Situation(kind="no_usage")))
        completion = said[-1] if isinstance(said, list) else said
        assert isinstance(completion, Completion)
        assert completion.usage.estimated
        assert completion.usage.input > 0
        assert completion.usage.output > 0

    async def test_a_reply_that_ran_into_its_limit_says_so(self, make: Make) -> None:
        assert (await completed(make(Situation(kind="length")))).finish == "length"
        last = (await streamed(make(Situation(kind="length"))))[-1]
        assert isinstance(last, Completion)
        assert last.finish == "length"

    async def test_calls_at_the_same_time_do_not_mix(self, make: Make) -> None:
        llm = make(Situation(kind="mirrors"))

        async def ask(i: int) -> str:
            prompt = rendered(f"question {i}")
            if i % 2:
                return (await llm.complete(prompt, deadline=Deadline.after(PATIENCE_S))).text
            pieces = [piece async for piece in llm.stream(prompt, deadline=Deadline.after(PATIENCE_S))]
            return "".join(piece for piece in pieces if isinstance(piece, str))

        assert await asyncio.gather(*(ask(i) for i in range(10))) == [f"question {i}" for i in range(10)]

    @both_ways
    async def test_a_busy_model_is_a_transient_error_with_its_wish(self, make: Make, call: Call) -> None:
        with pytest.raises(TransientModelError) as caught:
            await call(make(Situation(kind="busy")))
        assert caught.value.status == 429
        assert caught.value.retry_after_s == pytest.approx(RETRY_AFTER_S)

    @both_ways
    async def test_a_bad_key_is_a_permanent_error(self, make: Make, call: Call) -> None:
        with pytest.raises(PermanentModelError) as caught:
            await call(make(Situation(kind="bad_key")))
        assert caught.value.status == 401

    @both_ways
    @pytest.mark.parametrize(
        ("kind", "reason"), [("too_long", "too_long"), ("bad_request", "request"), ("refuses", "refusal")]
    )
    async def test_what_is_wrong_with_the_request_is_a_permanent_error_with_its_reason(
        self, make: Make, call: Call, kind: Kind, reason: str
    ) -> None:
        with pytest.raises(PermanentModelError) as caught:
            await call(make(Situation(kind=kind)))
        assert caught.value.reason == reason

    async def test_an_error_inside_a_stream_is_a_transient_error(self, make: Make) -> None:
        pieces: list[str | Completion] = []
        with pytest.raises(TransientModelError):
            async for piece in make(Situation(kind="fails_inside")).stream(
                rendered(), deadline=Deadline.after(PATIENCE_S)
            ):
                pieces.append(piece)  # noqa: PERF401 - what came before the error counts
        assert not [piece for piece in pieces if isinstance(piece, Completion)]

    async def test_a_stream_that_stalls_is_left_at_the_deadline(self, make: Make) -> None:
        with pytest.raises((DeadlineExceeded, TransientModelError)):
            async for piece in make(Situation(kind="stalls")).stream(rendered(), deadline=Deadline.after(0.2)):
                assert isinstance(piece, str)

    @both_ways
    @pytest.mark.parametrize("text", [TEXT, "Half a sen"])
    async def test_a_reply_that_breaks_off_is_a_transient_error(self, make: Make, call: Call, text: str) -> None:
        with pytest.raises(TransientModelError):
            await call(make(Situation(kind="cut", text=text)))

    @pytest.mark.parametrize("text", [TEXT, "Half a sen"])
    async def test_a_stream_without_a_finish_reason_is_broken(self, make: Make, text: str) -> None:
        pieces: list[str | Completion] = []
        with pytest.raises(TransientModelError):
            async for piece in make(Situation(kind="ends_early", text=text)).stream(
                rendered(), deadline=Deadline.after(PATIENCE_S)
            ):
                pieces.append(piece)  # noqa: PERF401 - what came before the error counts
        assert not [piece for piece in pieces if isinstance(piece, Completion)]

    async def test_nothing_is_asked_after_the_deadline(self, make: Make) -> None:
        llm = make(Situation(kind="says"))
        with pytest.raises(DeadlineExceeded):
            await llm.complete(rendered(), deadline=Deadline.after(0.0))
        with pytest.raises(DeadlineExceeded):
            await anext(aiter(llm.stream(rendered(), deadline=Deadline.after(0.0))))

    async def test_a_model_that_hangs_is_left_at_the_deadline(self, make: Make) -> None:
        llm = make(Situation(kind="hangs"))
        with pytest.raises((DeadlineExceeded, TransientModelError)):
            await llm.complete(rendered(), deadline=Deadline.after(0.2))
        with pytest.raises((DeadlineExceeded, TransientModelError)):
            await anext(aiter(llm.stream(rendered(), deadline=Deadline.after(0.2))))

    async def test_a_call_that_is_cancelled_stops_at_once(self, make: Make) -> None:
        task = asyncio.create_task(completed(make(Situation(kind="hangs"))))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_a_stream_can_be_left_and_the_model_asked_again(self, make: Make) -> None:
        llm = make(Situation(kind="says"))
        for _ in range(3):
            stream = llm.stream(rendered(), deadline=Deadline.after(PATIENCE_S))
            assert isinstance(await anext(stream), str)
            await stream.aclose()  # type: ignore[attr-defined]  # every stream of ours is a generator
        assert (await completed(llm)).text == TEXT
