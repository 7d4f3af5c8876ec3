"""Judge against people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.stats.agreement import agreement, kappa, krippendorff, sensitivity_specificity
from answerable.evals.stats.proportions import exact

labels = st.lists(st.tuples(st.sampled_from("YNU"), st.sampled_from("YNU")), min_size=2, max_size=80)

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C: four observers, twelve units, missing
# ratings; nominal alpha = .743.
_A = [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None]
_B = [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3]
_C = [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None]
_D = [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]


def table(yes: int, missed: int, false: int, no: int) -> list[tuple[bool, bool]]:
    """(judge, person) pairs."""
    return [(True, True)] * yes + [(False, True)] * missed + [(True, False)] * false + [(False, False)] * no


def test_krippendorffs_own_example():
    observers = {"A": _A, "B": _B, "C": _C, "D": _D}
    ratings = {
        str(unit): {name: said[unit] for name, said in observers.items() if said[unit] is not None}
        for unit in range(12)
    }
    found = krippendorff(ratings)
    assert found.value == pytest.approx(0.743, abs=5e-4)
    assert found.n == 11  # unit 12 has one rating


def test_cohens_kappa_of_a_known_table():
    found = kappa(table(20, 5, 10, 15))  # observed .7, by chance .5
    assert found.value == pytest.approx(0.4)
    assert found.n == 50


@given(pairs=labels)
def test_an_interval_holds_kappa_and_both_raters_are_equal(pairs):
    one, other = kappa(pairs), kappa([(b, a) for a, b in pairs])
    assert (one is None) == (len({label for pair in pairs for label in pair}) < 2)
    if one and other:
        assert -1.0 <= one.interval.low <= one.value <= one.interval.high <= 1.0
        assert one.value == pytest.approx(other.value)
        assert one.interval.low == pytest.approx(other.interval.low)


@given(pairs=labels)
def test_of_two_raters_alpha_is_nearly_kappa_with_pooled_margins(pairs):
    """Scott's pi, corrected for n: alpha = 1 − (1 − pi)(N − 1)/N with N ratings."""
    found = krippendorff({str(i): {"a": a, "b": b} for i, (a, b) in enumerate(pairs)})
    pooled = [label for pair in pairs for label in pair]
    chance = sum((pooled.count(label) / len(pooled)) ** 2 for label in set(pooled))
    if found is None:
        assert chance == 1.0
        return
    observed = np.mean([a == b for a, b in pairs])
    pi = (observed - chance) / (1 - chance)
    assert found.value == pytest.approx(1 - (1 - pi) * (len(pooled) - 1) / len(pooled))
    assert found.interval.low - 1e-12 <= found.value <= found.interval.high + 1e-12


def test_agreement_where_all_say_the_same_is_no_kappa():
    pairs = [(True, True)] * 40
    assert kappa(pairs) is None
    assert krippendorff({str(i): {"a": True, "b": True} for i in range(40)}) is None
    assert agreement(pairs).value == 1.0
    assert agreement(pairs).interval.low < 0.95


def test_items_with_one_rating_are_left_out():
    ratings = {"1": {"a": "Y", "b": "Y"}, "2": {"a": "N", "b": "N"}, "3": {"a": "Y"}, "4": {}}
    assert krippendorff(ratings).n == 2
    assert krippendorff({"3": {"a": "Y"}}) is None


def test_sensitivity_is_of_the_yes_and_specificity_of_the_no():
    found = sensitivity_specificity(table(yes=45, missed=5, false=8, no=32))
    assert (found.sensitivity.value, found.sensitivity.n) == (0.9, 50)
    assert (found.specificity.value, found.specificity.n) == (0.8, 40)
    assert (found.base_rate.value, found.base_rate.n) == (pytest.approx(5 / 9), 90)
    assert found.sensitivity.interval == exact(45, 50)


def test_what_nobody_saw_is_not_measured():
    found = sensitivity_specificity(table(3, 1, 0, 0))
    assert found.specificity is None
    assert found.sensitivity.n == 4
    assert sensitivity_specificity([]).base_rate is None
    assert agreement([]) is None
    assert kappa([]) is None


def test_kappas_interval_covers_where_the_plain_one_does_not():
    """Base rate 0.9, n = 50: few people say no, and the textbook interval covers 75 to 90 %."""
    rng = np.random.default_rng(11)
    base, se, sp = 0.9, 0.98, 0.9
    yes = base * se + (1 - base) * (1 - sp)
    chance = yes * base + (1 - yes) * (1 - base)
    truth = (base * se + (1 - base) * sp - chance) / (1 - chance)
    cells = rng.multinomial(50, [base * se, base * (1 - se), (1 - base) * (1 - sp), (1 - base) * sp], size=600)
    made = [kappa(table(*one)) for one in cells.tolist()]
    assert np.mean([one is None or truth in one.interval for one in made]) > 0.92
