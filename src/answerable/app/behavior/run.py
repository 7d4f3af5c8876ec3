"""A run of `prompt test`: which prompts, with which models, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from answerable.app.behavior.behaving import Behaving, How
from answerable.app.behavior.cases import cases_for
from answerable.app.gateway import Gateway, open_gateway
from answerable.app.project import Project
from answerable.app.prompts.history import text_of
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM
from answerable.evals.behavior.case import BehaviorCase
from answerable.evals.behavior.comparison import Comparison, compare
from answerable.evals.behavior.results import Results
from answerable.prompts.prompt import Prompt
from answerable.testing.model_server.behaviors import Careful, Careless, Obedient
from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.spoken import spoken

SCRIPTED: dict[str, Speaker] = {"careful": Careful(), "careless": Careless(), "obedient": Obedient()}
"""Behaviors that may stand in for a model, to see the test itself work."""

Tell = Callable[[str], None]  # a line about the work


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is tested. No names: every prompt that has cases. `models`: providers by name; none: the route."""

    names: tuple[str, ...] = ()  # ids, or id@version
    models: tuple[str, ...] = ()
    filter: str = ""  # in a case's id or category
    how: How = field(default_factory=How)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """The results, those of one prompt side by side, and the comparisons of neighbors. `skipped`: in sentences."""

    groups: tuple[tuple[Results, ...], ...]
    comparisons: tuple[Comparison, ...]
    skipped: tuple[str, ...]

    @property
    def results(self) -> tuple[Results, ...]:
        """All of them."""
        return tuple(one for group in self.groups for one in group)


async def run_cases(project: Project, wanted: Wanted, tell: Tell) -> Tested:
    """Ask. Raises ConfigError for bad files, unknown names, and where a named prompt has no cases or no model."""
    chosen, skipped = _chosen(project, wanted)
    done: list[Results] = []
    async with open_gateway(project) as gateway:
        spending = None
        for prompt, cases in chosen:
            models = _models(gateway, prompt, wanted)
            if not models:
                skipped.append(_unasked(prompt, named=bool(wanted.names)))
                continue
            for llm in models:
                behaving = Behaving.of(project, llm, wanted.how)
                behaving = behaving if spending is None else replace(behaving, spending=spending)
                spending = behaving.spending
                done.append(await behaving.run(prompt, cases))
                tell(f"{prompt.ref}: {len(cases)} case{'s' if len(cases) != 1 else ''} asked")
    if not done:
        more = f"; and {len(skipped) - 1} more" if len(skipped) > 1 else ""
        raise ConfigError(f"{skipped[0]}{more}" if skipped else "there is nothing to test", hint=_NO_MODEL)
    groups = tuple(tuple(group) for _, group in groupby(done, key=lambda one: one.prompt.partition("@")[0]))
    comparisons = tuple(compare(*pair) for group in groups for pair in pairwise(group[::-1]))
    return Tested(groups=groups, comparisons=comparisons, skipped=tuple(skipped))


_NO_MODEL = (
    "add [[route]] with its `use` and `chain`, and [provider.NAME]; or see the test work: --scripted careful"
)


def _chosen(project: Project, wanted: Wanted) -> tuple[list[tuple[Prompt, tuple[BehaviorCase, ...]]], list[str]]:
    chosen, skipped = [], []
    for name in sorted(wanted.names, key=lambda one: one.partition("@")[0]) or project.prompts.ids():
        prompt = _prompt(project, name)
        cases = cases_for(project, prompt.id)
        fitting = tuple(one for one in cases if wanted.filter in one.id or wanted.filter == one.category)
        if fitting:
            chosen.append((prompt, fitting))
            continue
        lack = f"no case of {prompt.id} is like {wanted.filter!r}" if cases else f"{prompt.id} has no cases"
        if wanted.names:
            raise ConfigError(
                lack, hint=f"write prompts/tests/{prompt.id}.yaml; docs/prompts/behavior.md shows how"
            )
        skipped.append(lack)
    return chosen, skipped


def _prompt(project: Project, name: str) -> Prompt:
    if "@" not in name:
        return project.prompts.get(name)
    found = text_of(project, name)
    if found.prompt is None:
        raise ConfigError(
            f"{name} is no valid prompt file", hint=f"`answerable prompt show {name}` shows its text"
        )
    return found.prompt


def _models(gateway: Gateway, prompt: Prompt, wanted: Wanted) -> Sequence[LLM]:
    """Each by itself; without names the route of the prompt. None: there is no such route."""
    if name := wanted.how.scripted:
        return [spoken(SCRIPTED[name], name=name)]
    if wanted.models:
        return [gateway.model(prompt.route, name) for name in wanted.models]
    section = gateway.project.settings.routed(prompt.route)
    if section is None or section.chain == ("extractive",):
        return []
    route = gateway.route(prompt.route)
    return [] if route is None else [route]


def _unasked(prompt: Prompt, *, named: bool) -> str:
    lack = f"no model is configured for {prompt.route!r}, so {prompt.ref} is not asked"
    if named:
        raise ConfigError(lack, hint=_NO_MODEL)
    return lack
