"""Metrics of answers: what they are like, how often there is none, how long they take, what people say."""

from __future__ import annotations

from answerable.monitor.definition import FEW_PERSONS, Definition, counted, people, quantile, share

ANSWERS = "answers to persons; what evaluations asked is left out"

QUALITY = Definition(
    name="quality",
    usual_by=("prompt.version",),
    says="How good answers are: by the check that every sentence goes through, and by people who read a sample.",
    of=ANSWERS,
    charted=("nothing_withheld", "grounded"),
    parts=(
        share("supported", "statements shown that what they cite supports, by the automatic check",
               "supported / (supported + unsupported), of statements of fact that were shown"),
        share("nothing_withheld", "answers of which the automatic check withheld no sentence",
               "answers with a sentence to check and none withheld / answers with a sentence to check"),
        people("grounded", "answers that people found supported throughout", "YES / (YES + NO), weighted"),
        people("relevant", "answers that people found to address the question", "YES / (YES + NO), weighted"),
        people("complete", "answers that people found to miss nothing needed", "YES / (YES + NO), weighted"),
        people("safe", "answers that people found free of harm", "YES / (YES + NO), weighted"),
        share("agreement", "reviewed answers on which the check and the people agree that all is supported",
               "(no unsupported statement) = (grounded YES), over answers with a settled verdict"),
    ),
    source="answer_fact (made of answer and trace); review_item and review_reading",
    caveats=(
        "The automatic check compares words, numbers, names and negations; it does not see what is missing.",
        "Unsupported statements are withheld before they are shown (answer.verify): a share of 100 % is the rule, "
        "what was withheld is the signal.",
        "People read a sample. `answerable review plan` draws it; until then there is no second series.",
        "No judge runs over production; what judges say is in evaluation runs (`answerable eval`).",
    ),
)  # fmt: skip

REFUSALS = Definition(
    name="refusals",
    usual_by=("prompt.version",),
    says="How often there is no answer, and how often that is wrong in either direction.",
    of="answers in scope: too long, out of scope, blocked and failed are not",
    charted=("abstained",),
    parts=(
        share("abstained", "questions in scope that got no answer", "abstained / in scope"),
        share("partial", "questions in scope that got a part", "partial / in scope"),
        people("over_refusal", "abstained although the passages held the answer",
                "P(declined | answerable), of reviewed ones: answerable is rightly-declined NO or grounded YES"),
        people("under_refusal", "answered although the passages did not hold it",
                "P(answered | not answerable): not answerable is rightly-declined YES or grounded NO"),
        counted("blocked", "stopped by a guard"),
        counted("failed", "ended in an error or without time"),
        counted("escalated", "handed to a person"),
    ),
    source="answer_fact; review_item and review_reading with the criteria rightly-declined and grounded",
    caveats=(
        "A question that was declined before a model was asked counts for the prompt that was in use.",
        "grounded stands in for answerable where there was an answer: an answer can be grounded and still not to "
        "the point.",
    ),
)  # fmt: skip

LATENCY = Definition(
    name="latency",
    usual_by=("prompt.version",),
    says="How long a person waits: for the whole answer, and for its first text where it is streamed.",
    of=ANSWERS,
    charted=("p95",),
    parts=(
        quantile("p50", "half of the answers took at most so long", "order statistic of timing_ms.total", "ms"),
        quantile("p95", "19 of 20 took at most so long", "order statistic of timing_ms.total", "ms"),
        quantile("p99", "99 of 100 took at most so long", "order statistic of timing_ms.total", "ms"),
        quantile("first_text_p50", "time to the first text, half", "of timing_ms.first_text", "ms"),
        quantile("first_text_p95", "time to the first text, 19 of 20", "of timing_ms.first_text", "ms"),
    ),
    source="answer_fact",
    caveats=(
        "Measured in the service, from the question's arrival: networks and browsers are not in it.",
        "Replies from the cache and refusals are in it; part by `rollout` or look at `refusals` before blaming a "
        "prompt.",
    ),
)  # fmt: skip

FEEDBACK = Definition(
    name="feedback",
    usual_by=("prompt.version",),
    says="What people said of answers, and whether they had to go on asking.",
    of=ANSWERS,
    charted=("up",),
    personal=True,
    parts=(
        share("up", "thumbs up, of those that were rated", "up / (up + down); the last word on an answer counts"),
        share("rated", "answers that were rated at all", "(up + down) / answers"),
        share("solved", "said to be solved, of those where it was said", "solved yes / solved given"),
        share("followed", "followed by another question in the same conversation within 30 minutes",
               "followed / answers in a conversation"),
        share("escalated", "handed to a person", "outcome escalated / answers"),
    ),
    source="feedback; answer_fact",
    caveats=(
        "Few people rate, and not at random: read `rated` first. Between the worst and the best that all others "
        "could have said lie up / answers and 1 - down / answers.",
        "A further question is neither good nor bad alone; it is not told here what kind of question it was.",
        "Only escalations that the assistant itself made are known.",
        f"A breakdown of fewer than {FEW_PERSONS} persons is not shown, nor is the total then.",
    ),
)  # fmt: skip
