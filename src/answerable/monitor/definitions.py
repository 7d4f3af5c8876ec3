"""The metrics of production by name: what each one says, how it is reckoned, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from answerable.core.errors import ConfigError

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "prompt": "the prompt's id",
        "prompt.version": "id@version",
        "prompt.sha256": "the first 12 digits of the hash of the prompt's text with its includes",
        "rollout": "the arm: stable or candidate; empty where no rollout was under way",
        "language": "of the answer",
        "model": "that answered, as provider/model",
        "day": "in UTC",
    }
)
FEW = 30  # below it a share is k of n, without a percentage
FEW_PERSONS = 5  # below it a breakdown says nothing of what people did


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One number of a metric. `kind` says what it is, and so how its interval is made (see INTERVALS)."""

    name: str
    says: str
    formula: str
    kind: str  # share | people | quantile | mean | sum
    unit: str = ""  # ms | tokens | money | "" (shares in [0, 1], counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A metric: several numbers that must be read together. `charted` are those that are drawn."""

    name: str
    says: str
    parts: tuple[Part, ...]
    charted: tuple[str, ...]
    of: str  # what n counts
    source: str  # which tables it is read from
    caveats: tuple[str, ...]
    personal: bool = False  # what people did: a breakdown of fewer than FEW_PERSONS is not shown
    dimensions: tuple[str, ...] = tuple(DIMENSIONS)

    def part(self, name: str) -> Part:
        """By name. Raises ConfigError for one that there is not; of reviews every criterion is one."""
        for one in self.parts:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.parts)
        raise ConfigError(f"{self.name} has no part {name!r}", hint=f"one of {known}")

    def parted(self, by: Sequence[str]) -> tuple[str, ...]:
        """The dimensions, each once. Raises ConfigError for one that it is not parted by."""
        if unknown := [name for name in by if name not in self.dimensions]:
            raise ConfigError(
                f"{self.name} is not parted by {unknown[0]!r}", hint=f"by {', '.join(self.dimensions)}"
            )
        return tuple(dict.fromkeys(by))


INTERVALS: Mapping[str, str] = MappingProxyType(
    {
        "share": "95 %, Wilson (1927); statements of one answer stand or fall together: at their effective "
        "number (Kish 1965, Survey Sampling, section 8.2; Korn and Graubard 1998)",
        "people": "95 %, weighted by each answer's chance of being drawn (Hájek 1971), Wilson at the "
        "effective number",
        "quantile": "95 %, from order statistics (David and Nagaraja 2003, section 7.1), for any distribution; "
        "an end is open where n is too small for it",
        "mean": "95 %, percentile bootstrap by whole days; by answers where there are fewer than 5 days",
        "sum": "counted, not estimated: none",
    }
)


def _share(name: str, says: str, formula: str) -> Part:
    return Part(name=name, says=says, formula=formula, kind="share")


def _people(name: str, says: str, formula: str) -> Part:
    return Part(name=name, says=says, formula=formula, kind="people")


def _quantile(name: str, says: str, formula: str, unit: str) -> Part:
    return Part(name=name, says=says, formula=formula, kind="quantile", unit=unit)


def _sum(name: str, says: str, unit: str = "") -> Part:
    return Part(name=name, says=says, formula="counted", kind="sum", unit=unit)


_ANSWERS = "answers to persons; what evaluations asked is left out"

