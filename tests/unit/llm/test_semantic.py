"""A reply to other words is given only where the vectors are near and the evidence it cites is in the context."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.fakes.replies import MemoryReplies
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.errors import Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import EmbeddingModel, Kind, Vectors
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Scope
from answerable.llm.cache import Cached
from answerable.llm.cache_key import Ground
from answerable.llm.patience import Patience
from answerable.llm.semantic import Semantic

ASKED, REWORDED, OPPOSITE = (
    "Can I return shoes?",
    "Is it possible to return shoes, please?",
    "Can't I return shoes?",
)
TEXT = "Thirty days [2]. Keep the receipt [1, 2]."


class Fixed:
    """An embedder whose vectors are told: every question is the same, but for those that are far."""

    def __init__(self, far: Sequence[str] = (), *, down: bool = False) -> None:
        self.far, self.down = far, down
        self.model = EmbeddingModel(name="fixed", revision="1", dim=2)

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        await asyncio.sleep(0)
        if self.down:
            raise Unreachable("the embedder is down")
        return np.array([[0.0, 1.0] if text in self.far else [1.0, 0.0] for text in texts], dtype=np.float32)


def a_prompt(question: str, texts: Sequence[str] = ("Receipt.", "30 days."), **changes: object) -> Rendered:
    blocks = tuple(
        ContextBlock(
            n=n, passage=Passage(chunk=Chunk(document_id="d", start=0, end=len(text), text=text), score=1.0)
        )
        for n, text in enumerate(texts, 1)
    )
    plain = Rendered(
        prompt_id="answer",
        version="1",
        sha256="0",
        system="s",
        user="u",
        question=question,
        blocks=blocks,
        basis="pb_1",
        scope=Scope(tenant="acme"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


async def cache_with(text: str = TEXT, embedder: Fixed | None = None) -> Cached:
    """A cache that holds a reply to ASKED."""
    cached = Cached(
        llm=ScriptedLLM([Reply(text=text), Reply(text="Another [1].")]),
        replies=MemoryReplies(),
        ground=Ground(use="answer", models=("m",), index="e"),
        ttl_s=60.0,
        semantic=Semantic(embedder=embedder or Fixed(), threshold=0.97, patience=Patience(wait_s=5.0)),  # type: ignore[arg-type]
        patience=Patience(wait_s=5.0),
    )
    await cached.keep(a_prompt(ASKED), await said(cached, a_prompt(ASKED)))
    return cached


async def said(cached: Cached, prompt: Rendered) -> Completion:
    return await cached.complete(prompt, deadline=Deadline.after(5))


async def test_other_words_get_the_reply_with_its_citations_numbered_anew() -> None:
    cached = await cache_with()
    found = await said(cached, a_prompt(REWORDED, ("30 days.", "News.", "Receipt.")))
    assert (found.cache, found.text) == ("semantic", "Thirty days [1]. Keep the receipt [3, 1].")


@pytest.mark.parametrize(
    "prompt",
    [
        a_prompt(OPPOSITE),
        a_prompt(REWORDED, ("30 days.", "News.")),  # the receipt's passage is not there any more
        a_prompt(REWORDED, ("31 days.", "Receipt.")),
        a_prompt(REWORDED, scope=Scope(tenant="other")),
        a_prompt(REWORDED, scope=Scope(tenant="acme", groups=("hr", "public"))),
        a_prompt(REWORDED, language="de"),
        a_prompt(REWORDED, basis="pb_2"),
    ],
)
async def test_another_meaning_reader_prompt_or_evidence_gets_a_reply_of_its_own(prompt: Rendered) -> None:
    found = await said(await cache_with(), prompt)
    assert (found.cache, found.text) == ("", "Another [1].")


@pytest.mark.parametrize(
    ("text", "embedder"),
    [
        (TEXT, Fixed(far=(REWORDED,))),
        ("Thirty days.", Fixed()),  # cites nothing: nothing shows that its evidence is there
        ("Thirty days [7].", Fixed()),
        (TEXT, Fixed(down=True)),
    ],
)
async def test_nothing_is_given_where_vectors_are_far_or_nothing_is_cited(text: str, embedder: Fixed) -> None:
    found = await said(await cache_with(text, embedder), a_prompt(REWORDED))
    assert (found.cache, found.text) == ("", "Another [1].")
