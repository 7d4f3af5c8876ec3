"""Any OpenAI-compatible endpoint as a target: a question in, the reply's text and what else it says of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.adapters.models.channel import Channel
from answerable.adapters.models.pace import within
from answerable.adapters.models.provider import Provider
from answerable.adapters.targets.reply import Cited, Found, Reply, answer_of
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import TransientModelError
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage

PATH = "/chat/completions"
_TRIES = 3
_WAIT_S = 1.0  # before the second try; doubled before the third
_MAX_WAIT_S = 20.0


class _Foreign(BaseModel):
    """Endpoints add fields as they like; what is not known is left alone."""

    model_config = ConfigDict(extra="ignore")


class _Message(_Foreign):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Foreign):
    message: _Message = _Message()
    finish_reason: str | None = None


class _Usage(_Foreign):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Result(_Foreign):
    url: str = ""
    title: str = ""
    snippet: str = ""


class _Source(_Foreign):
    uri: str = ""
    title: str = ""
    section: str = ""
    quote: str = ""


class _Answer(_Foreign):
    """As much of our own answer object as an endpoint may send along, under `answerable`."""

    outcome: Outcome
    language: str | None = None
    sources: list[_Source] = Field(default_factory=list)


class _Body(_Foreign):
    model: str = ""
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage = _Usage()
    citations: list[str] = Field(default_factory=list)
    search_results: list[_Result] = Field(default_factory=list)
    answerable: _Answer | None = None


class EndpointTarget:
    """Asks `POST {base_url}/chat/completions`. Close it at the end."""

    def __init__(self, provider: Provider, *, timeout_s: float = 30.0) -> None:
        self._provider = provider
        self._timeout_s = timeout_s
        key = provider.api_key
        self._channel = Channel(provider, headers={"authorization": f"Bearer {key}"} if key else {})

    @property
    def name(self) -> str:
        """Address and model."""
        return f"{self._provider.url} {self._provider.model}"

    async def ask(self, case: EvalCase) -> Answer:
        """Asked up to three times where that can help. Raises ModelError and DeadlineExceeded."""
        deadline = Deadline.after(self._timeout_s)
        wait = _WAIT_S
        for left in reversed(range(_TRIES)):
            try:
                sent = self._channel.post(PATH, self._request(case))
                body = await within(sent, provider=self._provider, deadline=deadline)
                return answer_of(self._reply(body), case)
            except TransientModelError as error:
                pause = max(wait, error.retry_after_s or 0.0)
                if not left or pause > min(_MAX_WAIT_S, deadline.remaining_s):
                    raise
                await asyncio.sleep(pause)
                wait *= 2
        raise AssertionError("the last try returns or raises")

    async def search(self, case: EvalCase, *, limit: int) -> list[Passage] | None:
        """It does not show its retrieval."""
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._channel.aclose()

    def _request(self, case: EvalCase) -> Mapping[str, Any]:
        said = [{"role": turn.role, "content": turn.text} for turn in case.history]
        return {
            "model": self._provider.model,
            "messages": [*said, {"role": "user", "content": case.question}],
            "stream": False,
        }

    def _reply(self, sent: bytes) -> Reply:
        try:
            body = _Body.model_validate_json(sent)
        except ValidationError as exc:
            raise TransientModelError(f"{self._provider.name} sent what is no chat completion") from exc
        choice = body.choices[0]
        refused = choice.message.refusal or choice.finish_reason == "content_filter"
        own = body.answerable
        return Reply(
            text=choice.message.content or choice.message.refusal or "",
            outcome=own.outcome if own else Outcome.BLOCKED if refused else None,
            language=own.language if own else None,
            citations=_citations(body),
            passages=[
                Found(text=one.snippet, uri=one.url, title=one.title) for one in body.search_results if one.snippet
            ],
            model=body.model,
            input_tokens=max(0, body.usage.prompt_tokens),
            output_tokens=max(0, body.usage.completion_tokens),
        )


def _citations(body: _Body) -> list[Cited | str]:
    if body.answerable:
        return [Cited(**one.model_dump()) for one in body.answerable.sources]
    return list(body.citations)
