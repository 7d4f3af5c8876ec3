"""Who asks the same at the same time listens to one reply, whoever of them leaves, fails or has no time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.degraded import EXTRACTIVE
from answerable.core.errors import (
    AnswerableError,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    PermanentModelError,
    TransientModelError,
)
from answerable.llm.flights import Flights, Stream

PIECES = ("Thirty ", "days [1]. ", "Keep ", "the receipt [2]. ", "Not worn [1].")
TEXT = "".join(PIECES)
KEY = ("exact", "k")


class Model:
    """Streams PIECES, each when the test lets it; the calls in turn raise `errors` after `upto` pieces."""

    def __init__(self, *errors: Exception, upto: int = 0) -> None:
        self.errors = list(errors)
        self.upto = upto
        self.calls = 0
        self.closed = 0
        self.steps = asyncio.Semaphore(0)

    async def stream(self) -> AsyncGenerator[str | Completion, None]:
        self.calls += 1
        error = self.errors.pop(0) if self.errors else None
        try:
            for n, piece in enumerate(PIECES):
                await self.steps.acquire()
                if error is not None and n == self.upto:
                    raise error
                yield piece
            yield Completion(text=TEXT, model="m-1", provider="main", usage=Usage(input=9, output=9))
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    def go(self, steps: int = 10) -> None:
        for _ in range(steps):
            self.steps.release()


class Person:
    """Somebody who asks; `task` is their listening."""

    def __init__(
        self,
        flights: Flights,
        model: Model,
        *,
        seconds: float = 20.0,
        leaks: Callable[[str], bool] = lambda text: False,
    ) -> None:
        self.heard: list[str] = []
        self.completion: Completion | None = None
        self.task = asyncio.create_task(self._listen(flights, model, seconds, leaks))

    async def _listen(self, flights: Flights, model: Model, seconds: float, leaks: Callable[[str], bool]) -> None:
        pieces = flights.join(KEY, model.stream, leaks=leaks, language="en", deadline=Deadline.after(seconds))
        async for piece in pieces:
            if isinstance(piece, Completion):
                self.completion = piece
            else:
                self.heard.append(piece)

    async def error(self) -> AnswerableError:
        with pytest.raises(AnswerableError) as raised:
            await self.task
        return raised.value


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_all_hear_the_same_reply_live_and_one_pays() -> None:
    flights, model = Flights(), Model()
    people = [Person(flights, model) for _ in range(20)]
    await settle()
    model.go(4)
    await settle()
    assert people[0].heard == list(PIECES[:4])
    assert people[1].heard == ["Thirty days [1]."]
    model.go()
    await asyncio.gather(*(one.task for one in people))
    assert model.calls == 1
    assert {"".join(one.heard) for one in people} == {TEXT}
    first, *others = [one.completion for one in people]
    assert first is not None
    assert (first.cache, first.usage.input) == ("", 9)
    assert {(one.cache, one.usage.input, one.usage.cost == 0) for one in others if one} == {("shared", 0, True)}
    assert len(flights) == 0


async def test_the_first_may_leave_and_the_others_hear_the_same_reply_to_its_end() -> None:
    flights, model = Flights(), Model()
    first, second = Person(flights, model), Person(flights, model)
    await settle()
    model.go(2)
    await settle()
    first.task.cancel()
    await settle()
    model.go()
    await second.task
    assert (model.calls, model.closed, "".join(second.heard)) == (1, 0, TEXT)


async def test_when_the_last_leaves_the_call_ends_and_nothing_is_left() -> None:
    flights, model = Flights(), Model()
    people = [Person(flights, model) for _ in range(3)]
    await settle()
    model.go(1)
    for one in people:
        one.task.cancel()
    await asyncio.gather(*(one.task for one in people), return_exceptions=True)
    assert (model.closed, len(flights)) == (1, 0)


async def test_an_error_for_good_is_everybodys() -> None:
    flights, model = Flights(), Model(PermanentModelError("too long"))
    people = [Person(flights, model) for _ in range(5)]
    await settle()
    model.go()
    errors = [await one.error() for one in people]
    assert model.calls == 1
    assert all(isinstance(error, PermanentModelError) for error in errors)
    assert len(set(map(id, errors))) == 5


@pytest.mark.parametrize("error", [TransientModelError("503"), BudgetExceeded("spent")])
async def test_after_an_error_that_may_pass_one_of_those_who_followed_begins_anew(error: ModelError) -> None:
    flights, model = Flights(), Model(error)
    people = [Person(flights, model) for _ in range(10)]
    await settle()
    model.go(1)
    assert type(await people[0].error()) is type(error)
    model.go()
    await asyncio.gather(*(one.task for one in people[1:]))
    assert model.calls == 2
    assert {"".join(one.heard) for one in people[1:]} == {TEXT}


async def test_a_model_that_stays_down_is_asked_twice_however_many_ask() -> None:
    flights, model = Flights(), Model(*(TransientModelError("503") for _ in range(10)))
    people = [Person(flights, model) for _ in range(10)]
    await settle()
    model.go(30)
    for one in people:
        assert isinstance(await one.error(), TransientModelError)
    assert model.calls == 2


async def test_a_reply_that_breaks_after_a_sentence_breaks_for_all_who_heard_it() -> None:
    flights, model = Flights(), Model(TransientModelError("cut"), upto=4)
    people = [Person(flights, model) for _ in range(3)]
    await settle()
    model.go()
    for one in people:
        assert isinstance(await one.error(), TransientModelError)
    assert (model.calls, "".join(people[1].heard)) == (1, "Thirty days [1].")


async def test_each_has_a_deadline_of_its_own() -> None:
    flights, model = Flights(), Model()
    first, hasty = Person(flights, model), Person(flights, model, seconds=-0.04)
    assert isinstance(await hasty.error(), DeadlineExceeded)
    model.go()
    await first.task
    assert (model.calls, "".join(first.heard)) == (1, TEXT)


async def test_a_reply_that_shows_the_firsts_secret_is_not_given_to_others() -> None:
    flights, model = Flights(), Model()
    first = Person(flights, model, leaks=lambda text: "receipt" in text)
    second = Person(flights, model)
    await settle()
    model.go(3)
    await settle()
    model.go()
    await first.task
    error = await second.error()
    assert isinstance(error, TransientModelError)
    assert "".join(second.heard) == "Thirty days [1]."


async def test_where_the_first_sentence_shows_it_others_ask_for_themselves() -> None:
    flights, model = Flights(), Model()
    first = Person(flights, model, leaks=lambda text: "Thirty" in text)
    second = Person(flights, model)
    await settle()
    model.go(20)
    await asyncio.gather(first.task, second.task)
    assert (model.calls, "".join(second.heard)) == (2, TEXT)


async def test_a_defect_is_raised_for_all_and_not_hidden() -> None:
    flights, model = Flights(), Model(RuntimeError("defect"))
    people = [Person(flights, model) for _ in range(2)]
    await settle()
    model.go()
    results = await asyncio.gather(*(one.task for one in people), return_exceptions=True)
    assert [type(one) for one in results] == [RuntimeError, RuntimeError]


async def test_whoever_has_more_time_than_the_first_does_not_share_its_end() -> None:
    flights, model = Flights(), Model(DeadlineExceeded("the first one's"))
    first, patient = Person(flights, model, seconds=0.3), Person(flights, model)
    await settle()
    model.go(20)
    assert isinstance(await first.error(), DeadlineExceeded)
    await patient.task
    assert (model.calls, "".join(patient.heard)) == (2, TEXT)


@pytest.mark.parametrize(("seconds", "asked_anew"), [(0.3, True), (10.0, False)])
async def test_a_models_silence_is_shared_unless_it_was_the_firsts_want_of_time(
    seconds: float, asked_anew: bool
) -> None:
    silent = Completion(text="-", model="extractive", provider="extractive", degraded=(EXTRACTIVE,))

    async def handing_over() -> AsyncGenerator[str | Completion, None]:
        await asyncio.sleep(0)
        yield silent.text
        yield silent

    async def heard(seconds: float, stream: Stream) -> str:
        pieces = flights.join(
            KEY, stream, leaks=lambda text: False, language="en", deadline=Deadline.after(seconds)
        )
        return "".join([piece async for piece in pieces if isinstance(piece, str)])

    flights, model = Flights(), Model()
    model.go()
    first, second = await asyncio.gather(heard(seconds, handing_over), heard(20.0, model.stream))
    assert (first, second) == ("-", TEXT if asked_anew else "-")
