"""Judges as a project configures them: which criteria, which models, which budget, and what is remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from answerable.adapters.postgres.judgments import PostgresJudgments
from answerable.app.database import open_database
from answerable.app.gateway import Parts, chain_for
from answerable.app.models import open_models
from answerable.app.paying import open_money
from answerable.app.pricing import price_table
from answerable.app.project import Project
from answerable.config.gateway import ProviderSection
from answerable.core.completion import Usage
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM, Judgments
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.criteria import load_criteria, select
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.interview import Interviewer
from answerable.evals.judges.judge import Judge
from answerable.evals.judges.memory import Memory
from answerable.evals.judges.model_names import concerns
from answerable.evals.judges.pairwise import Pairwise
from answerable.evals.judges.panel import Panel
from answerable.evals.judges.rendering import JudgeRenderer
from answerable.llm.price import Price

USE = "judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCost:
    """What a call may cost at the most, by the model's price; None where it has none."""

    price: Price | None

    def __call__(self, *, input_tokens: int, output_tokens: int) -> Decimal | None:
        """In the price table's currency."""
        return self.price.most(Usage(input=input_tokens, output=output_tokens)) if self.price else None


def project_criteria(project: Project) -> dict[str, Criterion]:
    """The project's criteria and the shipped ones beside them. Raises ConfigError naming file and line."""
    return load_criteria(project.path(project.settings.eval.criteria))


def judge_budget(project: Project) -> Budget:
    """What one run may cost."""
    return Budget(cap=Decimal(str(project.settings.eval.max_cost)))


def judge_concerns(project: Project) -> list[str]:
    """What speaks against the configured judges, in sentences: their own case, a name that may change."""
    settings = project.settings
    chains = {use: [n for one in settings.route if one.use == use for n in one.chain] for use in ("answer", USE)}
    judges = [settings.provider[name] for name in chains[USE]]
    return concerns(
        {one.model: one.base_url is None for one in judges},
        [settings.provider[name].model for name in chains["answer"] if name in settings.provider],
    )


@asynccontextmanager
async def open_judges(
    project: Project,
    criteria: Sequence[str],
    *,
    judgments: Judgments | None = None,
    budget: Budget | None = None,
    parts: Parts | None = None,
) -> AsyncIterator[tuple[Judge | Panel, ...]]:
    """A judge for each criterion, none named: for all. Each is a Metric.

    `judgments`: where they are remembered; None: in the project's database, which is opened for it, and the calls
    are written into its book; else `parts` does that. `budget`: shared with others; None: [eval] max_cost for
    these judges alone. Raises ConfigError, DatabaseUnreachable.
    """
    chosen = select(project_criteria(project), criteria)
    async with _open_bench(project, judgments, budget, parts) as bench:
        yield tuple(bench.seat(criterion) for criterion in chosen)


@asynccontextmanager
async def open_pairwise(
    project: Project,
    criterion: str,
    *,
    judgments: Judgments | None = None,
    budget: Budget | None = None,
    parts: Parts | None = None,
) -> AsyncIterator[Pairwise]:
    """The route's first model, comparing two answers by a criterion. Parameters and errors as `open_judges`."""
    chosen = select(project_criteria(project), [criterion])[0]
    async with _open_bench(project, judgments, budget, parts) as bench:
        first = next(iter(bench.models))
        interviewer = bench.interviewer(first, "judge-pair")
        yield Pairwise(criterion=chosen, interviewer=interviewer, memory=bench.memory)


@asynccontextmanager
async def _open_bench(
    project: Project, judgments: Judgments | None, budget: Budget | None, parts: Parts | None
) -> AsyncIterator[_Bench]:
    async with AsyncExitStack() as stack:
        _check_route(project, chain_for(project, USE).chain)
        if judgments is None:
            database = await stack.enter_async_context(open_database(project))
            judgments = PostgresJudgments(database)
            parts = parts or (await stack.enter_async_context(open_money(project, database))).parts
        models = await stack.enter_async_context(open_models(project, USE, parts))
        memory = Memory(judgments=judgments, tenant=project.settings.project.tenant)
        yield _Bench(project=project, models=models, memory=memory, budget=budget or judge_budget(project))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """What all judges of a run have in common."""

    project: Project
    models: dict[str, LLM]
    memory: Memory
    budget: Budget

    def seat(self, criterion: Criterion) -> Judge | Panel:
        """The judge, or the panel of judges, of a criterion."""
        members = tuple(
            Judge(criterion=criterion, interviewer=self.interviewer(name, "judge"), memory=self.memory)
            for name in self.models
        )
        rule = self.project.settings.eval.judge_panel
        return Panel(members=members, rule=rule) if rule else members[0]

    def interviewer(self, name: str, prompt: str) -> Interviewer:
        """A provider with a prompt."""
        settings, table = self.project.settings, price_table(self.project, name)
        provider = settings.provider[name]
        return Interviewer(
            llm=self.models[name],
            model=model_identity(provider),
            renderer=JudgeRenderer(prompt=self.project.prompts.get(prompt)),
            budget=self.budget,
            estimate=CallCost(price=table.find(provider.model)),
            timeout_s=settings.eval.deadline,
        )


def model_identity(provider: ProviderSection) -> str:
    """Protocol, endpoint and model name: the same name elsewhere may be another model."""
    return f"{provider.kind} {provider.base_url or 'vendor'} {provider.model}"


def _check_route(project: Project, names: Sequence[str]) -> None:
    panel = project.settings.eval.judge_panel
    if len(names) > 1 and not panel:
        raise ConfigError(
            f"the judge route has {len(names)} providers: what stands in for a judge is another judge",
            hint='name one, or ask them all with [eval] judge_panel = "majority"',
        )
    models = [model_identity(project.settings.provider[name]) for name in names]
    if panel and len(set(models)) < max(2, len(models)):
        raise ConfigError(
            "a panel has at least two members, each another model",
            hint='name several providers in the chain of [[route]] use = "judge"',
        )
