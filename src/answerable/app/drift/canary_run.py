"""Asking the canary set: every provider of the answer route by itself, with frozen prompts and passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from answerable.answer.context import build_context
from answerable.answer.frozen import passage_row
from answerable.answer.rendering import Renderer
from answerable.app.drift.canary_file import CanaryCase, Kept, canary_id, read_canaries, write_canary
from answerable.app.system import System
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, DeadlineExceeded, ModelError
from answerable.core.event import Event, event_id_of
from answerable.core.identity import content_id
from answerable.core.ports import LLM, Embedder, Events, Happening, Happenings
from answerable.core.query import Query
from answerable.evals.stats.exchange import moved
from answerable.monitor.drift.signals import CANARY, FAMILIES
from answerable.prompts.file import parse

_USE = "answer"
_PATIENCE_S = 60.0
_PAST = timedelta(days=60)
_DAY = timedelta(days=1)
_WORST = 10.0  # farther than any reply: of one that does not pass its checks


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryParts:
    """What the job needs. `models` are the route's providers by name."""

    models: Mapping[str, LLM]
    embedder: Embedder
    events: Events
    happenings: Happenings
    folder: Path
    tenant: str
    false_alarm_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryResult:
    """One reply. `distance` to the kept one in [0, 2]; None where none was kept of this provider, or it failed."""

    case: str
    provider: str
    passed: bool
    distance: float | None
    reported: str
    kept_as: str  # what the provider reported when the canary was frozen
    error: str = ""


async def canary_run(parts: CanaryParts, *, now: datetime) -> tuple[list[CanaryResult], list[str]]:
    """Ask every provider every canary; keep the results, and tell of providers that reply otherwise than before.

    A provider that cannot be reached gives no result: that is told elsewhere. Gives the results and the sentences.
    Raises ConfigError for a broken file.
    """
    cases = read_canaries(parts.folder)
    results = [await _ask(parts, case, name, llm) for case in cases for name, llm in parts.models.items()]
    measured = [one for one in results if not one.error]
    await parts.events.append([_event(parts, one, now) for one in measured])
    said = []
    for provider in dict.fromkeys(one.provider for one in measured):
        runs = await _past(parts, provider, now)
        at, limit = list(runs), _limit(parts, list(runs))
        found = moved(list(runs.values()), runs_to_false_alarm=limit)
        said += [_tell(parts, provider, at[one.start], now) for one in found if one.found == len(runs) - 1]
    return results, said


async def freeze(system: System, question: str, *, must: Sequence[str], today: date) -> tuple[CanaryCase, Path]:
    """Make a canary of a question: what everybody may read is searched, and each provider asked several times.

    Raises ConfigError where nothing is found, and what the providers raise.
    """
    models = system.gateway.models(_USE)
    if not models:
        raise ConfigError(
            "there is no model to watch: only quotes answer here",
            hint='name a provider in the chain of [[route]] use = "answer"',
        )
    query = system.query(question)
    passages = await system.search(query, limit=system.settings.retrieval.keep)
    blocks = build_context(passages, budget=system.settings.answer.context_tokens)
    if not blocks:
        raise ConfigError(f"nothing was found for {question!r}", hint="a canary needs passages; ingest first")
    renderer = system.asker.renderer
    case = CanaryCase(
        id=canary_id(question),
        question=question,
        language=query.language or system.settings.project.default_language,
        today=today.isoformat(),
        scope=renderer.scope,
        prompt=renderer.prompt.text,
        passages=tuple(passage_row(one.passage) for one in blocks),
        must=tuple(must),
    )
    repeats = system.settings.drift.canary_repeats
    replies = {name: await _kept(system.embedder, case, llm, repeats) for name, llm in models.items()}
    case = case.model_copy(update={"replies": replies})
    return case, write_canary(folder_of(system), case)


def folder_of(system: System) -> Path:
    """Where the canaries are."""
    return system.project.path(system.settings.drift.canaries)


def canary_parts(system: System) -> CanaryParts:
    """From a running system. Raises ConfigError where no route answers."""
    return CanaryParts(
        models=system.gateway.models(_USE),
        embedder=system.embedder,
        events=system.events,
        happenings=system.happenings,
        folder=folder_of(system),
        tenant=system.settings.project.tenant,
        false_alarm_days=system.settings.drift.false_alarm_days,
    )


