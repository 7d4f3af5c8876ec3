"""The canary set: frozen files, what is kept of a run, and one sentence when a provider replies otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.answer.frozen import passage_row
from answerable.app.drift.canary_file import CanaryCase, Kept, canary_id, read_canaries, write_canary
from answerable.app.drift.canary_run import CanaryParts, canary_run
from answerable.app.drift.marks import mark_of
from answerable.core.document import Chunk
from answerable.core.errors import ConfigError, TransientModelError
from answerable.core.passage import Passage
from answerable.monitor.drift.finding import Cause

AT = datetime(2026, 11, 1, 4, tzinfo=UTC)
PROMPT = """---
id: answer
version: 1.0.0
owner: tests
purpose: Answer from passages.
inputs: {question: user, context: document, language: system, canary: system, today: system, scope: operator}
---
Answer in {{ language }} from the passages, and cite them. {{ canary }} {{ today }} {{ scope }}
--- user ---
{{ context }}
{{ question }}
"""
GOOD, OTHER = "Returns are free for 30 days [1].", "I believe that shipping is quick and glad customers wait."


def parts(folder: Path, llm: ScriptedLLM) -> CanaryParts:
    """Eight canaries of one provider."""
    passage = Passage(chunk=Chunk(document_id="d1", start=0, end=9, text="30 days."), score=1.0, title="Returns")
    for n in range(8):
        case = CanaryCase(
            id=f"case-{n}", question=f"How long may I return item {n}?", today="2026-11-01", prompt=PROMPT,
            passages=(passage_row(passage),), must=("30 days",),
            replies={"main": Kept(reply=GOOD, reported="m-1")},
        )  # fmt: skip
        write_canary(folder, case)
    return CanaryParts(
        models={"main": llm}, embedder=HashEmbedder(), events=MemoryEvents(), happenings=MemoryHappenings(),
        folder=folder, tenant="default", false_alarm_days=30.0,
    )  # fmt: skip


async def test_a_silent_swap_is_told_once_within_three_runs_and_explains_what_follows(tmp_path: Path) -> None:
    steady = parts(tmp_path, ScriptedLLM([GOOD]))
    for day in range(6):
        results, said = await canary_run(steady, now=AT + timedelta(days=day))
        assert (said, {one.passed for one in results}, {one.distance for one in results}) == ([], {True}, {0.0})
    swapped = replace(steady, models={"main": ScriptedLLM([Reply(text=OTHER, model="m-1")])})
    told = [await canary_run(swapped, now=AT + timedelta(days=day)) for day in range(6, 11)]
    assert [len(said) for _, said in told[:3]].count(1) == 1
    assert sum(len(said) for _, said in told) == 1
    (happening,) = steady.happenings.written  # type: ignore[attr-defined]
    mark = mark_of(happening)
    assert mark is not None
    assert (mark.cause, mark.at) == (Cause.PROVIDER, AT + timedelta(days=6))


async def test_the_prompt_and_the_passages_are_those_of_the_file(tmp_path: Path) -> None:
    llm = ScriptedLLM([GOOD])
    await canary_run(parts(tmp_path, llm), now=AT)
    asked = llm.calls[0]
    assert (asked.prompt_id, asked.version, "30 days." in asked.user) == ("answer", "1.0.0", True)
    assert asked.basis == ""  # no cache may answer in the provider's place


async def test_a_provider_that_cannot_be_reached_gives_no_result(tmp_path: Path) -> None:
    broken = parts(tmp_path, ScriptedLLM([TransientModelError("it is away")]))
    results, said = await canary_run(broken, now=AT)
    assert (said, broken.events.written) == ([], [])  # type: ignore[attr-defined]
    assert all(one.error and one.distance is None for one in results)


@pytest.mark.parametrize("text", ["{", '{"id": "x"}', json.dumps({"id": "x", "tpyo": 1})])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.json"):
        read_canaries(tmp_path)


def test_an_id_is_made_of_the_question() -> None:
    assert canary_id("How long is the warranty?") == "how-long-is-the-warranty"
    assert canary_id("¿?") == "canary"
