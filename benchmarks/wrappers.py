"""CPU time that everything between a route and an adapter takes, without network: `python -m benchmarks.wrappers`.

The model is a fake that yields to the event loop before every piece and says the same text every time; CPU time of
the process, the best of five rounds, with and without the gateway around it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.app.gateway import Gateway, open_gateway
from answerable.app.project import Project
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.llm.balance import Balanced
from answerable.llm.budget import RetryBudget
from answerable.llm.chain import Chain
from answerable.llm.hedge import Hedged
from answerable.llm.retry import Retry
from answerable.llm.route import Route
from answerable.llm.run import Link
from answerable.testing.prompts import sealed

ROUNDS, CALLS = 5, 400
TEXT = "You can return it within 30 days of delivery [1]. Refunds take a week to reach your account [2]. " * 2
PIECES = tuple(TEXT[at : at + 5] for at in range(0, len(TEXT), 5))
DONE = Completion(text=TEXT, model="gpt-4o-mini", provider="main", usage=Usage(input=1500, output=len(PIECES)))
ASKED = replace(sealed("u" * 4000, system="s" * 2000), use="answer")
CONFIG = """
[provider.main]
kind = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "gpt-4o-mini"
"""


class Model:
    """Says the text at once."""

    name = "main"

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        await asyncio.sleep(0)
        return DONE

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        for piece in PIECES:
            await asyncio.sleep(0)
            yield piece
        yield DONE


def route(gateway: Gateway, *, hedged: bool) -> LLM:
    """As app/gateway.py makes it, over two endpoints."""
    section, budget = gateway.project.settings.provider["main"], RetryBudget()
    balanced = Balanced(endpoints=[gateway.endpoints.guarded(Model(), section, name) for name in "ab"])
    asked: LLM = Hedged(balanced=balanced, budget=budget) if hedged else balanced
    link = Link(llm=Retry(llm=asked, budget=budget, ready_in_s=balanced.ready_in_s))
    return Route(llm=Chain(links=(link,), last_resort=ScriptedLLM()), use="answer", budget=budget)


async def cpu_us(llm: LLM, *, streamed: bool) -> float:
    """Microseconds of CPU a call."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(CALLS):
            if streamed:
                async for _ in llm.stream(ASKED, deadline=Deadline.after(60)):
                    pass
            else:
                await llm.complete(ASKED, deadline=Deadline.after(60))
        best = min(best, (time.process_time() - begun) / CALLS * 1e6)
    return best


async def main() -> None:
    """Print a row for each way of asking."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answerable.toml"
        path.write_text(CONFIG)
        async with open_gateway(Project.open(path)) as gateway:
            for streamed in (False, True):
                bare = await cpu_us(Model(), streamed=streamed)
                for hedged in (False, True):
                    whole = await cpu_us(route(gateway, hedged=hedged), streamed=streamed)
                    what = (
                        f"{f'stream of {len(PIECES)}' if streamed else 'whole'}{', hedging on' if hedged else ''}"
                    )
                    ours = f"with the gateway {whole:5.0f} µs  ours {whole - bare:5.0f} µs"
                    print(f"{what:24s} fake {bare:5.0f} µs  {ours}")


if __name__ == "__main__":
    asyncio.run(main())
