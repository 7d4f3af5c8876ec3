"""A rollout from its first person to its rollback, over two processes' systems, Postgres and a scripted model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from answerable.adapters.postgres.rollout_turns import RolloutTurns
from answerable.app import Project, System, open_system
from answerable.app.ingesting import open_ingestion
from answerable.app.rollouts.status import status_row, statuses
from answerable.core.answer import Answer
from answerable.core.document import PUBLIC
from answerable.core.ports import Feedback
from answerable.core.query import Principal
from answerable.prompts.rollout import Pin, Rollout
from answerable.prompts.rollout_file import dump
from answerable.testing.model_server import ModelServer
from answerable.testing.postgres import Clone
from answerable.testing.projects import CONFIG, make_project
from answerable.testing.repositories import prompt_text

QUESTION = "Within how many days of delivery can most items be returned?"
MODEL = """
[database]
url = "env:PROJECT_DB"

[provider.main]
kind = "openai-compatible"
base_url = "{url}/v1"
model = "scripted:cite"
timeout = "30s"
first_token = "30s"

[[route]]
use = "answer"
chain = ["main", "extractive"]
"""


@pytest.fixture
async def systems(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_server: ModelServer
) -> AsyncIterator[tuple[System, System]]:
    """Two processes' worth of one project, half of whose people have the candidate."""
    folder = make_project(tmp_path, config=CONFIG + MODEL.format(url=model_server.url))
    monkeypatch.setenv("PROJECT_DB", clone.service_url)
    folder.write("prompts/answer.md", prompt_text("2.2.0", change="As it was."))
    folder.write("prompts/answer@2.3.0.md", prompt_text("2.3.0", change="Bolder.", rule="Answer boldly."))
    project = Project.open(folder.config)
    pins = {one: pin(project, one) for one in ("2.2.0", "2.3.0")}
    rollout = Rollout(
        prompt="answer",
        stable=pins["2.2.0"],
        candidate=pins["2.3.0"],
        share=0.5,
        salt="3f9a11c2d4e5",
        guards=("harmful",),
        auto_rollback=True,
        started=datetime.now(UTC).replace(microsecond=0),
        by="ann@example.com",
    )
    folder.write("rollouts.toml", dump([rollout]))
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(open_system(project)) for _ in range(2)]
        async with open_ingestion(both[0]) as ingestion:
            for section in both[0].settings.source:
                await ingestion.sync(section)
        await both[0].warm()
        yield both[0], both[1]


def pin(project: Project, version: str) -> Pin:
    return Pin(version=version, sha256=project.prompts.get(f"answer@{version}").sha256)


async def ask(system: System, person: str, *, trial: bool = True) -> Answer:
    query = system.query(QUESTION)
    principal = Principal(id=person, groups=(PUBLIC,))
    return await system.asker.ask(replace(query, principal=principal, trial=trial))


async def trace_of(system: System, answer: Answer) -> dict[str, object]:
    await system.journal.flush()
    return await system.journal.trace(tenant="default", reference=answer.trace_id)


async def test_a_candidate_that_people_call_harmful_takes_itself_back_for_everybody(
    systems: tuple[System, System],
) -> None:
    one, other = systems
    first = {person: await ask(one, person) for person in (f"u{n}" for n in range(24))}
    had = {person for person, answer in first.items() if answer.arm == "candidate"}
    assert 8 <= len(had) <= 18
    assert {answer.prompt and answer.prompt[1] for answer in first.values()} == {"2.2.0", "2.3.0"}

    # The same person has the same version in every process, and who measures is in no rollout.
    unlucky = min(had)
    assert ((await ask(other, unlucky)).prompt or ("", "", ""))[1] == "2.3.0"
    measured = await ask(one, unlucky, trial=False)
    assert (measured.arm, measured.prompt and measured.prompt[1]) == ("", "2.2.0")

    for person in sorted(had):
        said = Feedback(answer_id=first[person].id, value="down", reasons=("harmful",))
        await one.journal.feedback(tenant="default", principal=Principal(id=person), feedback=said)
    watch = one.operations.guarded
    assert watch is not None
    (before,) = await statuses(one.rollouts, one.database)
    assert status_row(before)["verdict"] == "roll back"

    async with RolloutTurns(database=other.database, tenant="default").take(before.served.rollout.id) as mine:
        assert mine
        assert await watch.look_once() == []  # the other process is looking
    assert await watch.look_once() == ["answer"]

    after = await ask(one, unlucky)
    await other.rollouts.refresh()
    elsewhere = await ask(other, unlucky)
    assert [(each.arm, (each.prompt or ("", "", ""))[1]) for each in (after, elsewhere)] == [
        ("rolled_back", "2.2.0")
    ] * 2
    assert after.cache in ("", "exact")  # if a kept reply, then one to the stable text
    texts = {}
    for answer in (first[unlucky], after):
        trace = await trace_of(one, answer)
        prompt, (arm,) = trace["prompt"], trace["rollouts"]
        assert prompt["sha256"] == arm["sha256"] == answer.prompt[2]  # type: ignore[index]
        texts[arm["name"]] = "Answer boldly." in prompt["system"]
    assert texts == {"candidate": True, "rolled_back": False}

    (event,) = [
        each
        for each in await one.happenings.latest(tenant="default", name="rollout.changed")
        if each.props["what"] == "back"
    ]
    assert (event.props["metric"], event.props["by"], event.props["to"]) == ("harmful", "guards", "answer@2.2.0")
    row = status_row((await statuses(other.rollouts, other.database))[0])
    assert (row["state"], row["share"], row["back"]["metric"]) == ("rolled back", 0.0, "harmful")
    assert (one.project.base / ".answerable" / "rollback-answer-2.3.0.patch").is_file()
