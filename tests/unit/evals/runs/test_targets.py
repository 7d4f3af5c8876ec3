"""Foreign targets: what they say becomes our Answer, what they do not say stays empty, what breaks is an error."""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

import pytest

from answerable.adapters.models.provider import Provider
from answerable.adapters.targets.endpoint import EndpointTarget
from answerable.adapters.targets.function import FunctionTarget
from answerable.adapters.targets.refusal import GUESSED, guess_outcome
from answerable.core.errors import AnswerableError, ConfigError, DeadlineExceeded, PermanentModelError
from answerable.core.outcome import Outcome
from tests.unit.evals.runs.making import case

REFUSED = [
    "I don't know.",
    "I'm sorry, but I can't help with that.",
    "Sorry! I couldn't find anything about it in the documents.",
    "There is no information about this in the context.",
    "The documents do not mention a store in Madrid.",
    "We do not have any information on that.",
    "NO_ANSWER",
    "Das weiß ich leider nicht.",
    "Dazu habe ich in den Unterlagen leider keine Information gefunden.",
    "Ich kann diese Frage nicht beantworten.",
    "Lo siento, no tengo información sobre eso.",
    "No lo sé.",
    "",
]
ANSWERED = [
    "You can return it within 30 days.",
    "Items cannot be returned after 30 days.",
    "No, express shipping is not available there.",
    "Batteries do not need to be removed. Ask support if in doubt.",
    "Der Artikel kann nicht zurückgegeben werden.",
    "No, el cupón no se puede combinar.",
    "Returns are free. They take 3 days. I don't know whether that holds for Norway.",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_that_begins_with_a_refusal_abstains(text):
    assert guess_outcome(text) is Outcome.ABSTAINED


@pytest.mark.parametrize("text", ANSWERED)
def test_a_text_that_says_something_answers(text):
    assert guess_outcome(text) is Outcome.ANSWERED


def function(say, **settings):
    return FunctionTarget("demo:answer", say, **settings)


async def test_a_function_may_return_its_text_and_the_outcome_is_marked_as_a_guess():
    answer = await function(lambda question: f"You asked: {question}").ask(case("a"))
    assert answer.text == "You asked: What about a?"
    assert (answer.outcome, answer.degraded) == (Outcome.ANSWERED, (GUESSED,))
    assert (answer.citations, answer.passages) == ((), ())
    assert [one.support for one in answer.claims] == ["not_applicable"]
    assert answer.usage.cost is None


async def test_a_function_may_say_all_that_it_knows():
    said = {
        "text": "Within 30 days [1]. Shipping is free [2][9].",
        "outcome": "partial",
        "citations": ["returns.md#limits", {"uri": "costs.md", "quote": "free"}],
        "passages": [
            "a text",
            {"text": "another", "uri": "costs.md", "title": "Costs", "section": "EU", "score": 0.5},
        ],
        "cost": "0.002",
        "model": "mine",
    }
    answer = await function(lambda _: said).ask(case())
    assert (answer.outcome, answer.degraded) == (Outcome.PARTIAL, ())
    assert [(one.n, one.uri, one.section) for one in answer.citations] == [
        (1, "returns.md", "limits"),
        (2, "costs.md", ""),
    ]
    assert [one.citations for one in answer.claims] == [(1,), (2,)]
    assert [(one.uri, one.section, one.chunk.text) for one in answer.passages] == [
        ("", "", "a text"), ("costs.md", "EU", "another"),
    ]  # fmt: skip
    assert str(answer.usage.cost) == "0.002"


async def test_a_function_may_be_async_or_return_something_to_wait_for():
    async def say(question):
        await asyncio.sleep(0)
        return "waited"

    assert (await function(say).ask(case())).text == "waited"
    assert (await function(partial(lambda wait, question: wait(question), say)).ask(case())).text == "waited"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"text": "x", "citation": []}, "citation"),
        ({"outcome": "answered"}, "text"),
        ({"text": "x", "outcome": "perhaps"}, "outcome"),
        (None, "NoneType"),
        (17, "int"),
    ],
)
async def test_a_function_that_returns_something_else_is_told_what_is_wrong(said, named):
    with pytest.raises(AnswerableError, match=named) as caught:
        await function(lambda _: said).ask(case())
    assert "return the text" in caught.value.hint


@pytest.mark.parametrize("error", [ValueError("boom"), TimeoutError("its own"), KeyError("k")])
async def test_whatever_a_function_raises_is_an_error_of_this_case(error):
    def say(question):
        raise error

    with pytest.raises(AnswerableError, match=f"demo:answer raised {type(error).__name__}") as caught:
        await function(say).ask(case())
    assert not isinstance(caught.value, DeadlineExceeded)


