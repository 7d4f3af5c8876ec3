"""Replays and diagnoses on a real index: the same question comes out the same, and planted faults are named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.app import Project, System, open_system
from answerable.app.diagnosing import diagnose_case, diagnose_trace
from answerable.app.freezing import freeze_trace
from answerable.app.ingesting import open_ingestion
from answerable.app.replaying import replay
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.core.query import Turn
from answerable.evals.cases.files import load_cases
from answerable.evals.diagnosis.freezing import Wanted
from answerable.evals.diagnosis.stages import Stage
from answerable.testing.postgres import Clone
from answerable.testing.projects import make_project

QUOTE = "Refurbished items can be returned within 14 days of delivery."
CASE = EvalCase(
    id="refurbished",
    question="Within how many days can refurbished items be returned?",
    expect=Expectation(
        outcome=Outcome.ANSWERED,
        must=("14 days",),
        cites=("policies/returns.md",),
        spans=(GoldSpan(document="policies/returns.md", quote=QUOTE),),
    ),
)


@pytest.fixture
async def system(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[System]:
    """The small project, ingested into a database of its own."""
    project = make_project(tmp_path)
    monkeypatch.setenv("PROJECT_DB", clone.service_url)
    project.write("answerable.toml", project.config.read_text("utf-8") + '\n[database]\nurl = "env:PROJECT_DB"\n')
    async with open_system(Project.open(project.config)) as one:
        await sync(one)
        await one.warm()
        yield one


async def sync(system: System) -> None:
    async with open_ingestion(system) as ingestion:
        for section in system.settings.source:
            await ingestion.sync(section)


def varied(system: System, **changes: object) -> System:
    return replace(system, asker=replace(system.asker, **changes))


def deadline_free(system: System, text: str, **changes: object):
    return replace(system.query(text), **changes)


class Reversed:
    async def rerank(self, query, passages, *, limit):
        return list(reversed(passages))[:limit]


async def test_what_is_asked_again_is_the_same_to_the_byte_with_and_without_its_index(system: System) -> None:
    history = (Turn(role="user", text="I ordered a refurbished laptop."), Turn(role="assistant", text="Fine."))
    for text, more in (
        (CASE.question, {}),
        ("And within how many days can it be returned?", {"history": history}),
        ("How much goodwill credit may agents give?", {"principal": system.principal(["staff"])}),
        ("How do I train a dog to swim?", {}),
        ("Can I return it? Mail me at ann@example.org.", {}),
    ):
        answer = await system.asker.ask(deadline_free(system, text, **more))
        for frozen in (False, True):
            again = await replay(system, answer.trace_id, frozen=frozen)
            assert (again.verdict, again.reasons) == ("identical", ()), (text, again.comparison)
    assert len(await system.journal.traces(tenant="default", limit=50)) == 5  # replays leave no trace


async def test_a_variant_and_another_index_are_told_apart(system: System) -> None:
    answer = await system.asker.ask(system.query(CASE.question))
    one = await replay(system, answer.trace_id, changes={"threshold": "1"})
    assert (one.verdict, one.comparison.passages) == ("different", ())
    with pytest.raises(ConfigError, match="would change nothing"):
        await replay(system, answer.trace_id, changes={"reranker": "none"}, frozen=True)

    view = await system.documents.document(system.scope(), "policies/returns.md")
    await system.store.remove(tenant="default", document_ids=[view.id])
    gone = await replay(system, answer.trace_id)
    assert gone.verdict == "different"
    assert "the index has changed since" in gone.reasons[0]
    assert (await replay(system, answer.trace_id, frozen=True)).verdict == "identical"


async def test_planted_faults_are_named(system: System) -> None:
    retriever, limits = system.asker.retriever, system.asker.limits
    assert (await diagnose_case(system, CASE)).stage is Stage.NONE
    faulty = {
        Stage.RERANKER: varied(system, reranker=Reversed(), limits=replace(limits, keep=1)),
        Stage.ABSTENTION: varied(system, answerability=replace(system.asker.answerability, threshold=1.0)),
        Stage.FILTER: replace(
            system, project=replace(system.project, settings=filtered(system, {"language": "de"}))
        ),
    }
    for stage, one in faulty.items():
        assert (await diagnose_case(one, CASE)).stage is stage
    assert retriever is system.asker.retriever

    view = await system.documents.document(system.scope(), "policies/returns.md")
    await system.store.remove(tenant="default", document_ids=[view.id])
    assert (await diagnose_case(system, CASE)).stage is Stage.STALE_INDEX
    (system.project.path("knowledge") / "policies" / "returns.md").unlink()
    assert (await diagnose_case(system, CASE)).stage is Stage.CORPUS_MISSING


async def test_a_page_for_others_is_named_and_stays_theirs(system: System) -> None:
    answer = await system.asker.ask(system.query("How much goodwill credit may agents give?"))
    found = await diagnose_trace(
        system,
        answer.trace_id,
        wanted=Wanted(must=("75 euros",)),
        quotes=[GoldSpan(document="policies/goodwill.md", quote="goodwill credit of 75 euros")],
    )
    assert found.stage is Stage.ACL
    assert "acl staff" in found.why


async def test_without_a_wish_the_corpus_is_searched_three_ways(system: System) -> None:
    answer = await system.asker.ask(system.query("Which planet has the most moons?"))
    found = await diagnose_trace(system, answer.trace_id, wanted=Wanted())
    assert found.stage is Stage.CORPUS_MISSING
    assert "searched 3 ways" in found.why


async def test_a_trace_becomes_a_case_once_and_one_that_passes_is_told(system: System) -> None:
    answer = await system.asker.ask(system.query(CASE.question))
    first = await freeze_trace(system, answer.trace_id, wanted=Wanted(must=("14 days",)))
    assert (first.branch, first.changed, first.fails) == ("", True, "")  # no repository; and it shows nothing
    again = await freeze_trace(system, answer.trace_id, wanted=Wanted(must=("14 days",)), run=False)
    assert (again.changed, again.fails, again.text) == (False, None, first.text)
    (case,) = load_cases([system.project.path("evals/cases")])
    assert case == first.case
    unsaid = await freeze_trace(system, answer.trace_id, wanted=Wanted())
    assert "must_not" in (unsaid.fails or "")


async def test_a_case_holds_no_text_of_a_page_for_some(system: System) -> None:
    query = system.query("How much goodwill credit may agents give?", groups=("staff",))
    answer = await system.asker.ask(query)
    assert "75 euros" in answer.text
    made = await freeze_trace(system, answer.trace_id, wanted=Wanted(must=("80 euros",)), run=False)
    folder = system.project.path(made.path).parent
    assert "75 euros" not in "".join(one.read_text("utf-8") for one in folder.iterdir())
    assert made.withheld


async def test_a_trace_of_another_tenant_becomes_no_case_of_this_project(system: System) -> None:
    answer = await system.asker.ask(replace(system.query(CASE.question), tenant="other"))
    with pytest.raises(ConfigError, match="of the tenant other"):
        await freeze_trace(system, answer.trace_id, wanted=Wanted(must=("14 days",)), tenant="other")


def filtered(system: System, wanted: dict[str, str]):
    section = system.settings.retrieval.model_copy(update={"filter": {"status": "published", **wanted}})
    return system.settings.model_copy(update={"retrieval": section})
