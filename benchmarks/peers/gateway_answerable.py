"""Ours: the route for answers of a configuration. Two providers and the quoting last resort, breaker, retries with
their budget, limits, prices, every call booked and metered, and a trace a request."""

import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from gateway_load import MAX_TOKENS, MODEL, SYSTEM, USER, run

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.answer.extractive import Extractive
from answerable.app.gateway import Parts, open_gateway
from answerable.app.project import Project
from answerable.core import trace
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.query import Scope
from answerable.testing.prompts import sealed

CONFIG = """
[project]
name = "overhead"
[[route]]
use = "answer"
chain = ["main", "backup", "extractive"]
[provider.main]
kind = "openai-compatible"
base_url = "{base}"
model = "{model}"
timeout = "30s"
connect = "30s"
first_token = "30s"
between_tokens = "30s"
max_concurrency = 256
[provider.backup]
kind = "openai-compatible"
base_url = "{base}"
model = "{model}"
timeout = "30s"
connect = "30s"
first_token = "30s"
between_tokens = "30s"
max_concurrency = 256
[price."{model}"]
input = 0.15
output = 0.60
"""
RENDERED = replace(
    sealed(USER, system=SYSTEM),
    question="Can I return headphones?",
    temperature=0.1,
    max_output_tokens=MAX_TOKENS,
    scope=Scope(tenant="bench"),
    principal="somebody",
    key="tok_bench",
)


@asynccontextmanager
async def opened(base):
    with tempfile.TemporaryDirectory(prefix="answerable-overhead-") as name:
        config = Path(name) / "answerable.toml"
        config.write_text(CONFIG.format(base=base, model=MODEL))
        calls = []
        async with open_gateway(Project.open(config), Parts(observers=(calls.append,))) as gateway:
            route = gateway.answers(Extractive(embedder=HashEmbedder(dim=8)))

            async def call(stream):
                token = trace.current.set(trace.Trace(tenant="bench"))
                try:
                    with trace.step("generate") as step:
                        completion, first, chars = await (streamed(route) if stream else whole(route))
                        step.detail["attempts"] = len(completion.attempts)
                    assert completion.provider == "main" and completion.usage.cost > 0
                    return first, chars, completion.usage.output
                finally:
                    trace.current.reset(token)

            yield call
            assert calls  # every call was booked; one that was not answered by `main` has failed above


async def whole(route):
    completion = await route.complete(RENDERED, deadline=Deadline.after(30))
    return completion, time.perf_counter(), len(completion.text)


async def streamed(route):
    first, chars, completion = 0.0, 0, None
    async for piece in route.stream(RENDERED, deadline=Deadline.after(30)):
        if isinstance(piece, Completion):
            completion = piece
        else:
            first = first or time.perf_counter()
            chars += len(piece)
    return completion, first, chars


run(opened, facts={"version": f"answerable {version('answerable')}"})
