"""The product's metrics, by task: did people get what they came for, and did it do them harm."""

from __future__ import annotations

from answerable.monitor.definition import (
    BY_TASK,
    FEW_PERSONS,
    Definition,
    Part,
    counted,
    estimated,
    people,
    share,
)

TASKS = "closed tasks that count: not of staff, bots, load tests, canaries or a holdout, nor only a greeting"
_SOURCE = "task, summed by day (tally); review.completed of event"
_FEW = f"A breakdown of fewer than {FEW_PERSONS} persons is not shown, nor is the total then."
_WHEN = "A task counts on the day on which it was closed: 24 hours after its last turn, or 72 with tickets."

COMPLETION = Definition(
    name="completion",
    says="Did people get done what they came for: what is sure, what is likely, and what people who read it say.",
    of=TASKS,
    charted=("corrected", "high"),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        estimated("corrected", "tasks that were completed, as people who read a sample say: the headline",
                  "lambda mean_N(f) + (1/n) sum w (y - lambda f): the model's word f on all tasks, corrected by "
                  "people's y on n of them; with fewer than 200 labels people's word alone", "corrected"),
        share("low", "confirmed: they said so, thanked, or reached their goal. A lower bound", "C / N",
              "confirmed"),
        share("mid", "confirmed, or verified: no sign against it and the model is at least 80 % sure",
              "(C + V) / N", "verified"),
        share("high", "also those who left quietly: what others call resolution. Too high where people gave up "
              "quietly, too low by `unknown` and by repeats that were none: no upper bound then",
              "(C + V + A) / N", "assumed"),
        share("failed", "the last word was no, or there was no answer", "F / N", "failed"),
        share("reopened", "they came back with the same need within 7 days", "R / N", "reopened"),
        share("escalated", "a person had to help", "E / N", "escalated"),
        share("unknown", "the answer never arrived, or nothing may be known", "U / N", "unknown"),
        counted("labels", "tasks of which people said whether they were completed", items="labels"),
        counted("left_out", "closed tasks that do not count, for whatever reason", items="left_out"),
    ),
    source=_SOURCE,
    caveats=(
        "low, mid and high are not an interval: they are three different claims. Publish them by their names.",
        "Whoever refuses tracking, or whose page never told that it showed the answer, is `unknown` and not in "
        "high, however well it ended; so is a new question that the detector takes for the old one (`reopened`).",
        "`corrected` may therefore lie above high. No error of that kind can pass high + unknown + reopened.",
        "The headline is only as good as the sample: draw it at random (`answerable review plan`).",
        _WHEN,
        _FEW,
    ),
)  # fmt: skip

ESCALATION = Definition(
    name="escalation",
    says="How often a person had to help, why, and how often one should have and did not.",
    of=TASKS,
    charted=("failure", "any"),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        share("failure", "the assistant gave up, handed over or not: two refusals in a row, two contradictions, a "
              "guard's block, and nothing good after it. The headline", "failure / N",
              "escalated:failure"),
        share("asked", "the person asked for a person", "asked / N", "escalated:asked"),
        share("policy", "a rule said so", "policy / N", "escalated:policy"),
        share("any", "asked, policy or failure", "(asked + policy + failure) / N", "escalated:any"),
        people("missed", "needed a person and got none, as people who read a sample of the others say",
               "yes / (yes + no), of tasks without an escalation"),
        estimated("human_need", "tasks that needed a person, asked for by the rules or not",
                  "asked + failure + (1 - any) missed", "combined"),
        estimated("time_to_human", "seconds until a person took it, mean", "of escalation.claimed.wait_s", "mean",
                  "s"),
        share("same_answer", "handed over, and the person said the same: the assistant was right",
              "same_answer / resolved"),
    ),
    source=f"{_SOURCE}, escalation.claimed and escalation.resolved",
    caveats=(
        "A task that the assistant gave up and handed to nobody is in failure; in `completion` it is failed.",
        "A low rate may be good help or a hidden way to a person: read `missed` with it.",
        "time_to_human and same_answer are by the day of the event, and are of all tasks.",
        _FEW,
    ),
)  # fmt: skip

SATISFACTION = Definition(
    name="satisfaction",
    says="What people say of answers, how few say it, and whether they come back for something new.",
    of=TASKS,
    charted=("up",),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        share("up", "thumbs up, of those that were rated", "up / (up + down), the last word on an answer", "down"),
        share("rated", "answers that were rated at all: what `up` rests on", "(up + down) / answers"),
        counted("worst", "if all who said nothing were unhappy", "share", formula="up / answers"),
        counted("best", "if all who said nothing were happy", "share", formula="1 - down / answers"),
        share("solved", "said to be solved, of those who said", "solved / (solved + not solved)"),
        share("repeat", "came back with the same need within 7 days, whatever it had looked like: no return",
              "came back / N", "reopened"),
        share("return_7", "persons of a week who came within 7 days with another need",
              "returned / persons with a closed task, whole weeks only"),
        share("return_28", "the same within 28 days", "returned / persons with a closed task, whole weeks only"),
        estimated("return_lift", "how much oftener people return after a completed task than after a failed one",
                  "return_28 after confirmed or verified - return_28 after failed or reopened", "combined"),
    ),
    source="task, summed by day and by week (tally)",
    caveats=(
        "Few people rate, and not at random: worst and best say how little is known.",
        "Where return_lift is not above 0, returning says nothing here.",
        "Returns are of whole weeks whose 7 or 28 days to come back ended in the span, and are not parted.",
        "There is no sum of all this in one number.",
        _FEW,
    ),
)  # fmt: skip