async def _kept(embedder: Embedder, case: CanaryCase, llm: LLM, repeats: int) -> Kept:
    said = [await _reply(case, llm) for _ in range(repeats)]
    first = said[0]
    distances = [await _distance(embedder, first.text, one.text) for one in said[1:]]
    return Kept(reply=first.text, reported=first.model, distances=tuple(round(one, 4) for one in distances))


async def _ask(parts: CanaryParts, case: CanaryCase, provider: str, llm: LLM) -> CanaryResult:
    kept = case.replies.get(provider)
    was = kept.reported if kept else ""
    try:
        reply = await _reply(case, llm)
    except (ModelError, DeadlineExceeded) as error:
        return CanaryResult(
            case=case.id,
            provider=provider,
            passed=False,
            distance=None,
            reported="",
            kept_as=was,
            error=str(error),
        )
    return CanaryResult(
        case=case.id,
        provider=provider,
        passed=case.passed(reply.text, reply.finish),
        distance=round(await _distance(parts.embedder, kept.reply, reply.text), 4) if kept else None,
        reported=reply.model,
        kept_as=was,
    )


async def _reply(case: CanaryCase, llm: LLM) -> Completion:
    prompt = parse(case.prompt, where=f"canary {case.id}")
    blocks = case.blocks()
    renderer = Renderer(prompt=prompt, scope=case.scope)
    query = _query(case)
    made = renderer.render(query, blocks, weights=case.weights, today=date.fromisoformat(case.today))
    asked = replace(made, use=_USE, basis="")  # without a basis no cache answers in the provider's place
    return await llm.complete(asked, deadline=Deadline.after(_PATIENCE_S))


async def _distance(embedder: Embedder, kept: str, reply: str) -> float:
    """1 − cosine, and 0 for the same text."""
    if kept == reply:
        return 0.0
    vectors = await embedder.embed([kept, reply], kind="passage")
    return max(0.0, 1.0 - float(vectors[0] @ vectors[1]))


def _query(case: CanaryCase) -> Query:
    return Query(text=case.question, tenant=CANARY, language=case.language)


def _event(parts: CanaryParts, one: CanaryResult, now: datetime) -> Event:
    props: dict[str, object] = {"case": one.case, "route": one.provider, "passed": one.passed}
    if one.distance is not None:
        props["distance"] = one.distance
    return Event(
        name="canary.result",
        tenant=parts.tenant,
        at=now,
        id=event_id_of(now, "canary.result", one.case, one.provider),
        provider=one.provider,
        model=one.reported,
        props=props | {"reported": one.reported},
    )


async def _past(parts: CanaryParts, provider: str, now: datetime) -> dict[datetime, dict[str, float]]:
    """How far each canary's reply was, by run, in order of time."""
    runs: dict[datetime, dict[str, float]] = {}
    until = now + timedelta(microseconds=1)
    names = ["canary.result"]
    async for one in parts.events.read(tenant=parts.tenant, since=now - _PAST, until=until, names=names):
        if one.props.get("route") == provider and "distance" in one.props:
            value = float(one.props["distance"]) + (0.0 if one.props.get("passed") else _WORST)
            runs.setdefault(one.at, {})[str(one.props["case"])] = value
    return runs


def _limit(parts: CanaryParts, runs: Sequence[datetime]) -> float:
    """Runs to a false alarm: as many as there are in the days that all signals together have for one."""
    days = max(1.0, (runs[-1] - runs[0]) / _DAY)
    a_day = max(1.0, (len(runs) - 1) / days)
    return parts.false_alarm_days * a_day * FAMILIES * max(1, len(parts.models))


def _tell(parts: CanaryParts, provider: str, since: datetime, now: datetime) -> str:
    said = (
        f"Since {since:%a %-d %b %H:%M} UTC {provider} replies otherwise than before to the same questions with "
        "the same passages; because of the provider: nothing of ours is in them."
    )
    parts.happenings.write(
        Happening(
            name="drift.found",
            tenant=parts.tenant,
            id=content_id("ev", "drift.found", parts.tenant, CANARY, provider, since.isoformat()),
            at=now,
            props={
                "signals": [f"{CANARY}:{provider}"],
                "since": since.isoformat(),
                "known": now.isoformat(),
                "cause": "provider",
                "sure": "shown",
                "sentence": said,
            },
        )
    )
    return said
