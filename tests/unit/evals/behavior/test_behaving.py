"""Cases put to the shipped prompts, and answered by models that are careful, careless and obedient on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.app.behavior.behaving import Behaving, How
from answerable.app.behavior.run import SCRIPTED, Wanted, run_cases
from answerable.app.project import Project
from answerable.config import Settings
from answerable.core.completion import Usage
from answerable.core.errors import ConfigError, TransientModelError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.evals.behavior.case import BehaviorCase
from answerable.evals.behavior.files import shipped_cases
from answerable.evals.behavior.results import Results, cells
from answerable.prompts.collection import load_library, shipped
from answerable.prompts.file import parse
from answerable.testing.model_server.spoken import spoken

# Category → what of the shipped `answer` cases passes, of all.
CARELESS = {
    "empty": (0, 4),
    "irrelevant": (0, 5),
    "other-language": (0, 4),
    "adversarial": (5, 7),  # it obeys nobody; two of these ask for nothing that there is
    "contradiction": (1, 5),  # the one of which one side says that it does not hold any more
    "multi-step": (0, 4),
    "typo": (4, 4),
    "long": (4, 4),
    "off-topic": (0, 4),
}
# Prompt → the rows that a careless and an obedient model fail.
JUDGED = {"empty", "irrelevant", "adversarial", "contradiction", "multi-step", "off-topic"}
FAILED = {
    "rewrite": (
        {
            "empty",
            "irrelevant",
            "other-language",
            "adversarial",
            "contradiction",
            "multi-step",
            "long",
            "off-topic",
        },
        {"adversarial"},
    ),
    "decompose": (
        {
            *(
                "empty",
                "irrelevant",
                "other-language",
                "adversarial",
                "contradiction",
                "multi-step",
                "typo",
                "long",
            ),
            "off-topic",
        },
        {"adversarial"},
    ),
    "rerank": (
        {"irrelevant", "other-language", "adversarial", "contradiction", "multi-step", "typo", "long"},
        {"adversarial"},
    ),
    "judge": (JUDGED, {"adversarial"}),
    "judge-pair": ({"empty", "other-language", "adversarial", "contradiction", "multi-step"}, {"adversarial"}),
    "guard": (JUDGED, {"adversarial", "contradiction", "multi-step"}),
    "summary": (
        {
            *("empty", "irrelevant", "other-language", "adversarial", "contradiction", "multi-step", "typo"),
            "off-topic",
        },
        {"adversarial"},
    ),
    "probe": ({"empty"}, set()),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(settings=Settings(), base=tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def behaving(project: Project) -> Callable[[LLM, How], Behaving]:
    """The guards are loaded once."""
    one = Behaving.of(project, ScriptedLLM(), How())
    return lambda llm, how: replace(one, llm=llm, how=how)


def model(name: str) -> LLM:
    return spoken(SCRIPTED[name], name=name)


def failed_rows(results: Results) -> set[str]:
    return {one.category for one in cells(results) if one.passed < one.n}


def some(prompt: str, *names: str) -> tuple[BehaviorCase, ...]:
    return tuple(one for one in shipped_cases(prompt) if one.id in names)


@pytest.mark.parametrize("prompt", shipped())
async def test_a_careful_model_passes_all_cases_and_twins_of_the_shipped_library(prompt, behaving):
    one = behaving(model("careful"), How(scripted="careful"))
    results = await one.run(load_library(prompt), shipped_cases(prompt))
    assert results.ok, [(case.id, case.asked.findings) for case in results.cases if not case.passed]
    assert results.model == "scripted:careful"


async def test_a_careless_model_fails_the_rows_of_the_answer_prompt_that_it_should(behaving):
    one = behaving(model("careless"), How(twins=False))
    results = await one.run(load_library("answer"), shipped_cases("answer"))
    assert {row.category: (row.passed, row.n) for row in cells(results)} == CARELESS


async def test_an_obedient_model_fails_every_attack_and_nothing_else_and_shows_none_of_it(behaving):
    one = behaving(model("obedient"), How(twins=False))
    results = await one.run(load_library("answer"), shipped_cases("answer"))
    rows = {row.category: row for row in cells(results)}
    assert failed_rows(results) == {"adversarial"}
    assert (rows["adversarial"].passed, rows["adversarial"].n) == (0, 7)
    assert (rows["adversarial"].contained, rows["adversarial"].shows) == (7, 7)


@pytest.mark.parametrize("prompt", sorted(FAILED))
async def test_the_matrix_tells_careless_and_obedient_models_apart(prompt, behaving):
    found = []
    for name in ("careless", "obedient"):
        one = behaving(model(name), How(twins=False))
        found.append(failed_rows(await one.run(load_library(prompt), shipped_cases(prompt))))
    assert tuple(found) == FAILED[prompt]


async def test_a_prompt_without_its_rules_is_the_same_to_a_model_that_cannot_read(behaving):
    """What scripted models show is that the cases tell models apart; of a prompt's words they show nothing."""
    full = load_library("answer")
    rules = full.body[full.body.index("# Rules") : full.body.index("# This request")]
    bare = parse(full.source.replace(rules, ""), where="a test")
    one = behaving(model("careful"), How(twins=False))
    assert "NO_ANSWER and nothing else" in full.system
    assert "NO_ANSWER and nothing else" not in bare.system
    assert (await one.run(bare, shipped_cases("answer"))).ok


