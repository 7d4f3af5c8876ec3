"""What an evaluation asks: this system in process, an endpoint, or a Python function."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import urlsplit

from answerable.adapters.models.provider import Provider, Times
from answerable.adapters.targets.endpoint import PATH, EndpointTarget
from answerable.adapters.targets.function import FunctionTarget
from answerable.answer.ask import Asker
from answerable.answer.extractive import NAME
from answerable.app.caching import without_cache
from answerable.app.fingerprint import models_of, system_fingerprint
from answerable.app.system import System
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.core.identity import sha256_hex
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.ports import Target
from answerable.core.query import EVALUATION, Query

OURS = "answerable"  # the name of this system as a target
_STOPPED = (Outcome.BLOCKED, Outcome.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTarget:
    """This system in process: the path that a question of a person goes, without leaving a trace."""

    system: System
    asker: Asker

    @property
    def name(self) -> str:
        """This system."""
        return OURS

    async def ask(self, case: EvalCase) -> Answer:
        """Every refusal and failure is an Answer with its outcome. What no model was asked for costs nothing."""
        answer = await self.asker.ask(self.query(case))
        if answer.usage.cost is not None or not self._free(answer):
            return answer
        return replace(answer, usage=replace(answer.usage, cost=Decimal(0)))

    async def search(self, case: EvalCase, *, limit: int) -> list[Passage] | None:
        """Retrieval alone, best first."""
        return await self.asker.search(self.query(case), limit=limit)

    def _free(self, answer: Answer) -> bool:
        """Whether no model was asked. What stopped in the middle may have asked one: its cost is not known."""
        if answer.model:
            return answer.model.rpartition("/")[2] == NAME
        return answer.outcome not in _STOPPED or all(
            one["provider"] == NAME for one in models_of(self.system.settings)
        )

    def query(self, case: EvalCase) -> Query:
        """The case as its person would ask: in no language but its own words, as a member of its groups."""
        query = self.system.query(case.question, groups=case.groups)
        return replace(
            query,
            principal=replace(query.principal, id=EVALUATION),
            filter=self.system.filter(case.filters),
            history=case.history,
            deadline=Deadline.after(self.system.settings.eval.deadline),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimed:
    """A target with what is known of what decides its answers. Not `whole`: something behind it cannot be seen."""

    target: Target
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Which target a person means: empty, an http(s) address, or `module:function`."""

    target: str = ""
    model: str = ""  # of an endpoint
    key: str = ""  # of an endpoint, as env:NAME or file:PATH


@asynccontextmanager
async def open_target(system: System, aim: Aim) -> AsyncIterator[Aimed]:
    """Raises ConfigError where there is no such target."""
    if not aim.target:
        await system.warm()
        ours = SystemTarget(system=system, asker=without_cache(replace(system.asker, journal=None)))
        yield Aimed(target=ours, fingerprint=await system_fingerprint(system), whole=True)
    elif aim.target.startswith(("http://", "https://")):
        async with AsyncExitStack() as stack:
            endpoint = EndpointTarget(_provider(system, aim), timeout_s=system.settings.eval.deadline)
            stack.push_async_callback(endpoint.aclose)
            yield Aimed(target=endpoint, fingerprint={"models": sha256_hex(endpoint.name)[:16]})
    else:
        yield _function(system, aim.target)


def _function(system: System, reference: str) -> Aimed:
    if ":" not in reference:
        raise ConfigError(
            f"{reference!r} is no target",
            hint="give an http(s) address, or module:function, or nothing: this system",
        )
    timeout_s = system.settings.eval.deadline
    found = FunctionTarget.load(reference, folder=system.project.base, timeout_s=timeout_s)
    return Aimed(target=found, fingerprint={"code": found.code[:16]} if found.code else {})


def _provider(system: System, aim: Aim) -> Provider:
    if urlsplit(aim.target).username is not None:
        raise ConfigError(
            "a target's address may hold no password: it is written to runs, reports and bundles",
            hint="give the key apart, as env:NAME",
        )
    timeout_s = system.settings.eval.deadline
    base = aim.target.rstrip("/").removesuffix(PATH)
    return Provider(
        name=urlsplit(base).hostname or "endpoint",
        kind="openai-compatible",
        base_url=base,
        api_key=system.project.secret(aim.key) or "",
        model=aim.model or "default",
        times=Times(connect_s=5.0, first_token_s=timeout_s, total_s=timeout_s),
        max_concurrency=system.settings.eval.concurrency,
    )
