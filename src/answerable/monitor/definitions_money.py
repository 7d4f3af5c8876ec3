"""Metrics of tokens and money, by answer and by task."""

from __future__ import annotations

from answerable.monitor.definition import BY_TASK, FEW_PERSONS, Definition, Part, counted, quantile
from answerable.monitor.definitions_answers import ANSWERS

TOKENS = Definition(
    name="tokens",
    usual_by=("prompt.version",),
    says="What a prompt makes models read and write, and how much of that the provider's cache served.",
    of="calls that used tokens, with this prompt, for answers to persons",
    charted=("input_p50",),
    parts=(
        quantile("input_p50", "tokens sent with a call, half of them", "order statistic of model_call.input",
                  "tokens"),
        quantile("output_p50", "tokens that came back", "order statistic of model_call.output", "tokens"),
        counted("input", "tokens sent", "tokens"),
        counted("cached", "of them from the provider's prompt cache", "tokens"),
        Part(name="cached_share", says="of the tokens sent, from the provider's cache", formula="cached / input",
             kind="sum"),
        counted("output", "tokens that came back", "tokens"),
        Part(name="fixed", says="tokens at the prompt's beginning that are the same in every request",
             formula="of the file of this version, by our own count", kind="sum", unit="tokens"),
        counted("calls", "calls, second tries and failures included"),
        counted("hits", "answered by our own cache: no model was asked"),
        counted("cost", "money for these calls", "money"),
        counted("unpriced", "calls of a model without a price: they are not in the sum"),
    ),
    source="model_call, joined with answer_fact by the trace",
    caveats=(
        "By the prompt that each call was sent with: a rewrite counts for `rewrite`, not for `answer`.",
        "Tokens are as the provider counted them; where it did not say, as we did (`estimated`).",
        "Only what has a file can have a fixed part: it is empty for a version whose file is gone.",
    ),
)  # fmt: skip

COST = Definition(
    name="cost",
    usual_by=("prompt.version",),
    says="What one answer costs, all its calls together: rewriting, reranking, answering, checking, second tries.",
    of=ANSWERS,
    charted=("mean",),
    parts=(
        Part(name="mean", says="cost of an answer", formula="sum of costs / answers with a known cost",
             kind="mean", unit="money"),
        Part(name="median", says="half of the answers cost at most so much", formula="of the same", kind="sum",
             unit="money"),
        Part(name="p95", says="19 of 20 cost at most so much", formula="of the same", kind="sum", unit="money"),
        Part(name="per_kept", says="all money, for each question that got an answer",
             formula="sum of costs / (answered + partial + conflict)", kind="sum", unit="money"),
        counted("total", "money for all of them", "money"),
        counted("unpriced", "answers with a call that has no price: they are in no mean"),
    ),
    source="model_call, summed by trace; answer_fact",
    caveats=(
        "By the answer's own prompt version, whatever prompts its other calls were sent with.",
        "An answer without a call (a refusal, a kept reply) costs nothing and is in the mean.",
        "Servers, storage and people's time are not in it.",
    ),
)  # fmt: skip

TASK_COST = Definition(
    name="task_cost",
    says="What a task costs, and what a completed one does: all calls, and the people who had to help.",
    of="closed tasks that count",
    charted=("per_task",),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        Part(name="per_task", says="cost of a task, mean", formula="sum of costs / tasks with a known cost",
             kind="mean", unit="money"),
        Part(name="median", says="half of the tasks cost at most so much", formula="of the same", kind="bins",
             unit="money"),
        Part(name="p95", says="95 of 100 cost at most so much", formula="of the same", kind="bins", unit="money"),
        Part(name="per_completed", says="all money, for each task that was completed",
             formula="cost of a task / completion's headline (mid without labels)", kind="combined", unit="money"),
        Part(name="with_people", says="the same with what people cost who had to help",
             formula="(cost of a task + handed over / N x human_ticket_cost) / completion", kind="combined",
             unit="money"),
        counted("total", "money for all of them", "money"),
        counted("unpriced", "tasks with a call that has no price: they are in no mean", items="unpriced"),
    ),
    source="task, summed by day (tally)",
    caveats=(
        "Costs of evaluations, judges and servers are not in a task: `answerable cost show`.",
        "with_people is unmeasured until [metrics] human_ticket_cost is set.",
        "At another volume: `metric show task_cost --project 10x`.",
        f"A breakdown of fewer than {FEW_PERSONS} persons is not shown, nor is the total then.",
    ),
)  # fmt: skip
