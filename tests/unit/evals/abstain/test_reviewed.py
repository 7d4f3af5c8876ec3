"""What reviews may say when a threshold is calibrated: settled, of this system, and nothing below a bar."""

from __future__ import annotations

import pytest

from answerable.app.setup import answering
from answerable.core.evaluation import Answered
from answerable.core.review import Item, Reading
from answerable.evals.abstain.reviewed import above_all_bars, reviewed
from answerable.evals.review.verdicts import Dossier

YES, NO, UNSURE = Answered.YES, Answered.NO, Answered.UNSURE


def file(*said: dict[str, Answered], score: float = 0.7, outcome: str = "answered", seats: int = 0) -> Dossier:
    item = Item(
        id="ri_1",
        batch="2026-W47",
        answer_id=f"an_{score}",
        trace_id="tr_1",
        drawn_by=("random",),
        strata=("random",),
        probability=0.1,
        seats=("",) * (seats or len(said) or 1),
        place=0,
        outcome=outcome,
        score=score,
    )
    readings = [Reading(tenant="t", item="ri_1", reader=f"r{n}", verdicts=one) for n, one in enumerate(said)]
    return Dossier(item=item, readings=tuple(readings))


def trace(bar: float = 0.3, degraded: tuple[str, ...] = ()) -> dict[str, object]:
    step = {"name": "answerable", "detail": {"probability": 0.7, "threshold": bar}}
    return {"steps": [{"name": "retrieve", "detail": {}}, step], "degraded": list(degraded)}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ([{"grounded": YES, "safe": YES}], False),
        ([{"grounded": YES, "safe": NO}], True),
        ([{"grounded": YES, "safe": UNSURE}], None),
        (
            [{"grounded": YES, "safe": YES}, {"grounded": NO, "safe": YES}],
            None,
        ),  # they differ: not right by the rest
        ([{"grounded": NO, "safe": YES}, {"grounded": NO, "safe": NO}], True),
        ([{"rightly-declined": YES}], None),
    ],
)
def test_an_answer_is_right_only_where_everything_asked_is_settled_and_yes(said, wrong):
    found = reviewed(file(*said), trace())
    assert (found.scored.wrong if found else None) is wrong


def test_half_read_or_made_the_cheaper_way_is_unmeasured():
    assert reviewed(file({"grounded": YES}, seats=2), trace()) is None
    assert reviewed(file({"grounded": YES}), trace(degraded=("no_rerank",))) is None


def test_nothing_is_known_below_the_highest_bar_that_was_ever_in_force():
    early = [reviewed(file({"grounded": YES}, score=0.4), trace(0.3)) for _ in range(3)]
    late = [
        reviewed(file({"grounded": YES}, score=0.8), trace(0.6)),
        reviewed(file(score=0.4, outcome="abstained"), trace(0.6)),
    ]
    found = above_all_bars([*early, *late])
    assert [one.wrong for one in found] == [None, None, None, False, None]
    assert above_all_bars([]) == []


def test_an_answer_of_another_model_prompt_or_setting_is_of_another_system():
    now = {
        "code": "0.1.0+aa",
        "prompt": "answer@1 ab",
        "models": {"main": "m-1"},
        "settings": {"retrieval": {"top_k": 10}, "answer": {"deadline": 4.0, "verify": "claims"}},
    }
    same = {
        **now,
        "code": "0.1.0+bb",
        "settings": {**now["settings"], "answer": {"deadline": 9.0, "verify": "claims"}},
    }
    assert answering(now) == answering(same)
    for other in (
        {"prompt": "answer@2 cd"},
        {"models": {"main": "m-2"}},
        {"settings": {"retrieval": {"top_k": 5}}},
    ):
        assert answering({**now, **other}) != answering(now)
    assert answering({}) != answering(now)
