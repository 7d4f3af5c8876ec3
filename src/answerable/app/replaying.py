"""Asking a question again as it was asked then, with the settings of now, or with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from answerable.adapters.entry import Keeping
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.models.recorded import Recorded
from answerable.answer.ask import Asker
from answerable.answer.frozen import FrozenRetriever, passage_of
from answerable.answer.record import answer_record
from answerable.answer.retrieval import Found
from answerable.app.caching import without_cache
from answerable.app.setup import differences, setup_of
from answerable.app.system import System
from answerable.app.variants import RECORDED, RETRIEVAL, varied
from answerable.core.answer import Answer
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError
from answerable.core.outcome import Outcome
from answerable.core.query import Filter, Principal, Query, Turn
from answerable.evals.diagnosis.comparison import Comparison, compare, passages, step_of

DEADLINE_S = 60.0  # a replay must not differ because the machine is busy


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The question's two traces, as the journal gives them, and what is not the same."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    comparison: Comparison
    reasons: tuple[str, ...]  # what else was not the same: prompt, index, settings, code, day …
    changes: Mapping[str, str]
    frozen: bool

    @property
    def verdict(self) -> str:
        """identical | different | inconclusive (one of the two is a failure or was cut short, not an answer)."""
        if self.comparison.identical:
            return "identical"
        cut = any(one["outcome"] == Outcome.FAILED or one["degraded"] for one in (self.before, self.after))
        return "inconclusive" if cut else "different"


async def replay(
    system: System, reference: str, *, changes: Mapping[str, str] | None = None, frozen: bool = False
) -> Replay:
    """Ask again. Nothing is written to the journal.

    `frozen` gives the answerer the passages that the trace keeps, whatever the index holds now. Raises NotFound,
    and ConfigError for a change that is not known or a trace that does not keep enough.
    """
    changes = dict(changes or {})
    before = await system.journal.trace(tenant=system.settings.project.tenant, reference=reference)
    query = query_of(before)
    _check(before, changes, frozen=frozen)
    recorded = recorded_reply(before) if changes.get("llm") == RECORDED else None
    async with varied(system, changes, recorded=recorded) as variant:
        asker = freeze(variant, before) if frozen else variant
        after, _ = await traced(system, replace(asker, day=day_of(before, asker.timezone)), query)
    comparison = compare(before, after)
    reasons = _reasons(before, after)
    if not frozen and (comparison.passages or comparison.reordered):
        reasons.insert(0, await _about_passages(system, query, comparison, before, varied=bool(changes)))
    return Replay(
        before=before,
        after=after,
        comparison=comparison,
        reasons=tuple(reasons),
        changes=changes,
        frozen=frozen,
    )


async def traced(system: System, asker: Asker, query: Query) -> tuple[dict[str, Any], Answer]:
    """The question answered, with a trace that nobody keeps."""
    journal = MemoryJournal(answer_record, keeping=Keeping(setup=setup_of(system.project, asker)))
    answer = await without_cache(replace(asker, journal=journal)).ask(query)
    return await journal.trace(tenant=query.tenant, reference="latest"), answer


def query_of(trace: Mapping[str, Any], *, seconds: float = DEADLINE_S) -> Query:
    """The question as it was asked: by whom, of what, after what. Raises ConfigError for a trace without it."""
    asked = trace.get("asked")
    if asked is None:
        raise ConfigError(
            f"trace {trace['id']} does not keep how it was asked",
            hint="it is of a version before replays; ask the question again",
        )
    if trace["outcome"] == Outcome.TOO_LONG:
        raise ConfigError(
            f"trace {trace['id']} keeps only the beginning of its question",
            hint="a question that is refused for its length cannot be asked again",
        )
    wanted = {name: tuple(value) for name, value in asked["filter"].items() if name != "meta"}
    return Query(
        text=trace["question"],
        tenant=trace["tenant"],
        principal=Principal(id=trace["principal"], groups=tuple(asked["groups"])),
        filter=Filter(**wanted, meta=asked["filter"]["meta"]),
        history=tuple(Turn(role=turn["role"], text=turn["text"]) for turn in asked["history"]),
        language=asked["language"],
        conversation=trace["conversation"],
        deadline=Deadline.after(seconds),
    )


def freeze(asker: Asker, trace: Mapping[str, Any]) -> Asker:
    """The asker that finds what was found then. Raises ConfigError where nothing was."""
    kept, weights = passages(trace), step_of(trace, "retrieve").get("weights")
    if weights is None:
        raise ConfigError(
            f"trace {trace['id']} keeps no passages", hint="it ended before the search; replay it without --frozen"
        )
    found = Found(passages=tuple(passage_of(row) for row in kept), weights=weights, chosen=True)
    retriever = FrozenRetriever(embedder=asker.retriever.embedder, store=asker.retriever.store, found=found)
    return replace(asker, retriever=retriever)


def recorded_reply(trace: Mapping[str, Any]) -> Recorded | None:
    """What the model said then, to the word; None where none had come to its end."""
    said = step_of(trace, "generate")
    if not said.get("reply"):
        return None
    provider = next((one["provider"] for one in said["attempts"] if one["outcome"] == "ok"), "")
    usage = trace["usage"]
    return Recorded(
        completion=Completion(
            text=said["reply"],
            model=said["model"],
            provider=provider,
            finish=said["finish"],
            usage=Usage(input=usage["input"], cached=usage["cached"], output=usage["output"]),
        )
    )


def day_of(trace: Mapping[str, Any], timezone: str) -> date:
    """The day that it was where the project is, when the question came in."""
    zone = (trace.get("setup") or {}).get("timezone", timezone)
    return datetime.fromisoformat(str(trace["started_at"])).astimezone(ZoneInfo(zone)).date()


def _check(trace: Mapping[str, Any], changes: Mapping[str, str], *, frozen: bool) -> None:
    if frozen and (void := sorted(RETRIEVAL & changes.keys())):
        raise ConfigError(
            f"--frozen searches nothing, so {', '.join(void)} would change nothing", hint="leave one of them out"
        )
    if changes.get("llm") == RECORDED and not frozen:
        raise ConfigError("llm=recorded points at the passages of then", hint="add --frozen")


async def _about_passages(
    system: System, query: Query, comparison: Comparison, before: Mapping[str, Any], *, varied: bool
) -> str:
    """Why the search does not give the passages of then: the index, or the search itself."""
    if comparison.reordered:
        return "the same passages come in another order"
    lost = len([one for one in comparison.passages if one.change != "only now"])
    said = (
        f"{lost} of {comparison.then} passages differ"
        if lost
        else f"{comparison.now} passages, not {comparison.then}"
    )
    then = [one["chunk"] for one in passages(before)]
    async with system.store.snapshot(query.scope) as view:
        held = {one.chunk.id for one in await view.get(then)}
    if missing := len(then) - len(held):
        return f"the index has changed since: {said}, {missing} of them are no longer in it"
    return said if varied else f"{said}, though those of then are still there: other pages or another search"


def _reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What besides the answer is not the same, in words."""
    old, new = before.get("setup") or {}, after["setup"]
    reasons = [_said(name, *values) for name, values in differences(old, new).items()] if old else []
    for trace, when in ((before, "then"), (after, "now")):
        if trace["degraded"]:
            reasons.append(f"degraded {when}: {', '.join(trace['degraded'])}")
    if before["model"] != after["model"]:
        reasons.append(_said("answered by", before["model"] or "no model", after["model"] or "no model"))
    return reasons


def _said(name: str, then: Any, now: Any) -> str:
    return f"{name}: {then} then, {now} now"
