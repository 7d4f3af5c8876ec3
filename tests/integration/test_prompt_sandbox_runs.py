"""A draft at work, with a scripted model that reads its prompt: asked, run, compared with what is served."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.integration.curt import BARE, BEHAVIOR, CASE, CURT, QUESTION, ROUTED, Curt

from answerable.app import Project, System, open_system
from answerable.app.ingesting import open_ingestion
from answerable.app.prompts.evidence import evidence
from answerable.app.prompts.sandbox import Draft, draft_of
from answerable.app.prompts.sandbox_report import suite_record
from answerable.app.prompts.sandbox_runs import suite, tried
from answerable.core.errors import ConfigError
from answerable.testing.model_server.server import ModelServer
from answerable.testing.postgres import Clone
from answerable.testing.repositories import prompt_text


def project_in(folder: Path, config: str) -> Project:
    for name, text in {
        "answerable.toml": config,
        "knowledge/returns.md": "# Returns\n\nMost items can be returned within 30 days of delivery.\n",
        "prompts/answer.md": prompt_text("1.0.0", change="First version."),
        "prompts/tests/answer.yaml": BEHAVIOR,
        "evals/cases/returns.jsonl": json.dumps(CASE) + "\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Project.open(folder / "answerable.toml")


def curt(system: System) -> Draft:
    return draft_of(system.project, "answer", prompt_text("1.1.0", change="Be curt.", rule=CURT))


async def left_behind(system: System) -> tuple[int, int]:
    """Runs and traces in the database."""
    await system.journal.flush()
    return (
        len(await system.runs.runs(tenant="default")),
        len(await system.journal.traces(tenant="default", limit=20)),
    )


async def test_a_draft_is_asked_and_run_and_leaves_no_run_and_no_trace(
    tmp_path: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURT_TEST_URL", clone.owner_url)
    with ModelServer(Curt()) as server:
        routed = project_in(tmp_path / "routed", BARE + ROUTED.format(url=server.openai_url))
        async with open_system(routed) as system:
            async with open_ingestion(system) as ingestion:
                await ingestion.sync(system.settings.source[0])
            draft, said = curt(system), list[str]()
            served = await system.asker.ask(system.query(QUESTION))
            before = await left_behind(system)

            asked = await tried(system, draft, system.query(QUESTION))
            assert asked["asked"] is True
            assert asked["raw"][0] == "Thirty."
            assert "Thirty" not in asked["answer"]["text"]
            assert asked["answer"]["prompt"]["version"] == "1.1.0"

            found = suite_record(await suite(system, draft, most=5.0, tell=said.append))
            assert found["notes"] == []
            assert [(one["category"], one["passed"]) for one in found["behavior"]] == [("empty", 0)]
            assert found["behavior"][0]["failed"][0]["id"] == "nothing-found"
            assert found["compared"]["broken"] == ["returns"]
            assert "| empty | 0 of 1 |" in found["markdown"]
            assert "Again: `answerable ci run`" in found["markdown"]
            assert any("behavior: 1 of 1" in line for line in said)
            assert "asking the cases with the draft" in said

            waiting = asyncio.create_task(suite(system, draft, most=5.0, tell=lambda _: None))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await left_behind(system) == before == (0, 1)
            known = await evidence(system, "answer")
            assert {name: one["fault"] for name, one in known.items()} == dict.fromkeys(known, "")
            quality = known["production"]["value"]["metrics"][0]
            assert (quality["name"], quality["charts"][0][:4]) == ("quality", "<svg")
            again = await system.asker.ask(system.query(QUESTION))
            assert again.text == served.text and "30 days" in again.text

            other = draft_of(system.project, "answer", "no front matter")
            with pytest.raises(ConfigError, match="is no prompt yet"):
                await tried(system, other, system.query("?"))

    bare = project_in(tmp_path / "bare", BARE)
    async with open_system(bare) as system:
        asked = await tried(system, curt(system), system.query(QUESTION))
        assert (asked["asked"], asked["raw"]) == (False, [])
        assert "30 days" in asked["answer"]["text"]
        found = suite_record(await suite(system, curt(system), most=5.0, tell=lambda _: None))
        assert found["notes"] == ["behavior was not tried: no model is configured"]
        assert found["compared"]["broken"] == []
