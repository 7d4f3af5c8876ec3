"""Judges as a project configures them, over real sockets, before scripted judges: no figure is a model's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from answerable.adapters.fakes.judgments import MemoryJudgments
from answerable.app.judging import judge_concerns, open_judges, open_pairwise
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered
from answerable.evals.items import ShownPassage
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.material import Material
from answerable.evals.judges.panel import Panel
from answerable.testing.model_server.server import ModelServer

MATERIAL = Material(
    question="When?",
    answer="Within 14 days [1].",
    context=(ShownPassage(n=1, title="Returns", text="Within 14 days."),),
)
PROVIDER = """
[provider.{name}]
kind = "openai-compatible"
base_url = "{url}"
model = "{model}"
timeout = "10s"
"""


def project(folder: Path, url: str, *models: str, more: str = "") -> Project:
    names = [f"judge{n}" for n in range(len(models))]
    route = f'[[route]]\nuse = "judge"\nchain = [{", ".join(repr(name) for name in names)}]\n' if names else ""
    providers = "".join(
        PROVIDER.format(name=name, url=url, model=model) for name, model in zip(names, models, strict=True)
    )
    config = folder / "answerable.toml"
    config.write_text(f"{more}\n{route}{providers}")
    return Project.open(config)


async def test_a_project_has_a_judge_for_each_criterion_with_its_own_prices(
    tmp_path: Path, model_server: ModelServer
) -> None:
    more = '[price."scripted:judge"]\ninput = 1.0\noutput = 2.0\n'
    one = project(tmp_path, model_server.openai_url, "scripted:judge", more=more)
    budget, judgments = Budget(cap=Decimal(1)), MemoryJudgments()
    async with open_judges(one, ["safe", "grounded"], judgments=judgments, budget=budget) as judges:
        assert [judge.name for judge in judges] == ["judge:safe", "judge:grounded"]
        said = await judges[1].judge(MATERIAL)
    assert (said.verdict, said.cost) == (Answered.YES, budget.spent)
    sent = model_server.requests[0]
    assert budget.spent == Decimal(sent.input_tokens + 2 * sent.output_tokens) / 1_000_000
    async with open_judges(one, ["grounded"], judgments=judgments, budget=budget) as judges:
        assert (await judges[0].judge(MATERIAL)).remembered
    assert len(model_server.requests) == 1


async def test_a_panel_asks_every_provider_of_the_route(tmp_path: Path, model_server: ModelServer) -> None:
    models, more = ("scripted:judge", "scripted:judge-gullible"), '[eval]\njudge_panel = "unanimous"\n'
    one = project(tmp_path, model_server.openai_url, *models, more=more)
    async with open_judges(one, ["grounded"], judgments=MemoryJudgments()) as judges:
        assert isinstance(judges[0], Panel)
        said = await judges[0].judge(MATERIAL)
    assert (said.verdict, said.unpriced) == (Answered.YES, True)
    assert sorted(request.model for request in model_server.requests) == sorted(models)
    async with open_pairwise(one, "grounded", judgments=MemoryJudgments()) as pairwise:
        found = await pairwise.compare(MATERIAL, MATERIAL)
    assert found.error == "no valid reply in 2 attempts"  # the scripted judge knows no pairs


@pytest.mark.parametrize(
    ("models", "more", "said"),
    [
        ((), "", "no model is configured for 'judge'"),
        (("a-1", "b-1"), "", "what stands in for a judge is another judge"),
        (("a-1",), '[eval]\njudge_panel = "majority"\n', "a panel has at least two members"),
        (("a-1", "a-1"), '[eval]\njudge_panel = "majority"\n', "each another model"),
    ],
)
async def test_a_route_that_cannot_judge_is_named(
    tmp_path: Path, models: tuple[str, ...], more: str, said: str
) -> None:
    one = project(tmp_path, "http://127.0.0.1:9/v1", *models, more=more)
    with pytest.raises(ConfigError, match=said):
        async with open_judges(one, ["grounded"], judgments=MemoryJudgments()):
            pass


def test_a_project_without_judges_has_no_concerns_and_one_with_a_floating_judge_has(tmp_path: Path) -> None:
    assert judge_concerns(project(tmp_path, "http://127.0.0.1:9/v1")) == []
    assert len(judge_concerns(project(tmp_path, "http://127.0.0.1:9/v1", "x-latest"))) == 1
