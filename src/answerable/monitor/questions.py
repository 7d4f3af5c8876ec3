"""Counts the calls of models and the answers that were given; both are told, neither is read anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from answerable.core.answer import Answer
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.trace import Trace
from answerable.monitor.counting import Counting
from answerable.monitor.refusals import deadline_hit, refusal_reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """`called` is an observer of calls, `answered` is told of every finished question."""

    counting: Counting

    def called(self, call: Call) -> None:
        """Count a call, its times, tokens and money."""
        counting = self.counting
        where = (call.use, call.provider, call.endpoint, call.model)
        counting.add("answerable_model_calls_total", *where, call.outcome)
        if call.prompt_id:
            self._prompted(call)
        if call.outcome == "ok":
            counting.took("answerable_model_call_seconds", call.duration_ms / 1000.0, *where)
            if call.first_text_ms is not None:
                counting.took("answerable_model_first_text_seconds", call.first_text_ms / 1000.0, *where)
        if call.usage is not None and call.outcome != "hit":
            self._used((call.use, call.provider, call.model), call.usage)

    def answered(self, trace: Trace, answer: Answer) -> None:
        """Count an answer, and what of its time was ours."""
        counting = self.counting
        total_ms = answer.timing_ms.get("total", trace.timing_ms()["total"])
        counting.add("answerable_answers_total", answer.outcome.value)
        counting.took("answerable_answer_seconds", total_ms / 1000.0, answer.outcome.value)
        prompt = "@".join(answer.prompt[:2]) if answer.prompt else "none"
        counting.add("answerable_prompt_answers_total", prompt, answer.outcome.value)
        counting.took("answerable_prompt_answer_seconds", total_ms / 1000.0, prompt)
        for word in {*trace.degraded, *answer.degraded}:
            counting.add("answerable_answers_degraded_total", word)
        self._quality(trace, answer)
        own_ms = max(0.0, total_ms - waited_ms(trace))
        counting.took("answerable_answer_own_seconds", own_ms / 1000.0)
        self._failovers(trace.calls)

    def _quality(self, trace: Trace, answer: Answer) -> None:
        """Why there is no answer, or how good the one there is looks to us."""
        counting = self.counting
        if deadline_hit(trace, answer):
            counting.add("answerable_deadline_hits_total")
        if (first_ms := answer.timing_ms.get("first_text")) is not None:
            counting.took("answerable_answer_first_text_seconds", first_ms / 1000.0)
        if answer.withheld:
            counting.add("answerable_sentences_total", "withheld", by=len(answer.withheld))
        if answer.outcome.answers:
            self._shown(answer)
        else:
            counting.add("answerable_refusals_total", refusal_reason(trace, answer))

    def _shown(self, answer: Answer) -> None:
        """How well its sentences stand."""
        counting = self.counting
        for claim in answer.claims:
            if claim.support in ("supported", "unsupported"):
                counting.add("answerable_sentences_total", claim.support)
        if not answer.citations:
            counting.add("answerable_answers_uncited_total")
        if any(one.stale for one in answer.citations):
            counting.add("answerable_answers_stale_total")

    def _prompted(self, call: Call) -> None:
        """By the prompt's version: of those there are as many as served since the process began."""
        counting, prompt = self.counting, f"{call.prompt_id}@{call.prompt_version}"
        counting.add("answerable_prompt_calls_total", prompt, call.outcome)
        usage = call.usage
        if usage is None or call.outcome == "hit":
            return
        for kind, tokens in (("input", usage.input), ("cached", usage.cached), ("output", usage.output)):
            if tokens:
                counting.add("answerable_prompt_tokens_total", prompt, kind, by=tokens)
        if usage.cost is not None:
            counting.add("answerable_prompt_cost_total", prompt, usage.currency, by=float(usage.cost))

    def _used(self, whose: tuple[str, str, str], usage: Usage) -> None:
        for kind, tokens in (("input", usage.input), ("cached", usage.cached), ("output", usage.output)):
            if tokens:
                self.counting.add("answerable_model_tokens_total", *whose, kind, by=tokens)
        if usage.cost is not None:
            self.counting.add("answerable_model_cost_total", *whose, usage.currency, by=float(usage.cost))
        elif usage.input or usage.output:
            self.counting.add("answerable_model_unpriced_calls_total", *whose)

    def _failovers(self, calls: Iterable[Call]) -> None:
        providers: dict[str, set[str]] = {}
        for call in calls:
            if call.outcome != "hit":
                providers.setdefault(call.use, set()).add(call.provider)
        for use, asked in providers.items():
            if len(asked) > 1:
                self.counting.add("answerable_route_failovers_total", use)


def waited_ms(trace: Trace) -> float:
    """For how long at least one model was being waited for: attempts that overlap (hedges) count once."""
    spans = sorted(_spans(trace))
    waited, until = 0.0, 0.0
    for begin, end in spans:
        waited += max(0.0, end - max(begin, until))
        until = max(until, end)
    return waited


def _spans(trace: Trace) -> Iterable[tuple[float, float]]:
    for step in trace.steps:
        for attempt in step.detail.get("attempts", ()):
            begin = step.started_ms + _number(attempt, "started_ms")
            yield begin, min(begin + _number(attempt, "duration_ms"), step.started_ms + step.duration_ms)


def _number(attempt: Any, name: str) -> float:
    """Of an Attempt, or of one as plain values."""
    value = attempt.get(name, 0.0) if isinstance(attempt, dict) else getattr(attempt, name, 0.0)
    return float(value or 0.0)
