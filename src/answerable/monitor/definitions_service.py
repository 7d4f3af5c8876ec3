"""Metrics of the service: how fast, how fresh, at whose expense. Summed by day, so that a month takes a moment."""

from __future__ import annotations

from answerable.monitor.definition import BY_TASK, Definition, counted, estimated, share

_SHOWN = "answers and refusals to persons who count"
_SOURCE = "answer.shown and answer.abstained of event, by day (tally)"

SPEED = Definition(
    name="speed",
    says="How long a person waits, and how often the time was up: for boards; `latency` is exact, by version.",
    of=_SHOWN,
    charted=("p95",),
    dimensions=BY_TASK,
    parts=(
        *(estimated(f"p{level}", f"{level} of 100 took at most so long", "of latency_ms", "bins", "ms")
          for level in (50, 95, 99)),
        estimated("first_text_p95", "time to the first text, 95 of 100", "of first_text_ms", "bins", "ms"),
        share("deadline_hits", "ended because its time was up", "deadline_hit / answers", "deadline"),
        share("degraded", "made the cheaper way", "with a step of the ladder / answers", "degraded"),
    ),
    source=_SOURCE,
    caveats=("Measured in the service: networks and browsers are not in it.",),
)  # fmt: skip

FALLBACK = Definition(
    name="fallback",
    says="How often the second choice had to answer.",
    of="calls of models, retries and hedges included",
    charted=("fallback",),
    dimensions=BY_TASK,
    parts=(
        share("fallback", "answered by another than the first choice", "fallback / calls", "fallback"),
        share("success", "calls that ended well", "ok / calls", "call_failed"),
        share("hedged", "asked a second time because the first was slow", "hedge / calls"),
    ),
    source="model.called of event, by day (tally)",
    caveats=("`provider list` has it by route, as of now.",),
)  # fmt: skip

CACHE = Definition(
    name="cache",
    says="How many answers were kept ones, and what that saved.",
    of="answers shown",
    charted=("hits",),
    dimensions=BY_TASK,
    parts=(
        share("hits", "answers from the cache", "cache not none / shown", "cached"),
        share("exact", "the same question", "exact / shown"),
        share("semantic", "a question that means the same", "semantic / shown"),
        share("pinned", "answers that people wrote", "pinned / shown"),
        share("wrong", "kept answers that people read and found incorrect",
              "incorrect / read, of kept ones, by the day of reading"),
        counted("saved", "money not spent", "money", "hits x mean cost of an answer that was made"),
    ),
    source=f"{_SOURCE}; review.completed",
    caveats=("What a kept answer would have cost is taken to be the mean of the others.",),
)  # fmt: skip

STALENESS = Definition(
    name="staleness",
    says="How much of what is cited is past its date, and how much of what there is.",
    of="answers shown",
    charted=("answers",),
    dimensions=BY_TASK,
    parts=(
        share("answers", "answers that cite at least one stale page", "with a stale citation / shown", "stale"),
        share("citations", "citations of stale pages", "stale / citations"),
        share("corpus", "pages past review_by, superseded or unreachable, today", "stale / pages"),
    ),
    source=f"{_SOURCE}; document",
    caveats=("corpus is as of now, whatever the span, and is parted by nothing.",),
)  # fmt: skip

FRESHNESS = Definition(
    name="freshness",
    says="How long a change at the source takes to be in the index.",
    of="document versions that were indexed in this time and say when they were changed",
    charted=("p95",),
    dimensions=("day",),
    parts=(
        estimated("p50", "half were there after so long", "indexed_at - source_changed_at", "quantile", "s"),
        estimated("p95", "95 of 100", "indexed_at - source_changed_at", "quantile", "s"),
    ),
    source="document_version",
    caveats=(
        "A first reading of an old page is left out: its lag is the age of the page, not ours.",
        "Sources that do not say when a page was changed are not in it.",
    ),
)  # fmt: skip

CONFLICTS = Definition(
    name="conflicts",
    says="How often people were exposed to sources that contradict each other.",
    of="answers shown",
    charted=("exposed",),
    dimensions=BY_TASK,
    parts=(
        share("exposed", "answers whose passages held an open conflict", "with a conflict / shown", "conflict"),
        share("said", "answers that said so", "outcome conflict / shown"),
    ),
    source=_SOURCE,
    caveats=("Only conflicts that were found: `answerable data conflicts`.",),
)  # fmt: skip

REVIEW = Definition(
    name="review",
    says="Whether people's reading can be relied upon: how much, how long, and do they agree.",
    of="readings of answers",
    charted=("agreement",),
    dimensions=("day",),
    parts=(
        counted("readings", "answers read", items="reviews"),
        estimated("minutes", "for one, mean", "of review.completed.minutes", "mean", "minutes"),
        share("blind", "read without knowing which version it was", "blind / readings"),
        share("second", "read by a second person", "second_reader / readings"),
        share("agreement", "two readers say the same verdict", "same / read twice"),
        counted("kappa", "the same without what chance gives", "ratio", "Cohen's kappa of the verdicts"),
    ),
    source="review.completed of event",
    caveats=("Whether items are done in time: `answerable review stats`.",),
)  # fmt: skip
