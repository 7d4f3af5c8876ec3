"""What a question is said to cost is what its provider counted: for every kind of call, over real sockets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from answerable.adapters.fakes.budgets import MemoryBudgets
from answerable.adapters.fakes.calls import MemoryCalls
from answerable.adapters.models.provider import Provider
from answerable.adapters.rerankers.http import HttpReranker
from answerable.adapters.rerankers.shapes import SHAPES
from answerable.app.embedding import make_embedder
from answerable.app.gateway import open_gateway
from answerable.app.paying import Money, amounts
from answerable.app.project import Project
from answerable.core import trace as tracing
from answerable.core.call import total
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.query import Query, Scope
from answerable.core.trace import Trace
from answerable.llm.purse import Purse
from answerable.testing.model_server.server import ModelServer
from answerable.testing.model_server.tokens import count_tokens
from answerable.testing.prompts import sealed

CONFIG = """
[embedding]
model = "openai:embed-1"
base_url = "{url}"
dim = 384

[[route]]
use = "answer"
chain = ["main", "extractive"]

[[route]]
use = "rewrite"
chain = ["main"]

[[route]]
use = "guard"
chain = ["main"]

[provider.main]
kind = "openai-compatible"
base_url = "{url}"
model = "m-1"
timeout = "10s"
first_token = "10s"

[reranker.api]
kind = "http"
shape = "jina"
model = "rerank-1"
base_url = "{root}/jina/v1"

[budget]
daily = 100

[price."m-1"]
input = 3.0
output = 12.0

[price."embed-1"]
input = 0.5
output = 0

[price."rerank-1"]
input = 0.7
output = 0
"""
QUESTION = "When may a laptop be returned?"
PROMPT = replace(sealed(QUESTION, system="Answer."), scope=Scope(tenant="default"))


def passages() -> list[Passage]:
    texts = ("A laptop may be returned within 30 days.", "Shipping is free.")
    return [
        Passage(chunk=Chunk(document_id=f"d{n}", start=0, end=len(text), text=text), score=1.0 - n / 10)
        for n, text in enumerate(texts)
    ]


async def test_the_cost_of_a_question_is_the_sum_of_what_its_providers_counted(
    tmp_path: Path, model_server: ModelServer
) -> None:
    config = tmp_path / "answerable.toml"
    root = model_server.openai_url.removesuffix("/v1")
    config.write_text(CONFIG.format(url=model_server.openai_url, root=root))
    project = Project.open(config)
    budgets, calls = MemoryBudgets(), MemoryCalls()
    purse = Purse(amounts=amounts(project.settings.budget), budgets=budgets)
    money = Money(project=project, calls=calls, budgets=budgets, purse=purse)
    trace = Trace(tenant="default")
    token = tracing.current.set(trace)
    try:
        async with open_gateway(project, money.parts) as gateway:
            embedder = make_embedder(project, money)
            found = await embedder.embed([QUESTION], kind="query")
            assert np.shape(found) == (1, 384)
            account = money.account("rerank", provider="api", model="rerank-1", url=f"{root}/jina/v1")
            provider = Provider(name="api", kind="openai-compatible", model="rerank-1", base_url=f"{root}/jina/v1")
            reranker = HttpReranker.open(provider, SHAPES["jina"], account=account)
            await reranker.rerank(Query(text=QUESTION, tenant="default"), passages(), limit=2)
            for use in ("rewrite", "guard", "answer"):
                route = gateway.route(use)
                assert route is not None
                await route.complete(PROMPT, deadline=Deadline.after(20))
            answering = gateway.route("answer")
            assert answering is not None
            pieces = [piece async for piece in answering.stream(PROMPT, deadline=Deadline.after(20))]
            assert isinstance(pieces[-1], Completion)
            await reranker.aclose()
            await embedder.aclose()  # type: ignore[union-attr]
    finally:
        tracing.current.reset(token)
    await purse.aclose()
    counted = Decimal(0)
    for one in model_server.requests:
        match one.path.rpartition("/")[2]:
            case "embeddings":
                counted += one.input_tokens * Decimal("0.5")
            case "rerank":
                counted += count_tokens(one.user) * Decimal("0.7")
            case _:
                counted += one.input_tokens * Decimal(3) + one.output_tokens * Decimal(12)
    usage = total(trace.calls)
    assert [call.use for call in trace.calls] == ["embed", "rerank", "rewrite", "guard", "answer", "answer"]
    assert usage.cost == counted / 1_000_000 > 0
    assert all(call.table for call in trace.calls)
    limits = purse.amounts.limits(tenant="default", key="", day=purse.today())
    (standing,) = await budgets.standings(tenant="default", limits=limits)
    assert (standing.spent, standing.held) == (usage.cost, Decimal(0))
