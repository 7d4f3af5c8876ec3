"""The figures a process gives of itself: one list of names, and what is counted under them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Labels = tuple[str, ...]

CALL_S = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 30.0)
OWN_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One metric. Names say their unit; counters end in `_total`. `buckets` are upper bounds in seconds."""

    name: str
    kind: Kind
    meaning: str
    labels: Labels = ()
    buckets: tuple[float, ...] = ()


@dataclass(slots=True, kw_only=True)
class Distribution:
    """How often a value fell under each bound; the last count is above all of them."""

    bounds: tuple[float, ...]
    total: float = 0.0
    counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.counts:
            self.counts = [0] * (len(self.bounds) + 1)

    def take(self, value: float) -> None:
        """Count one value, in the bounds' unit."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A figure's value for one combination of labels."""

    name: str
    value: float | Distribution
    labels: Labels = ()


_ENDPOINT: Labels = ("provider", "endpoint")
_CALL: Labels = ("use", "provider", "endpoint", "model")


def _counter(name: str, meaning: str, *labels: str) -> Figure:
    return Figure(name=f"answerable_{name}_total", kind="counter", meaning=meaning, labels=labels)


def _gauge(name: str, meaning: str, *labels: str) -> Figure:
    return Figure(name=f"answerable_{name}", kind="gauge", meaning=meaning, labels=labels)


def _histogram(name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = CALL_S) -> Figure:
    return Figure(name=f"answerable_{name}", kind="histogram", meaning=meaning, labels=labels, buckets=buckets)


