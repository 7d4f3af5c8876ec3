"""The function of docs/retrieval/rerankers.md, put into a project as the page says, orders what is found."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from pathlib import Path

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.app.project import Project
from answerable.app.reranking import Rerankers
from answerable.core import trace as tracing
from answerable.core.trace import Trace
from answerable.testing.reranker import QUERY, candidates
from tests.docs.reference import ROOT

PAGE = (ROOT / "docs/retrieval/rerankers.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("<!-- run by tests/docs/test_own_reranker.py -->")[2]


class NoCodes:
    """A store without token codes."""

    async def codes(self, *, tenant: str, chunk_ids: object) -> dict[str, bytes]:
        return {}


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", EXAMPLE, re.S)
    assert found
    return found[1]


async def ranked(folder: Path, code: str) -> tuple[list[str], list[str]]:
    (folder / "answerable.toml").write_text(block("toml"))
    (folder / "rerank.py").write_text(code)
    project, trace = Project.open(folder / "answerable.toml"), Trace(tenant="t")
    async with AsyncExitStack() as stack:
        made = Rerankers(project=project, embedder=HashEmbedder(), codes=NoCodes(), stack=stack)
        token = tracing.current.set(trace)
        found = await made.named().rerank(QUERY, candidates(), limit=3)
        tracing.current.reset(token)
    return [one.chunk.text for one in found], trace.degraded


async def test_the_function_orders_in_the_place_of_the_shipped_reranker(tmp_path: Path) -> None:
    found, degraded = await ranked(tmp_path, block("python"))
    assert found[0].startswith("Many days pass.")  # has most of the words of the question
    assert degraded == []


async def test_one_that_raises_leaves_the_fused_order_and_says_so(tmp_path: Path) -> None:
    broken = "def rerank(question, texts):\n    raise RuntimeError('out of order')\n"
    found, degraded = await ranked(tmp_path, broken)
    assert found == [one.chunk.text for one in candidates()[:3]]
    assert degraded == ["no_rerank"]
