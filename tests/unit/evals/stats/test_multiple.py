"""Holm's adjustment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.stats.multiple import holm

many = st.lists(st.floats(0, 1), max_size=12).map(lambda ps: {f"category {i}": p for i, p in enumerate(ps)})


def test_the_least_pays_for_all_and_the_order_is_kept():
    adjusted = holm({"c": 0.03, "a": 0.01, "d": 0.5, "b": 0.02})
    assert list(adjusted) == ["c", "a", "d", "b"]
    assert adjusted == pytest.approx({"a": 0.04, "b": 0.06, "c": 0.06, "d": 0.5})


@given(p_values=many)
def test_it_is_at_least_p_and_no_more_than_bonferroni_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert list(adjusted) == list(p_values)
    for name, p in p_values.items():
        assert p <= adjusted[name] <= min(1.0, len(p_values) * p)
    by_p = sorted(p_values, key=lambda name: p_values[name])
    assert [adjusted[name] for name in by_p] == sorted(adjusted.values())


def test_one_test_is_not_adjusted():
    assert holm({"overall": 0.04}) == {"overall": 0.04}
    assert holm({}) == {}