FIGURES: tuple[Figure, ...] = (
    _counter("model_calls", "Calls of models by how they ended: ok, transient, permanent, cancelled, hit (of a "
             "cache: no model was asked).", *_CALL, "outcome"),
    _histogram("model_call_seconds", "Time of calls that ended well.", *_CALL),
    _histogram("model_first_text_seconds", "Time to the first text, of streams.", *_CALL),
    _gauge("model_success_ratio", "Share of the last five minutes' calls that ended well, those we gave up "
           "ourselves left out.", *_CALL),
    _counter("model_tokens", "Tokens as the provider counted them, by kind: input, cached (of input), output.",
             "use", "provider", "model", "kind"),
    _counter("model_cost", "Money spent on calls that have a price.", "use", "provider", "model", "currency"),
    _counter("model_unpriced_calls", "Calls that used tokens of a model without a price: their cost is unknown.",
             "use", "provider", "model"),
    _counter("prompt_calls", "Calls by prompt, id@version.", "prompt", "outcome"),
    _counter("prompt_tokens", "Tokens by prompt, id@version, and kind: input, cached (of input), output.",
             "prompt", "kind"),
    _counter("prompt_cost", "Money spent on calls with this prompt that have a price.", "prompt", "currency"),
    _counter("prompt_answers", "Questions by the prompt that wrote the answer, id@version, and outcome; `none`: "
             "no model was asked.", "prompt", "outcome"),
    _histogram("prompt_answer_seconds", "Time of whole answers by the prompt that wrote them.", "prompt"),
    _gauge("model_calls_under_way", "Calls that an endpoint is busy with.", *_ENDPOINT, "model"),
    _gauge("breaker_state", "1 for the state the endpoint is in: closed, open, half-open or misconfigured.",
           *_ENDPOINT, "model", "state"),
    _gauge("rate_limit_remaining", "What the provider said remains, by kind: requests, tokens.",
           *_ENDPOINT, "kind"),
    _counter("route_requests", "Requests of a route.", "use"),
    _counter("route_retries", "Second tries after a failure.", "use"),
    _counter("route_hedges", "Second requests beside a slow first.", "use"),
    _counter("route_hedges_won", "Second requests that were faster.", "use"),
    _counter("route_unaffordable", "Retries and hedges that the retry budget did not allow.", "use"),
    _counter("route_failovers", "Questions in which a use needed a further provider.", "use"),
    _counter("rollout_changes", "What happened to rollouts: begun, share, worse, back, degraded.",
             "prompt", "what"),
    _counter("model_changes", "Changes of the model or the backend behind a name.", "provider", "what"),
    _counter("answers", "Questions by their outcome.", "outcome"),
    _counter("answers_degraded", "Answers by each cheaper form they took.", "word"),
    _counter("refusals", "Questions without an answer, by reason: no_context (nothing was found), low_score, "
             "conflict, verify_failed, guard, policy, out_of_scope, too_long, clarify, deadline, budget, error.",
             "reason"),
    _counter("deadline_hits", "Questions whose time was over before the answer was whole."),
    _counter("sentences", "Sentences: supported, unsupported (and shown all the same), withheld.", "what"),
    _counter("answers_uncited", "Answers without one source."),
    _counter("answers_stale", "Answers that cite a page past its review."),
    _histogram("answer_first_text_seconds", "Time to the first sentence that a person saw."),
    _counter("events", "Events of the product's log, by name.", "name"),
    _counter("feedback", "Votes: up, down, solved, partly_solved, not_solved.", "value"),
    _counter("escalations", "Questions for which a person was wanted: asked, policy, failure.", "trigger"),
    _counter("follow_ups", "Turns by what they are to the one before: rephrase, clarify, pushback …", "class"),
    _counter("guard_hits", "What guards did, by stage and action.", "guard", "stage", "action"),
    _histogram("answer_seconds", "Time of whole answers.", "outcome"),
    _histogram("answer_own_seconds", "Time of answers without what was waited for models.", buckets=OWN_S),
    _gauge("budget_spent", "Spent of a budget, as read at most a minute ago.", "scope", "tenant", "currency"),
    _gauge("budget_held", "Held for calls under way.", "scope", "tenant", "currency"),
    _gauge("budget_limit", "What may be spent.", "scope", "tenant", "currency"),
    _gauge("redteam_pack_age_days", "Age of a pack of attacks.", "pack"),
    _gauge("redteam_run_age_seconds", "Time since the last red-team run."),
    _gauge("redteam_trials", "Attacks of the last red-team run that were measured."),
    _gauge("redteam_through", "Of these, those that got through."),
    _gauge("redteam_upper_bound", "Upper 95 % bound of the share that gets through, one-sided Clopper-Pearson."),
    _gauge("index_chunks", "Passages of the index that is searched."),
    _gauge("index_lag_seconds", "From a file's change to its passages, 95 % of the last day's files within it."),
    _gauge("source_age_seconds", "Time since a source was last looked at to the end.", "source"),
    _gauge("documents", "Published documents."),
    _gauge("documents_stale", "Of these, those past their review."),
    _gauge("conflicts_open", "Pages that disagree and wait for their owner."),
    _gauge("quarantine_open", "Documents that wait in quarantine."),
    _gauge("review_overdue_seconds", "How long the oldest unread batch of reviews is overdue; 0: none is."),
    _gauge("spool_files", "Files that wait for the database or the collector, by what is in them.", "what"),
    _gauge("spool_bytes", "Their bytes.", "what"),
    _counter("telemetry_sent", "Spans, log records and points that a collector took.", "signal"),
    _counter("telemetry_dropped", "Those that it never gets, by reason: queue_full, spool_full, rejected, disk, "
             "unsent.", "signal", "reason"),
    _gauge("telemetry_spool_bytes", "What waits on disk for the collector."),
    _gauge("telemetry_up", "1 where the last request of this kind was taken.", "signal"),
    _gauge("alerts_standing", "Alerts that stand, by severity: page, ticket, note.", "severity"),
    _gauge("admission_allowed", "Questions that may be under way just now."),
    _gauge("admission_under_way", "Questions under way."),
    _gauge("admission_waiting", "Questions that wait for a place."),
    _counter("admission_admitted", "Questions that got a place."),
    _counter("admission_left", "Questions whose askers went away while they waited."),
    _counter("admission_refused", "Questions turned away, by reason: busy, own_share.", "reason"),
    _counter("toll_refused", "Questions, searches and documents turned away for a limit, by whose: key, user, "
             "network, tenant, and unit: questions, tokens, concurrent.", "scope", "unit"),
    _counter("toll_sheltered", "Questions counted by this process alone, while the database did not answer."),
    _counter("abuse_alarms", "Alarms by kind: passages, sweep, canary.", "kind"),
    _counter("events_dropped", "Events that found no room: the database was away, and the spool was full."),
    _gauge("job_last_success_age_seconds", "Time since a job was last done; of all processes.", "job"),
    _gauge("job_last_seconds", "How long that run took.", "job"),
    _gauge("job_failed_runs", "Runs that failed or were lost since.", "job"),
    _gauge("job_late", "1 where the second tick after the last done one is over.", "job"),
    _gauge("event_loop_lag_seconds", "How late the event loop was at the worst, in the last minute."),
)  # fmt: skip

NAMED = {one.name: one for one in FIGURES}

# What keeps each label's values few: nothing that a person, a document or a model says is ever one.
_CONFIG, _LIST = "as many as are configured", "a list in our code"
BOUNDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("use", "provider", "endpoint", "model", "source", "currency", "pack", "job"), _CONFIG),
        **dict.fromkeys(
            ("outcome", "kind", "state", "word", "scope", "unit", "reason", "what", "severity"), _LIST
        ),
        **dict.fromkeys(("outcome", "kind", "state", "word", "scope", "unit", "reason", "what"), _LIST),
        **dict.fromkeys(("name", "value", "trigger", "class", "signal", "guard", "stage", "action"), _LIST),
        "severity": _LIST,
        "prompt": "the versions that served since the process began",
        "tenant": "the project's own, and those that [budget] tenants names",
    }
)