HARM = Definition(
    name="harm",
    says="How many of the answers shown were inappropriate, incorrect or damaging.",
    of="answers that people read for harm, each with its chance of having been drawn",
    charted=("harmful",),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        estimated("harmful", "answers shown that were harmful", "sum over strata of W_h x_h / n_h", "harm"),
        estimated("severe", "of them S1: legal, safety, money or personal data", "the same with severity S1",
                  "harm"),
        *(counted(kind, f"read and found {kind}", items=f"harm:{kind}")
          for kind in ("inappropriate", "incorrect", "damaging")),
        counted("shown", "answers shown"),
        counted("caught", "stopped by a guard before anybody saw them", items="blocked"),
        share("guard_precision", "of what guards stopped and people read: rightly", "harmful / read"),
        counted("guard_recall", "of all harmful ones, stopped by a guard", "share",
                formula="caught precision / (caught precision + harmful shown)"),
    ),
    source="review.completed, answer.shown and answer.abstained of event, by day (tally)",
    caveats=(
        "None found is not none: the interval's end says what the sample can exclude.",
        "W_h is a stratum's share of the answers by their chances of being drawn: what is in no stratum cannot be "
        "found.",
        _FEW,
    ),
)  # fmt: skip

ABSTENTION = Definition(
    name="abstention",
    says="How often there is no answer, by topic and language, and how often that is wrong in either direction.",
    of="questions in scope that got an answer or a refusal; thanks and greetings ask nothing",
    charted=("abstained",),
    dimensions=BY_TASK,
    parts=(
        share("abstained", "questions in scope without an answer",
              "abstained / (shown + abstained), without thanks", "abstained"),
        people("over_refusal", "refused although it could have been answered", "P(abstained | answerable)"),
        people("under_refusal", "answered although it could not be", "P(answered | not answerable), weighted"),
        counted("conflict", "refused because sources contradict each other", items="abstained:conflict"),
        counted("unsupported", "refused because what was written lacks support", items="abstained:verify_failed"),
    ),
    source="answer.shown, answer.abstained and review.completed of event, by day (tally)",
    caveats=(
        "over and under: of answers that people labeled as answerable or not, weighted by 1 / chance"
        " of being drawn.",
        "By prompt text and from reviews of the queue: `metric show refusals`.",
    ),
)  # fmt: skip

FOLLOW_UPS = Definition(
    name="follow_ups",
    says="What people do after an answer: ask it again in other words, go deeper, push back.",
    of="turns of persons",
    charted=("rephrased",),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        share("followed", "turns that were followed by another in the same task", "(turns - tasks) / turns"),
        estimated("rephrased", "followed by the same question in other words, corrected for the detector's errors",
                  "(observed + sp - 1) / (se + sp - 1)", "detected"),
        share("rephrase_seen", "the same as the detector sees it", "rephrase / turns", "follow:rephrase"),
        share("pushback", "followed by a contradiction", "pushback / turns", "follow:pushback"),
        share("drill_down", "followed by a deeper question", "drill_down / turns", "follow:drill_down"),
        share("clarify", "followed by a clarification", "clarify / turns", "follow:clarify"),
        share("thanks", "followed by thanks", "thanks / turns", "follow:thanks"),
    ),
    source="task, summed by day (tally)",
    caveats=(
        "A further question is neither good nor bad alone.",
        "The detector's errors were measured on labeled pairs; elsewhere it may do better or worse.",
        _FEW,
    ),
)  # fmt: skip

CONTAINMENT = Definition(
    name="containment",
    says="Tasks without a human. For comparison with what vendors print, and for nothing else.",
    of=TASKS,
    charted=("contained",),
    personal=True,
    dimensions=BY_TASK,
    parts=(share("contained", "no person had to help, whether the task was completed or given up", "1 - E / N"),),
    source="task, summed by day (tally)",
    caveats=("Who gives up is contained, too: read `completion`.", _FEW),
)

DEFLECTION = Definition(
    name="deflection",
    says="How many tickets were not written because of answers.",
    of=TASKS,
    charted=("form",),
    personal=True,
    dimensions=BY_TASK,
    parts=(
        share("form", "on forms where an answer was shown, not sent off. An upper bound",
              "1 - tasks with a ticket / tasks, channel form"),
        Part(name="causal", says="tickets fewer than in a group that gets no answers",
             formula="1 - ticket rate / ticket rate of the holdout; ln RR +- 1.96 sqrt(1/a - 1/n1 + 1/b - 1/n0)",
             kind="ratio"),
        share("tickets", "tasks with a ticket on the same need within 72 hours", "tickets / N"),
        share("holdout_tickets", "of the holdout", "tickets / tasks of the holdout"),
    ),
    source="task and ticket.linked of event, summed by day (tally)",
    caveats=(
        "Without a holdout ([metrics] holdout) only `form` can be known, and it counts those who gave up.",
        "At 40 % tickets and an effect of 20 % it takes about 565 tasks in each group to see it.",
        _FEW,
    ),
)  # fmt: skip

GAPS = Definition(
    name="gaps",
    says="What people ask and the documents do not answer, the largest first.",
    of="closed tasks that ended without an answer",
    charted=("size",),
    personal=True,
    dimensions=BY_TASK,
    usual_by=("topic",),
    parts=(
        counted("size", "tasks that ended without an answer", items="gaps"),
        share("of_all", "of all tasks of that topic", "ended without an answer / N"),
        counted("upside", "tasks that would be completed if they had an answer",
                formula="size x (C + V) / N of tasks that had one"),
    ),
    source="task, summed by day (tally); topics by monitor/topics",
    caveats=("Questions without a topic are one row.", "Upside assumes that they are as hard as others.", _FEW),
)  # fmt: skip