async def test_a_function_that_takes_too_long_is_not_waited_for():
    async def say(question):
        await asyncio.Event().wait()

    with pytest.raises(DeadlineExceeded, match="longer than"):
        await function(say, timeout_s=0.01).ask(case())


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A folder with a module of a name that nobody else has."""
    (tmp_path / "shop_demo_of_a_test.py").write_text("def answer(question):\n    return 'yes'\nnumber = 1\n")
    (tmp_path / "broken_demo_of_a_test.py").write_text("1 / 0\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("shop_demo_of_a_test", "broken_demo_of_a_test"):
        sys.modules.pop(name, None)


async def test_a_function_is_found_by_its_name_in_the_projects_folder(module: Path):
    found = FunctionTarget.load("shop_demo_of_a_test:answer", folder=module)
    assert (await found.ask(case())).text == "yes"
    assert found.name == "shop_demo_of_a_test:answer"
    assert len(found.code) == 64
    assert await found.search(case(), limit=5) is None


@pytest.mark.parametrize(
    "reference", ["nowhere_of_a_test:answer", "shop_demo_of_a_test:other", "shop_demo_of_a_test:number",
                  "broken_demo_of_a_test:answer"],
)  # fmt: skip
def test_a_function_that_is_not_there_is_a_wrong_configuration(module: Path, reference):
    with pytest.raises(
        ConfigError, match=reference.partition(":")[2] if "shop" in reference else "cannot be imported"
    ):
        FunctionTarget.load(reference, folder=module)


def body(**changes: object) -> dict[str, object]:
    choice = {"message": {"role": "assistant", "content": "Within 30 days [1]."}, "finish_reason": "stop"}
    return {"id": "x", "model": "m-1", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3},
            **changes}  # fmt: skip


@pytest.fixture
def endpoint(monkeypatch):
    """A target whose channel replies with what the test puts into `replies`, one after the other."""
    target = EndpointTarget(
        Provider(name="there", kind="openai-compatible", model="m", base_url="http://127.0.0.1:1/v1")
    )
    target.replies, target.sent = [], []

    async def post(path, sent):
        target.sent.append((path, sent))
        said = target.replies.pop(0)
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, bytes) else json.dumps(said).encode()

    monkeypatch.setattr(target._channel, "post", post)
    return target


async def test_a_plain_endpoint_gives_text_and_tokens_and_a_guessed_outcome(endpoint):
    endpoint.replies = [body()]
    answer = await endpoint.ask(case("a"))
    assert (answer.text, answer.model, answer.degraded) == ("Within 30 days [1].", "m-1", (GUESSED,))
    assert (answer.usage.input, answer.usage.output, answer.usage.cost) == (7, 3, None)
    ((path, sent),) = endpoint.sent
    assert path == "/chat/completions"
    assert sent["messages"] == [{"role": "user", "content": "What about a?"}]


async def test_an_endpoint_that_says_more_is_taken_at_its_word(endpoint):
    own = {
        "outcome": "conflict",
        "language": "de",
        "sources": [{"n": 1, "uri": "a.md", "quote": "q", "url": "/x"}],
    }
    found = [{"url": "a.md", "title": "A", "snippet": "the text", "date": None}]
    endpoint.replies = [body(answerable=own, search_results=found, citations=["ignored"])]
    answer = await endpoint.ask(case())
    assert (answer.outcome, answer.language, answer.degraded) == (Outcome.CONFLICT, "de", ())
    assert [one.uri for one in answer.citations] == ["a.md"]
    assert [one.chunk.text for one in answer.passages] == ["the text"]


async def test_a_refusal_of_the_endpoint_is_a_blocked_answer(endpoint):
    refused = {"message": {"content": None, "refusal": "No."}, "finish_reason": "stop"}
    endpoint.replies = [
        body(choices=[refused]),
        body(choices=[{"message": {}, "finish_reason": "content_filter"}]),
    ]
    answer = await endpoint.ask(case())
    assert (answer.outcome, answer.text) == (Outcome.BLOCKED, "No.")
    assert (await endpoint.ask(case())).outcome is Outcome.BLOCKED


async def test_what_may_pass_is_asked_again_and_what_cannot_is_not(endpoint, monkeypatch):
    from answerable.core.errors import TransientModelError

    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr("answerable.adapters.targets.endpoint.asyncio.sleep", sleep)
    endpoint.replies = [TransientModelError("429", retry_after_s=3.0), b"<html>", body()]
    assert (await endpoint.ask(case())).text
    assert waited == [3.0, 2.0]
    endpoint.replies = [PermanentModelError("401")]
    with pytest.raises(PermanentModelError):
        await endpoint.ask(case())
    endpoint.replies = [TransientModelError("busy") for _ in range(4)]
    with pytest.raises(TransientModelError):
        await endpoint.ask(case())
    assert len(endpoint.replies) == 1
    await endpoint.aclose()


@pytest.mark.parametrize(
    "reference",
    [
        "arity_demo_of_a_test",
        "arity_demo_of_a_test:",
        ":answer",
        "arity_demo_of_a_test:two",
        "arity_demo_of_a_test:none",
    ],
)
def test_what_cannot_be_asked_a_question_is_refused_before_the_run(reference, tmp_path, monkeypatch):
    (tmp_path / "arity_demo_of_a_test.py").write_text("def two(a, b): ...\ndef none(): ...\n")
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(ConfigError, match=r"names no function|with a question alone") as refused:
        FunctionTarget.load(reference, folder=tmp_path)
    sys.modules.pop("arity_demo_of_a_test", None)
    assert "answer" in refused.value.hint
