"""What is attacked: this system with a captured model, a scripted one, none, or its own; or an endpoint."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.rerankers.budget import Budgeted
from answerable.adapters.rerankers.proximity import Proximity
from answerable.answer.ask import Asker
from answerable.answer.phrasing import BY_RULES
from answerable.app.caching import without_cache
from answerable.app.drill_bench import stands_in
from answerable.app.system import System
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.evals.redteam.compliance import complied
from answerable.evals.redteam.pack import Trial
from answerable.testing.model_server.behaviors import NAMED, Careful, Cite, Echo, Obedient, Obey, Parrot
from answerable.testing.model_server.spoken import spoken

CAPTURED = "scripted:captured"  # obeys every attack, whatever else its prompt says
EXTRACTIVE = "extractive"
CONFIGURED = "configured"
_TEXT = (Careful, Cite, Echo, Obedient, Obey, Parrot)  # that only decide what is said
DETECTORS = frozenset({"injection", "safety", "scope", "judge", "moderation"})  # what guesses at attacks


@dataclass(slots=True, kw_only=True)
class Overheard:
    """An LLM whose prompts are heard: what must not leave stands in them."""

    llm: LLM
    heard: list[Rendered] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The model's own."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """Heard, and handed on."""
        self.heard.append(rendered)
        return await self.llm.complete(rendered, deadline=deadline)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """Heard, and handed on."""
        self.heard.append(rendered)
        async for one in self.llm.stream(rendered, deadline=deadline):
            yield one


@dataclass(slots=True, kw_only=True)
class Aimed:
    """A target for one trial after the other; `trial` is what a captured model gives in to."""

    name: str
    overheard: Overheard
    trial: Trial | None = None

    def on(self, system: System, *, detectors: bool) -> Asker:
        """The system's asker with this model: no cache, no journal, nothing that costs unless it is configured."""
        asker = without_cache(replace(system.asker, journal=None, llm=self.overheard))
        if not detectors:
            kept = tuple(one for one in asker.guards.members if one.name not in DETECTORS)
            asker = replace(asker, guards=replace(asker.guards, members=kept))
        if self.name == CONFIGURED:
            return asker
        budget_s = system.settings.retrieval.rerank_budget
        reranker = Budgeted(reranker=Proximity(), seconds=budget_s) if stands_in(system) else asker.reranker
        return replace(asker, phraser=BY_RULES, reranker=reranker)


def _has_model(system: System) -> bool:
    chains = (route.chain for route in system.settings.route if route.use == "answer")
    return any(one != EXTRACTIVE for chain in chains for one in chain)


def aim(system: System, name: str) -> Aimed:
    """Raises ConfigError for a target that there is not."""
    if name == CAPTURED:
        aimed = Aimed(name=name, overheard=Overheard(llm=ScriptedLLM()))
        reply = Reply(write=lambda rendered: complied(aimed.trial, rendered) if aimed.trial else "")
        aimed.overheard.llm = ScriptedLLM([reply], name="scripted", model=CAPTURED)
        return aimed
    if name == EXTRACTIVE:
        return Aimed(name=name, overheard=Overheard(llm=system.asker.extractive))
    if name == CONFIGURED:
        if not _has_model(system):
            raise ConfigError(
                "no model is configured for answers",
                hint=f"name one in [[route]], or attack {CAPTURED} or {EXTRACTIVE}",
            )
        return Aimed(name=name, overheard=Overheard(llm=without_cache(system.asker).llm))
    kind, _, behavior = name.partition(":")
    speaker = NAMED.get(behavior)
    if kind != "scripted" or not isinstance(speaker, _TEXT):
        raise ConfigError(
            f"there is no target {name!r}",
            hint=f"{CAPTURED}, scripted:obedient, {EXTRACTIVE}, {CONFIGURED}, or an http(s) address",
        )
    return Aimed(name=name, overheard=Overheard(llm=spoken(speaker, name=behavior)))
