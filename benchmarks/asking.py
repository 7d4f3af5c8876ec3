"""One question to a served system, and how it ended as its client saw it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
from scripted import MARKER

ANSWERS = ("answered", "partial", "conflict")
UNTYPED = "untyped"


@dataclass(slots=True, kw_only=True)
class Told:
    """`outcome` is the answer's, or the problem's code after `problem:`, or `untyped` where neither came.

    `at` is when it was asked, on the monotonic clock; times in seconds.
    """

    at: float
    stream: bool
    marker: str = ""
    outcome: str = UNTYPED
    took_s: float = 0.0
    first_s: float | None = None  # until the first text of a stream
    answer_id: str = ""
    trace: str = ""
    model: str = ""
    text: str = ""
    degraded: tuple[str, ...] = ()
    failure: str = ""
    retry_after: str = ""
    sources: tuple[Mapping[str, Any], ...] = ()
    begun_s: float | None = None  # until the first event
    markers: set[str] = field(default_factory=set)  # all that came in, in any event or field

    @property
    def answered(self) -> bool:
        """Whether the person got something cited."""
        return self.outcome in ANSWERS

    @property
    def typed(self) -> bool:
        """Whether it ended in one of the ways that are documented."""
        return self.outcome != UNTYPED

    @property
    def by(self) -> str:
        """Who answered: a model's name, `extractive`, or the outcome where nobody did."""
        if not self.answered:
            return self.outcome
        return "extractive" if "extractive" in self.degraded else self.model or "extractive"


async def ask(
    client: httpx.AsyncClient, question: str, *, stream: bool, marker: str = "", deadline_ms: int | None = None
) -> Told:
    """Ask and read to the end; a broken connection is an untyped end, not an error."""
    told = Told(at=time.monotonic(), stream=stream, marker=marker)
    headers = {} if deadline_ms is None else {"X-Deadline-Ms": str(deadline_ms)}
    body = {"question": question, "stream": stream}
    try:
        if stream:
            await _streamed(client, body, headers, told)
        else:
            reply = await client.post("/v1/answers", json=body, headers=headers)
            told.markers.update(MARKER.findall(reply.text))
            _take(told, reply.json(), reply)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        told.failure = f"{type(error).__name__}: {error}"[:200]
    told.took_s = time.monotonic() - told.at
    return told


async def _streamed(
    client: httpx.AsyncClient, body: Mapping[str, Any], headers: Mapping[str, str], told: Told
) -> None:
    async with client.stream("POST", "/v1/answers", json=body, headers=headers) as reply:
        if reply.status_code != httpx.codes.OK:
            await reply.aread()
            return _take(told, reply.json(), reply)
        event = ""
        async for line in reply.aiter_lines():
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                told.markers.update(MARKER.findall(line))
                told.begun_s = told.begun_s or time.monotonic() - told.at
                _event(told, event, line[6:], reply)


def _event(told: Told, event: str, data: str, reply: httpx.Response) -> None:
    if event == "text" and told.first_s is None:
        told.first_s = time.monotonic() - told.at
    if event in ("done", "error"):
        _take(told, json.loads(data), reply)
    elif event == "accepted":
        accepted = json.loads(data)
        told.answer_id, told.trace = accepted["id"], accepted["trace"]


def _take(told: Told, record: Mapping[str, Any], reply: httpx.Response) -> None:
    if "outcome" not in record:
        told.outcome = f"problem:{record['code']}"
        told.retry_after = reply.headers.get("retry-after", "")
        return
    told.outcome, told.answer_id, told.trace = record["outcome"], record["id"], record["trace"]
    told.model, told.text = record["model"], record["text"]
    told.degraded, told.sources = tuple(record["degraded"]), tuple(record["sources"])
