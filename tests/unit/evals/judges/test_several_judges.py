"""Panels and pairs: one verdict out of several, and none out of a preference for a place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerable.adapters.fakes.judgments import MemoryJudgments
from answerable.adapters.fakes.llm import Reply
from answerable.core.errors import TransientModelError
from answerable.core.evaluation import Answered, Status
from answerable.core.outcome import Outcome
from answerable.evals.judges.memory import Memory
from answerable.evals.judges.pairwise import Pairwise, Preferred, flip_rate
from answerable.evals.judges.panel import Panel, decide
from tests.unit.evals.judges.bench import GROUNDED, MATERIAL, interviewer, judge, says
from tests.unit.evals.judges.test_judge import ANSWER, CASE

YES, NO, UNSURE = Answered.YES, Answered.NO, Answered.UNSURE


def panel(*verdicts: str, rule: str = "majority") -> Panel:
    members = [judge(says(verdict), model=f"openai-compatible x m{n}")[0] for n, verdict in enumerate(verdicts)]
    return Panel(members=tuple(members), rule=rule)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "majority", "unanimous"),
    [
        ((YES, YES, NO), YES, UNSURE),
        ((NO, NO, NO), NO, NO),
        ((YES, NO), UNSURE, UNSURE),
        ((NO, YES), UNSURE, UNSURE),
        ((YES, NO, UNSURE), UNSURE, UNSURE),
        ((YES, UNSURE, YES), YES, UNSURE),
        ((YES, YES, NO, NO), UNSURE, UNSURE),
    ],
)
def test_a_tie_is_unsure_whatever_the_order(
    verdicts: tuple[Answered, ...], majority: Answered, unanimous: Answered
) -> None:
    for order in (verdicts, verdicts[::-1]):
        assert decide(order, rule="majority") is majority
        assert decide(order, rule="unanimous") is unanimous


async def test_a_panel_is_a_metric_that_shows_its_disagreement() -> None:
    score = await panel("YES", "NO", "YES").score(CASE, ANSWER)
    assert (score.name, score.value) == ("judge:grounded", 1.0)
    assert score.detail["panel"] == ["YES", "NO", "YES"]
    assert score.detail["disagreement"] is True
    split = await panel("YES", "NO").score(CASE, ANSWER)
    assert split.status is Status.ERROR
    assert "the panel is split: YES, NO" in split.reason
    agreed = await panel("NO", "NO", rule="unanimous").score(CASE, ANSWER)
    assert (agreed.value, agreed.detail["disagreement"]) == (0.0, False)


async def test_a_member_that_fails_is_an_error_and_no_abstention() -> None:
    broken, _ = judge(TransientModelError("down"), model="openai-compatible x broken")
    two = panel("YES", "YES")
    score = await replace(two, members=(*two.members, broken)).score(CASE, ANSWER)
    assert score.reason == "unmeasured: 1 of 3 members failed: down"


async def test_a_panel_is_another_judge_than_its_members_and_does_not_depend_on_their_order() -> None:
    two = panel("YES", "NO")
    turned = replace(two, members=two.members[::-1])
    assert two.identity.digest == turned.identity.digest
    assert two.identity.digest != two.members[0].identity.digest
    assert two.identity.digest != replace(two, rule="unanimous").identity.digest
    with pytest.raises(ValueError, match="each another model"):
        Panel(members=(two.members[0], two.members[0]))
    with pytest.raises(ValueError, match="at least two"):
        Panel(members=two.members[:1])
    assert (await two.judge(replace(MATERIAL, outcome=Outcome.ABSTAINED))).not_asked


def pairwise(*replies: Reply | str) -> Pairwise:
    asking, _ = interviewer(*replies, prompt="judge-pair")
    return Pairwise(
        criterion=GROUNDED, interviewer=asking, memory=Memory(judgments=MemoryJudgments(), tenant="acme")
    )


OTHER = replace(MATERIAL, answer="Within 30 days [1].")


@pytest.mark.parametrize(
    ("first", "second", "preferred", "flipped"),
    [
        ("FIRST", "SECOND", Preferred.A, False),
        ("SECOND", "FIRST", Preferred.B, False),
        ("SAME", "SAME", Preferred.TIE, False),
        ("FIRST", "FIRST", Preferred.TIE, True),  # a place is preferred, not an answer
        ("SECOND", "SECOND", Preferred.TIE, True),
        ("FIRST", "SAME", Preferred.TIE, True),
    ],
)
async def test_a_preference_that_changes_with_the_order_is_a_tie(
    first: str, second: str, preferred: Preferred, flipped: bool
) -> None:
    found = await pairwise(says(first), says(second)).compare(MATERIAL, OTHER)
    assert (found.preferred, found.flipped) == (preferred, flipped)


async def test_both_orders_are_asked_and_remembered_each_by_itself() -> None:
    one = pairwise(says("FIRST"), says("SECOND"), says("SAME"))
    found = await one.compare(MATERIAL, OTHER)
    assert await one.compare(MATERIAL, OTHER) == replace(found, cost=0)
    calls = one.interviewer.llm.llm.calls  # type: ignore[attr-defined]
    assert len(calls) == 2
    assert calls[0].user.index("Within 14") < calls[0].user.index("Within 30")
    assert calls[1].user.index("Within 30") < calls[1].user.index("Within 14")
    measured = [found, await pairwise(says("FIRST")).compare(MATERIAL, OTHER)]
    failed = await pairwise("nonsense").compare(MATERIAL, OTHER)
    assert (failed.preferred, failed.error) == (None, "no valid reply in 2 attempts")
    rate = flip_rate([*measured, failed])
    assert rate is not None
    assert (rate.value, rate.n) == (0.5, 2)
    assert flip_rate([failed]) is None


async def test_only_answers_to_one_question_are_compared() -> None:
    with pytest.raises(ValueError, match="same question"):
        await pairwise(says("FIRST")).compare(MATERIAL, replace(OTHER, question="Else?"))
    blind = await pairwise(says("FIRST")).compare(MATERIAL, replace(OTHER, context=()))
    assert blind.error == "the target shows no passages"
