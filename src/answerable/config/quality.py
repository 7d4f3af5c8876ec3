"""Settings of the evaluation: cases, runs, gate, judges, certified abstention, human review."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration


class AbstainSection(Section):
    """When not to answer, and what is promised of the answers that are given."""

    threshold: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None,
        description="Estimated probability below which nothing is generated; empty: abstain.lock, else shipped.",
    )
    risk: Annotated[float, Field(gt=0, lt=1)] = Field(0.05, description="At most this share wrong among answers …")
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = Field(0.95, description="… certified at this confidence.")
    expires: Duration = Field(90 * 86400.0, description="A certificate older than this is void.")


class GateSection(Section):
    """What a change must not do. Empty: not asked."""

    retrieval: Literal["no drop", ""] = Field("no drop", description="Span recall, before anything is generated.")
    overall: Literal["no drop", ""] = Field("no drop", description="The share of cases that pass.")
    tolerance: Annotated[float, Field(gt=0, le=100)] = Field(
        5.0,
        description="Points of drop that a passing gate has excluded, where it cannot tell; power is told for it.",
    )
    unmeasured: Annotated[float, Field(ge=0, le=1)] = Field(
        0.05, description="The largest share of cases without a measurement; above it the gate cannot tell."
    )
    floors: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        {},
        description="Category or tag → the least pass rate, for the interval's lower end.",
    )
    latency_p95: Duration | None = Field(None, description="The slowest p95 that passes.")
    cost_per_answer: Annotated[float, Field(ge=0)] | None = Field(
        None, description="The largest relative rise of the mean cost that passes, e.g. 0.15."
    )


class EvalSection(Section):
    """Evaluation runs and the gate."""

    suites: tuple[str, ...] = Field(("evals/cases",), description="Folders and files with cases.")
    target: str = Field("", description="What is asked: this system, or an http(s) address, or module:function.")
    criteria: str = Field("criteria", description="The folder with criteria; the shipped ones serve beside it.")
    patterns: tuple[str, ...] = Field(
        (), description="Own files with known-bad patterns, besides the shipped pack."
    )
    production: bool = Field(True, description="Score every given answer, without a model, beside the next ones.")
    must_pass: tuple[str, ...] = Field(
        ("tag:must-pass",), description="Cases with zero tolerance: tag:NAME or an id."
    )
    repeat: Annotated[int, Field(ge=1, le=100)] = Field(1, description="Times each case is asked.")
    concurrency: Annotated[int, Field(ge=1, le=64)] = Field(4, description="Cases at once.")
    deadline: Duration = Field(
        30.0, description="For one answer in a run, so that a busy machine measures the same."
    )
    margin: Annotated[float, Field(ge=0, le=100)] = Field(
        2.0, description="Points of difference we accept as the same."
    )
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.05, description="Of false alarms, over all categories.")
    judge_min_kappa: Annotated[float, Field(ge=0, le=1)] = Field(0.6, description="Below it a judge cannot gate.")
    judge_min_labels: Annotated[int, Field(ge=10)] = Field(
        100, description="With fewer labels a judge cannot gate."
    )
    judge_panel: Literal["", "majority", "unanimous"] = Field(
        "", description="Ask every provider of the judge route, and join what they say; empty: it has one."
    )
    labels: str = Field(
        "evals/labels.jsonl", description="What people said, for `judge check` and the correction."
    )
    items: str = Field("evals/items.jsonl", description="The answers that they said it of.")
    fitness: str = Field(
        "evals/judge-fitness.json", description="What `judge check` found, kept in git: which judges can gate."
    )
    max_cost: Annotated[float, Field(ge=0)] = Field(
        5.0, description="Of one run, judges included; it stops before."
    )
    baseline: str = Field("evals/baseline.json", description="The rows that `gate` compares with, kept in git.")
    quarantine: str = Field(
        "evals/quarantine.yaml", description="Flaky cases, each with owner, reason and expiry."
    )
    waivers: str = Field(
        "evals/waivers.yaml", description="Gates passed by a person's word: name, reason, expiry."
    )
    confirm_every: Duration = Field(
        90 * 86400.0, description="A case nobody confirmed for so long wants a review."
    )
    gate: GateSection = GateSection()


class ReviewShares(Section):
    """What a review batch is made of; the shares add up to 1."""

    random: Annotated[float, Field(gt=0, le=1)] = Field(0.4, description="Uniform: what estimates rest on.")
    uncertain: Annotated[float, Field(ge=0, le=1)] = Field(0.3, description="Where the checks are the least sure.")
    signals: Annotated[float, Field(ge=0, le=1)] = Field(
        0.2, description="Disliked, withheld, degraded, escalated."
    )
    tail: Annotated[float, Field(ge=0, le=1)] = Field(0.1, description="Rare topics, sources and languages.")


class ReviewSection(Section):
    """People reading a fair sample, regularly."""

    cadence: Literal["weekly", "biweekly"] = Field("weekly", description="How often a batch is drawn.")
    items: Annotated[int, Field(ge=1, le=10000)] = Field(30, description="Answers in a batch.")
    sample: ReviewShares = ReviewShares()
    overlap: Annotated[float, Field(ge=0, le=1)] = Field(0.2, description="The share that two people read, blind.")
    reviewers: tuple[str, ...] = Field((), description="Who reads; one address or name each.")
    criteria: tuple[str, ...] = Field(
        ("grounded", "relevant", "complete", "safe", "rightly-declined"),
        description="What is asked of each, where it applies; an answer that none applies to is not drawn.",
    )
    remind_after: Duration = Field(2 * 86400.0, description="So long after a period's end its batch is overdue.")
    lock: Duration = Field(1800.0, description="How long an opened answer is kept for who opened it.")
    seed: int = Field(0, description="Of the draw: the same period and seed give the same batch.")