QUALITY = Definition(
    name="quality",
    says="How good answers are: by the check that every sentence goes through, and by people who read a sample.",
    of=_ANSWERS,
    charted=("nothing_withheld", "grounded"),
    parts=(
        _share("supported", "statements shown that what they cite supports, by the automatic check",
               "supported / (supported + unsupported), of statements of fact that were shown"),
        _share("nothing_withheld", "answers of which the automatic check withheld no sentence",
               "answers with a sentence to check and none withheld / answers with a sentence to check"),
        _people("grounded", "answers that people found supported throughout", "YES / (YES + NO), weighted"),
        _people("relevant", "answers that people found to address the question", "YES / (YES + NO), weighted"),
        _people("complete", "answers that people found to miss nothing needed", "YES / (YES + NO), weighted"),
        _people("safe", "answers that people found free of harm", "YES / (YES + NO), weighted"),
        _share("agreement", "reviewed answers on which the check and the people agree that all is supported",
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
    says="How often there is no answer, and how often that is wrong in either direction.",
    of="answers in scope: too long, out of scope, blocked and failed are not",
    charted=("abstained",),
    parts=(
        _share("abstained", "questions in scope that got no answer", "abstained / in scope"),
        _share("partial", "questions in scope that got a part", "partial / in scope"),
        _people("over_refusal", "abstained although the passages held the answer",
                "P(declined | answerable), of reviewed ones: answerable is rightly-declined NO or grounded YES"),
        _people("under_refusal", "answered although the passages did not hold it",
                "P(answered | not answerable): not answerable is rightly-declined YES or grounded NO"),
        _sum("blocked", "stopped by a guard"),
        _sum("failed", "ended in an error or without time"),
        _sum("escalated", "handed to a person"),
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
    says="How long a person waits: for the whole answer, and for its first text where it is streamed.",
    of=_ANSWERS,
    charted=("p95",),
    parts=(
        _quantile("p50", "half of the answers took at most so long", "order statistic of timing_ms.total", "ms"),
        _quantile("p95", "19 of 20 took at most so long", "order statistic of timing_ms.total", "ms"),
        _quantile("p99", "99 of 100 took at most so long", "order statistic of timing_ms.total", "ms"),
        _quantile("first_text_p50", "time to the first text, half", "of timing_ms.first_text", "ms"),
        _quantile("first_text_p95", "time to the first text, 19 of 20", "of timing_ms.first_text", "ms"),
    ),
    source="answer_fact",
    caveats=(
        "Measured in the service, from the question's arrival: networks and browsers are not in it.",
        "Replies from the cache and refusals are in it; part by `rollout` or look at `refusals` before blaming a "
        "prompt.",
    ),
)  # fmt: skip

TOKENS = Definition(
    name="tokens",
    says="What a prompt makes models read and write, and how much of that the provider's cache served.",
    of="calls that used tokens, with this prompt, for answers to persons",
    charted=("input_p50",),
    parts=(
        _quantile("input_p50", "tokens sent with a call, half of them", "order statistic of model_call.input",
                  "tokens"),
        _quantile("output_p50", "tokens that came back", "order statistic of model_call.output", "tokens"),
        _sum("input", "tokens sent", "tokens"),
        _sum("cached", "of them from the provider's prompt cache", "tokens"),
        Part(name="cached_share", says="of the tokens sent, from the provider's cache", formula="cached / input",
             kind="sum"),
        _sum("output", "tokens that came back", "tokens"),
        Part(name="fixed", says="tokens at the prompt's beginning that are the same in every request",
             formula="of the file of this version, by our own count", kind="sum", unit="tokens"),
        _sum("calls", "calls, second tries and failures included"),
        _sum("hits", "answered by our own cache: no model was asked"),
        _sum("cost", "money for these calls", "money"),
        _sum("unpriced", "calls of a model without a price: they are not in the sum"),
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
    says="What one answer costs, all its calls together: rewriting, reranking, answering, checking, second tries.",
    of=_ANSWERS,
    charted=("mean",),
    parts=(
        Part(name="mean", says="cost of an answer", formula="sum of costs / answers with a known cost",
             kind="mean", unit="money"),
        Part(name="median", says="half of the answers cost at most so much", formula="of the same", kind="sum",
             unit="money"),
        Part(name="p95", says="19 of 20 cost at most so much", formula="of the same", kind="sum", unit="money"),
        Part(name="per_kept", says="all money, for each question that got an answer",
             formula="sum of costs / (answered + partial + conflict)", kind="sum", unit="money"),
        _sum("total", "money for all of them", "money"),
        _sum("unpriced", "answers with a call that has no price: they are in no mean"),
    ),
    source="model_call, summed by trace; answer_fact",
    caveats=(
        "By the answer's own prompt version, whatever prompts its other calls were sent with.",
        "An answer without a call (a refusal, a kept reply) costs nothing and is in the mean.",
        "Servers, storage and people's time are not in it.",
    ),
)  # fmt: skip

FEEDBACK = Definition(
    name="feedback",
    says="What people said of answers, and whether they had to go on asking.",
    of=_ANSWERS,
    charted=("up",),
    personal=True,
    parts=(
        _share("up", "thumbs up, of those that were rated", "up / (up + down); the last word on an answer counts"),
        _share("rated", "answers that were rated at all", "(up + down) / answers"),
        _share("solved", "said to be solved, of those where it was said", "solved yes / solved given"),
        _share("followed", "followed by another question in the same conversation within 30 minutes",
               "followed / answers in a conversation"),
        _share("escalated", "handed to a person", "outcome escalated / answers"),
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


def registry(definitions: Iterable[Definition]) -> Mapping[str, Definition]:
    """By name. Raises ValueError for a name or a part that comes twice, and for a charted part that is none."""
    found: dict[str, Definition] = {}
    for one in definitions:
        names = [part.name for part in one.parts]
        if one.name in found or len(set(names)) < len(names) or not set(one.charted) <= set(names):
            raise ValueError(
                f"the metric {one.name} comes twice, or one of its parts, or one that is charted is none"
            )
        found[one.name] = one
    return MappingProxyType(found)


METRICS = registry((QUALITY, REFUSALS, LATENCY, TOKENS, COST, FEEDBACK))


def definition(name: str) -> Definition:
    """Raises ConfigError for a metric that there is not."""
    if name not in METRICS:
        raise ConfigError(f"there is no metric {name!r}", hint=f"one of {', '.join(METRICS)}")
    return METRICS[name]
