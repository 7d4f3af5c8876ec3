"""What questions cost on average, when a budget ends, how hits grow, and what a volume will cost."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.monitor.forecast import Basis, can_tell, counts_by_day, project
from answerable.monitor.hits import hit_curve, replayed
from answerable.monitor.spending import Question, cost_per_question, day_of, ends_at, month_of

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def asked(n, *, days=10, cost="0.01", key=lambda i: "", generated="0.008", hits=0):
    return [
        Question(
            at=NOON + timedelta(days=i % days, seconds=i),
            cost=None if cost is None else Decimal(cost),
            generated=Decimal(generated),
            key=key(i),
            hits=hits,
        )
        for i in range(n)
    ]


def test_few_questions_have_a_sum_and_no_mean():
    found = cost_per_question(asked(29))
    assert (found.n, found.total, found.mean, found.low) == (29, Decimal("0.29"), None, None)


def test_what_has_no_price_is_counted_and_left_out_of_the_mean():
    found = cost_per_question([*asked(40), *asked(5, cost=None)])
    assert (found.n, found.priced, round(found.mean, 6)) == (45, 40, 0.01)


def test_days_that_differ_widen_the_interval_though_questions_are_many():
    even = asked(600)
    uneven = [
        Question(at=one.at, cost=Decimal("0.002") if i % 10 < 5 else Decimal("0.018"))
        for i, one in enumerate(even)
    ]
    found = cost_per_question(uneven)
    assert (found.blocks, found.days, round(found.mean, 6)) == ("day", 10, 0.01)
    assert found.high - found.low > 0.006
    assert cost_per_question(even).high - cost_per_question(even).low < 1e-9


def test_with_too_few_days_questions_are_drawn_and_it_says_so():
    assert cost_per_question(asked(60, days=3)).blocks == "question"


def test_a_budget_ends_when_the_rate_so_far_has_spent_it():
    start, end = month_of(NOON)
    assert (start, end) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    at = {"start": start, "end": end, "now": NOON}
    assert ends_at(spent=Decimal(5), limit=Decimal(10), **at) == NOON + timedelta(days=9.5)
    assert ends_at(spent=Decimal(1), limit=Decimal(10), **at) is None
    assert ends_at(spent=Decimal(0), limit=Decimal(10), **at) is None
    assert ends_at(spent=Decimal(11), limit=Decimal(10), **at) == NOON
    assert day_of(NOON)[1] == datetime(2026, 11, 11, tzinfo=UTC)


def test_a_replay_hits_within_the_time_a_reply_is_kept_and_not_after_it():
    keys, times = np.array([1, 1, 2, 1, 1]), np.array([0.0, 5.0, 6.0, 11.0, 12.0])
    assert replayed(keys, times, 10.0) == 2 / 5  # at 5 and at 12; at 11 the first reply is too old
    assert replayed(keys, times, 100.0) == 3 / 5
    assert replayed(np.array([], dtype=int), np.array([]), 1.0) == 0.0


def test_hits_grow_with_volume_and_the_curve_meets_what_was_measured():
    draw = random.Random(3)
    questions = asked(600, key=lambda i: f"q{int(draw.paretovariate(0.8))}")
    curve = hit_curve(questions, ttl_s=1e9)
    shares = [hits for _, hits in curve.measured]
    assert shares == sorted(shares)
    assert abs(curve.at(1.0) - shares[-1]) < 0.05
    assert curve.at(0.1) < curve.at(1.0) < curve.at(10.0) < 1.0


def test_a_curve_fitted_to_a_part_foretells_the_whole():
    draw = random.Random(5)
    questions = asked(1200, key=lambda i: f"q{int(draw.paretovariate(0.8))}")
    part = hit_curve(questions[::4], ttl_s=1e9)
    whole = hit_curve(questions, ttl_s=1e9)
    assert abs(part.at(4.0) - whole.measured[-1][1]) < 0.08


def test_questions_that_never_come_twice_are_never_hit():
    curve = hit_curve(asked(300, key=lambda i: f"q{i}"), ttl_s=1e9)
    assert (curve.at(1.0), curve.at(100.0)) == (0.0, 0.0)


def test_few_or_unkeyed_questions_have_no_curve():
    assert hit_curve(asked(199, key=str), ttl_s=1e9) is None
    assert hit_curve(asked(500), ttl_s=1e9) is None


def basis(questions, **changes):
    days = sorted({one.day for one in questions})
    given = {"questions": tuple(questions), "days": 10.0, "counts": counts_by_day(questions, days), **changes}
    return Basis(**given)


def test_a_forecast_is_the_volume_times_what_a_question_costs():
    (one, ten) = project(basis(asked(500)), [1.0, 10.0], days=30, curve=None)
    assert (one.questions, round(one.mean, 6), one.hits) == (1500, 15.0, None)
    assert round(ten.mean, 6) == 150.0
    assert (round(one.cheaper, 6), round(one.dearer, 6)) == (10.5, 19.5)
    assert one.low - 1e-9 <= one.mean <= one.high + 1e-9


def test_a_cache_spares_the_reply_and_not_the_rest():
    questions = asked(500, key=lambda i: f"q{i % 50}")
    curve = hit_curve(questions, ttl_s=1e9)
    (bare,) = project(basis(questions), [1.0], days=10, curve=None)
    (cached,) = project(basis(questions), [1.0], days=10, curve=curve)
    rest = 500 * 0.002
    assert cached.mean == pytest.approx(rest + (1 - curve.at(1.0)) * (bare.mean - rest))
    assert cached.mean < bare.mean


def test_another_model_changes_the_reply_alone_and_asides_do_not_grow():
    (one, ten) = project(basis(asked(500), generation=0.5, asides=2.0), [1.0, 10.0], days=10, curve=None)
    assert (round(one.mean, 6), round(ten.mean, 6)) == (500 * 0.006 + 20, 5000 * 0.006 + 20)


def test_under_thirty_priced_questions_nothing_is_foretold():
    assert not can_tell(basis([*asked(29), *asked(100, cost=None)]))
    assert can_tell(basis(asked(30)))


@settings(max_examples=10)
@given(st.integers(min_value=30, max_value=80), st.floats(min_value=0.1, max_value=100.0))
def test_more_volume_never_costs_less(n, volume):
    smaller, larger = project(basis(asked(n, days=2)), [volume, volume * 2], days=7, curve=None)
    assert larger.mean > smaller.mean > 0.0
