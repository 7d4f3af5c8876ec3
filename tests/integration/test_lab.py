"""An experiment on a real project, its advice put in place as a second index, and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.app import Project, System, indexing, open_system
from answerable.app.ingesting import open_ingestion
from answerable.app.lab import Done, Plan, experiment, read_edits, write_report
from answerable.app.lab_pairs import TooFew
from answerable.app.lab_settings import chunkings
from answerable.config.edit import Edit
from answerable.core.evaluation import GoldSpan
from answerable.core.pairs import Pair
from answerable.evals.pairs import write_pairs
from answerable.ingest.progress import ignore
from answerable.testing.postgres import Clone
from answerable.testing.projects import CONFIG, make_project

SMALLER = Edit(section="", key="chunking", value='{ strategy = "structure", max_tokens = 32 }', source="knowledge")
PAGES = {
    f"topic-{n}.md": f"# Topic {n}\n\n" + "\n\n".join(
        f"Number {n}-{m} is about {word}. It takes {n + m} days and costs {10 * n + m} euros in every shop."
        for m, word in enumerate(("apples", "boats", "clocks", "doors"))
    )
    for n in range(10)
}  # fmt: skip


def watch(source: str):
    return ignore


def chunking(base, source):
    return chunkings(base, source, strategies=["structure", "fixed"], sizes=[60])


@pytest.fixture
async def system(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[System]:
    project = make_project(tmp_path, pages=PAGES, config=CONFIG + '\n[database]\nurl = "env:PROJECT_DB"\n')
    monkeypatch.setenv("PROJECT_DB", clone.service_url)
    async with open_system(Project.open(project.config)) as one:
        async with open_ingestion(one) as ingestion:
            await ingestion.sync(one.settings.source[0])
        yield one


def asked(count: int) -> list[Pair]:
    words = ("apples", "boats", "clocks", "doors")
    return [
        Pair(
            id=f"p{n}",
            question=f"How much are {words[n % 4]} of topic {n // 4}?",
            spans=(GoldSpan(document=f"topic-{n // 4}.md", quote=f"costs {10 * (n // 4) + n % 4} euros"),),
        )
        for n in range(count)
    ]


async def test_an_experiment_needs_thirty_questions_and_then_says_what_it_found(system: System, tmp_path: Path):
    plan = Plan(kind="chunking", source="knowledge", choose=chunking, budget=100)
    file = system.project.path("evals/pairs.jsonl")
    write_pairs(asked(29), file)
    few = await experiment(system, plan, say=lambda _: None)
    assert isinstance(few, TooFew)
    assert "1 more" in few.text

    write_pairs(asked(36), file)
    said: list[str] = []
    done = await experiment(system, plan, say=said.append)
    assert isinstance(done, Done)
    assert done.result["questions"] == 36
    assert {one["name"] for one in done.result["settings"]} == {"structure-200", "structure-60", "fixed-60"}
    assert all(0 < one["recall"] <= 1 and one["query_ms_p50"] > 0 for one in done.result["settings"])
    again = await experiment(system, plan, say=lambda _: None)
    assert isinstance(again, Done)
    assert {one["embedded"] for one in again.result["settings"]} == {0}, "a second run embeds nothing"
    assert [one["recall"] for one in again.result["settings"]] == [
        one["recall"] for one in done.result["settings"]
    ]
    page, data = write_report(system.project, done.result, tmp_path / "page.html")
    assert page.read_text().startswith("<!doctype html>")
    assert read_edits(data) == done.edits


async def test_an_advice_is_put_in_place_beside_and_taken_back(system: System):
    config = system.project.path("answerable.toml")
    before = config.read_text()
    old = await system.documents.counts(tenant="default")
    made, reports = await indexing.build(system, [SMALLER], note="test", watch=watch)
    assert (reports[0].added, reports[0].failed) == (10, {})
    assert await system.documents.counts(tenant="default") == old
    assert config.read_text() == before

    system.project.path("knowledge/topic-3.md").write_text("# Topic 3\n\nChanged after the build.\n")
    async with open_ingestion(system) as ingestion:
        await ingestion.sync(system.settings.source[0])
    assert (await indexing.switch(system, watch=watch)).name == made.name
    assert SMALLER.line in config.read_text()
    new = await system.documents.counts(tenant="default")
    assert (new["documents"], new["chunks"] > old["chunks"]) == (10, True)
    assert "Changed after" in (await system.documents.document(system.scope(), "topic-3.md")).text

    changed = replace(system, project=Project.open(config))
    system.project.path("knowledge/topic-4.md").unlink()
    async with open_ingestion(changed) as ingestion:
        report = await ingestion.sync(changed.settings.source[0])
    assert (report.removed, report.unchanged) == (1, 9), "the written settings are those that it was built for"
    assert (await indexing.rollback(changed, watch=watch)).name == "default"
    assert config.read_text() == before
    assert (await system.documents.counts(tenant="default"))["documents"] == 9, "what was deleted stays deleted"
    assert [one.name for one, _ in await indexing.vacuum(system)] == [made.name]
    assert [one.name for one in await indexing.generations_of(system)] == ["default"]
