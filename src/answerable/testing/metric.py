"""The contract of the Metric port: whatever it is given, a metric answers with a score that can be kept."""

from __future__ import annotations

import json

import pytest

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan, Status
from answerable.core.outcome import Outcome
from answerable.core.ports import Metric

BARE = EvalCase(id="bare", question="How long?")
FULL = EvalCase(
    id="full",
    question="How long can I return it?",
    expect=Expectation(
        outcome=Outcome.ANSWERED,
        must=("30 days",),
        must_not=("60 days",),
        cites=("returns.md",),
        spans=(GoldSpan(document="returns.md", quote="Within 30 days."),),
        reference="Within 30 days.",
    ),
)


class MetricContract:
    """Subclass it and give a fixture `metric`."""

    @pytest.fixture
    def metric(self) -> Metric:
        """The metric under test."""
        raise NotImplementedError

    @pytest.mark.parametrize("case", [BARE, FULL], ids=lambda case: case.id)
    @pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.ABSTAINED, Outcome.FAILED])
    @pytest.mark.parametrize("text", ["", "Within 30 days [1].", "[9] \x00 {{"])
    async def test_it_scores_or_says_why_not(
        self, metric: Metric, case: EvalCase, outcome: Outcome, text: str
    ) -> None:
        answer = Answer(id="an", trace_id="", text=text, outcome=outcome)
        score = await metric.score(case, answer)
        assert score.name == metric.name
        assert score.value is not None or score.reason, "a score that was not measured says why"
        assert score.passed is None or score.status is Status.SCORED
        json.dumps(score.detail)
        assert score == await metric.score(case, answer), "asked twice, it says the same"