async def test_a_model_that_believes_the_first_source_is_found_by_the_shuffled_twin(behaving):
    def first(rendered: Rendered) -> str:
        days = "14 days" if rendered.user.index("14 days") < rendered.user.index("30 days") else "30 days"
        both = "As of 2025-02-01 it is 14 days [1]. As of 2026-04-20 it is 30 days [2]."
        return both if days == "14 days" else f"It is {days} [1]."

    one = behaving(ScriptedLLM([Reply(write=first)]), How())
    (case,) = (await one.run(load_library("answer"), some("answer", "contradiction-return-days"))).cases
    assert case.passed
    found = {twin.kind: twin.finding for twin in case.twins}
    assert found["shuffled"] == "the verdict depends on the order of the sources"
    assert found["rephrased"] == ""


async def test_a_model_that_wavers_is_asked_again_and_named(behaving):
    llm = ScriptedLLM(["NO_ANSWER", "Yes [1].", "NO_ANSWER"])
    one = behaving(llm, How(repeats=3, twins=False, concurrency=1))
    (case,) = (await one.run(load_library("answer"), some("answer", "empty-no-sources"))).cases
    assert len(llm.calls) == 3
    assert (case.passed, case.asked.flaky) == (True, True)


async def test_what_a_model_cannot_answer_is_unmeasured_and_no_failure(behaving):
    one = behaving(ScriptedLLM([TransientModelError("it is down")]), How(twins=False))
    results = await one.run(load_library("answer"), some("answer", "empty-no-sources"))
    assert (results.unmeasured, results.cases[0].passed, results.ok) == (1, None, False)
    assert results.cases[0].asked.tries[0].error == "it is down"


async def test_nothing_more_is_asked_once_the_money_is_spent(project):
    llm = ScriptedLLM([Reply(text="NO_ANSWER", usage=Usage(cost=Decimal("0.4")))])
    one = Behaving.of(project, llm, How(twins=False, concurrency=1, most=Decimal("0.5")))
    results = await one.run(load_library("answer"), shipped_cases("answer")[:4])
    assert len(llm.calls) == 2
    assert (results.unmeasured, results.stopped) == (2, "the 0.5 that it may cost are spent")
    assert results.cost == Decimal("0.8")


async def test_a_prompt_is_sent_as_production_sends_it(behaving):
    llm = ScriptedLLM(["{}"])
    one = behaving(llm, How(twins=False))
    for name, case in (
        ("answer", "typo-warranty"),
        ("rewrite", "long-conversation"),
        ("rerank", "typo-in-the-question"),
        ("judge", "typo-in-the-answer"),
    ):
        await one.run(load_library(name), some(name, case))
    answer, rewrite, rerank, judge = llm.calls
    assert all(one.sealed for one in llm.calls)
    assert '<source n="1" title="Warranty" section="" date="2026-03-01"' in answer.user
    assert f"the person\n{rewrite.boundary}| How many days" in rewrite.user
    assert f"passage 1\n{rerank.boundary}| The warranty" in rerank.user
    assert "THE ANSWER TO JUDGE (asked for in: en)" in judge.user
    assert [one.temperature for one in llm.calls] == [0.1, 0.0, 0.0, 0.0]


OWN = """---
id: refund-letter
version: 1.0.0
owner: somebody
purpose: Write a letter.
inputs: {order: user, tone: operator, token: system}
---
Write in the tone {{ tone }}. The token is {{ token }}.

--- user ---
{{ order }}
"""
CASES = """\
cases:
  - {id: a, category: empty, values: {order: LF-1, tone: kind}, expect: {must: [LF-1]}}
  - {id: b, category: typo, values: {order: LF-2}, expect: {must: [LF-2]}}
"""


async def test_a_projects_own_prompt_is_given_the_values_of_its_cases(tmp_path: Path):
    folder = tmp_path / "prompts" / "tests"
    folder.mkdir(parents=True)
    (tmp_path / "prompts" / "refund-letter.md").write_text(OWN)
    (folder / "refund-letter.yaml").write_text(CASES)
    project = Project(settings=Settings(), base=tmp_path)
    llm = ScriptedLLM(["About LF-1."])
    one = Behaving.of(project, llm, How(twins=False))
    from answerable.app.behavior.cases import cases_for

    first, second = cases_for(project, "refund-letter")
    prompt = project.prompts.get("refund-letter")
    assert (await one.run(prompt, [first])).ok
    assert f"{llm.calls[0].boundary}| LF-1" in llm.calls[0].user
    with pytest.raises(ConfigError, match="'b' has no value for tone") as caught:
        await one.run(prompt, [second])
    assert "refund-letter.yaml:3" in str(caught.value)


async def test_without_a_model_it_says_what_to_configure(project):
    with pytest.raises(ConfigError, match="no model is configured for 'answer'") as caught:
        await run_cases(project, Wanted(names=("answer",)), lambda line: None)
    assert "--scripted careful" in caught.value.hint
    with pytest.raises(ConfigError, match="no provider is called 'other'"):
        await run_cases(project, Wanted(names=("answer",), models=("other",)), lambda line: None)
    with pytest.raises(ConfigError, match="no case of answer is like 'zzz'"):
        await run_cases(project, Wanted(names=("answer",), filter="zzz"), lambda line: None)


async def test_prompts_without_a_route_are_told_and_versions_stand_side_by_side(tmp_path: Path):
    (tmp_path / "prompts").mkdir()
    shipped_text = load_library("decompose").source
    version = load_library("decompose").version
    (tmp_path / "prompts" / "decompose@9.9.9.md").write_text(
        shipped_text.replace(f"version: {version}", "version: 9.9.9")
    )
    project = Project(settings=Settings(), base=tmp_path)
    names = ("decompose@9.9.9", f"decompose@{version}")
    wanted = Wanted(names=names, filter="empty", how=How(scripted="careful", twins=False))
    tested = await run_cases(project, wanted, lambda line: None)
    assert [one.prompt for one in tested.groups[0]] == list(names)
    assert tested.comparisons[0].sentence.startswith(
        f"decompose@9.9.9 against decompose@{version}: can't tell; 0 mended"
    )
