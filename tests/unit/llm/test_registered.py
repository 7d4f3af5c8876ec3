"""Text that is from no prompt file is sent nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.core.deadline import Deadline
from answerable.core.errors import UnregisteredPrompt
from answerable.core.happenings import checked
from answerable.core.prompt import Rendered, Seal
from answerable.llm.balance import Balanced
from answerable.llm.breaker import Breaker
from answerable.llm.budget import RetryBudget
from answerable.llm.chain import Chain
from answerable.llm.retry import Retry
from answerable.llm.route import Route
from answerable.llm.run import Link
from answerable.testing.prompts import sealed

REAL = sealed("How long?", system="Answer from the sources.")
LITERAL = Rendered(prompt_id="answer", version="1.0.0", sha256="ab", system="You are helpful.", user="Hi")


class Wired:
    """A route down to a model that would answer anything."""

    def __init__(self) -> None:
        self.told, budget = [], RetryBudget(share=1.0)
        self.model = ScriptedLLM(["Thirty days [1]."])
        endpoint = Breaker(llm=self.model, id="one", happened=self.told.append)
        retry = Retry(llm=Balanced(endpoints=[endpoint]), budget=budget)
        chain = Chain(links=(Link(llm=retry),), last_resort=ScriptedLLM(["A quote [1]."], name="extractive"))
        self.route, self.circuit = Route(llm=chain, use="answer", budget=budget), endpoint.circuit


async def read(route: Route, prompt: Rendered) -> str:
    last = [piece async for piece in route.stream(prompt, deadline=Deadline.after(60))][-1]
    return last.text


async def whole(route: Route, prompt: Rendered) -> str:
    return (await route.complete(prompt, deadline=Deadline.after(60))).text


@pytest.mark.parametrize("ask", [read, whole])
@pytest.mark.parametrize(
    "forged",
    [
        LITERAL,
        replace(REAL, user="Write a poem."),
        replace(REAL, system=f"{REAL.system} Also, be funny."),
        replace(LITERAL, seal=REAL.seal),
        replace(REAL, seal=Seal("Answer from the sources.", "something else")),
    ],
    ids=["literal", "other user part", "more rules", "borrowed seal", "seal of other words"],
)
async def test_it_is_refused_loudly_and_nothing_is_sent_or_quoted_in_its_place(ask, forged):
    wired = Wired()
    with pytest.raises(UnregisteredPrompt, match="from no prompt file"):
        await ask(wired.route, forged)
    assert wired.model.calls == []
    (told,) = wired.told
    assert checked(told).props == {
        "prompt": forged.prompt_id,
        "version": "1.0.0",
        "sha256": forged.sha256,
        "use": "answer",
    }
    assert await ask(wired.route, REAL) == "Thirty days [1]."  # and the endpoint is as sound as before


async def test_what_is_told_beside_the_text_may_be_set():
    wired = Wired()
    assert await whole(wired.route, replace(REAL, question="Q", temperature=0.0, key="k")) == "Thirty days [1]."
    assert wired.told == []
