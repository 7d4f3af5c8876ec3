"""Numbers of a metric: shares, shares of statements, quantiles and costs, each with n and interval."""

import pytest

from answerable.app.metrics.measured_parts import clustered_share, cost_parts, latency_parts, share
from answerable.app.metrics.reviewed_parts import Reviewed, refusals_by_people
from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered
from answerable.core.review import Batch, Draw, Item, Reading
from answerable.evals.review.verdicts import Dossier
from answerable.evals.stats.proportions import wilson
from answerable.monitor.definition import DIMENSIONS
from answerable.monitor.definitions import COST, METRICS, definition, registry
from answerable.monitor.measured import Measured
from answerable.monitor.saying import interval_of, value_of
from answerable.testing.journal import NOON


def test_a_share_of_a_few_is_k_of_n_without_a_percentage():
    few, enough = share("up", 7, 12), share("up", 27, 30)
    assert (value_of(few), interval_of(few)) == ("7 of 12", "")
    assert (value_of(enough), interval_of(enough)) == ("90.0 %", "[74.4–96.5] n=30")
    assert (value_of(share("up", 0, 0)), interval_of(share("up", 0, 0))) == ("–", "")


def squares(answers):
    return tuple(map(float, (sum(k * k for k, _ in answers), sum(k * n for k, n in answers),
                             sum(n * n for _, n in answers))))  # fmt: skip


def of(answers):
    k, n = (sum(one[i] for one in answers) for i in (0, 1))
    return clustered_share("supported", k, n, clusters=len(answers), squares=squares(answers))


def test_statements_of_one_answer_count_as_what_they_tell_together():
    apart = of([(1, 1)] * 90 + [(0, 1)] * 10)
    together = of([(10, 10)] * 90 + [(0, 10)] * 10)
    alone = wilson(90, 100)
    assert apart.low == pytest.approx(alone.low, abs=0.002)
    assert (together.k, together.n) == (900, 1000)
    assert together.low == pytest.approx(apart.low, abs=1e-9)


def test_where_all_statements_are_alike_each_answer_counts_once():
    assert of([(10, 10)] * 40).low == wilson(40, 40).low
    assert of([(0, 5)]).high == wilson(0, 1).high
    assert clustered_share("supported", 0, 0, clusters=0, squares=(0.0, 0.0, 0.0)).value is None


def test_an_end_that_n_cannot_bound_is_open_and_never_a_number():
    row = {"total_ms": [float(n) for n in range(1, 41)], "first_text_ms": [], "answers": 50}
    p50, p95, p99, first, _ = latency_parts(row)
    assert (p50.value, p50.low, p50.high, p50.unmeasured) == (20.0, 14.0, 27.0, 10)
    assert (p95.value, p95.high) == (38.0, None)
    assert interval_of(p99).endswith("–…] n=40")
    assert (first.value, first.n, first.unmeasured, value_of(first)) == (None, 0, 50, "–")


def test_what_an_answer_costs_has_no_mean_for_a_few_and_none_for_each_kept_one_where_a_price_is_missing():
    row = {"days": [20000] * 40, "costs": [0.01] * 40, "cost": 0.4, "answered": 20, "unpriced": 0, "answers": 40}
    mean, median, _, kept, total, _ = cost_parts(row)
    assert (mean.value, median.value, kept.value, total.value) == (0.01, 0.01, 0.02, 0.4)
    few = cost_parts(row | {"days": [20000], "costs": [0.01], "unpriced": 1})
    assert (few[0].value, few[0].unmeasured, few[3].value) == (None, 1, None)


def reviewed(*read):
    """Files of a batch of which everything was drawn, a tenth of the answers; (outcome, criterion, verdict)."""
    draws = (Draw(stratum="random", size=1000, drawn=100),)
    batch = Batch(tenant="t", id="b", starts=NOON, ends=NOON, due=NOON, seed=1, population=1000, draws=draws,
                  criteria=("grounded", "rightly-declined"))  # fmt: skip
    files = []
    for n, (outcome, criterion, verdict) in enumerate(read):
        item = Item(id=f"i{n}", batch="b", answer_id=f"a{n}", trace_id=f"t{n}", drawn_by=("random",),
                    strata=("random",), probability=0.1, seats=("",), place=n, outcome=outcome)  # fmt: skip
        said = (Reading(tenant="t", item=item.id, reader="r", verdicts={criterion: verdict}),) if verdict else ()
        files.append(Dossier(item=item, readings=said))
    return Reviewed(batches=(batch,), files=files, facts={}, applies={}), files


def test_refusing_wrongly_is_told_in_both_directions_and_what_nobody_has_read_is_unmeasured():
    yes, no = Answered.YES, Answered.NO
    declined = [("abstained", "rightly-declined", no)] * 4 + [("abstained", "rightly-declined", yes)] * 6
    answered = [("answered", "grounded", yes)] * 36 + [("answered", "grounded", no)] * 4
    unread = [("answered", "grounded", Answered.UNSURE), ("answered", "grounded", None)]
    over, under = refusals_by_people(*reviewed(*declined, *answered, *unread))
    assert (over.k, over.n, over.unmeasured) == (4, 40, 2)
    assert over.value == pytest.approx(0.1)
    assert 0.0 < over.low < 0.1 < over.high < 0.3
    assert (under.k, under.n, value_of(under)) == (4, 10, "4 of 10")


def test_without_a_reading_refusals_are_not_labeled():
    over, under = refusals_by_people(*reviewed(("abstained", "rightly-declined", None)))
    assert (over.value, over.n, over.unmeasured, under.value) == (None, 0, 1, None)


def test_every_metric_says_what_it_is():
    for one in METRICS.values():
        assert one.caveats
        assert set(one.dimensions) <= set(DIMENSIONS)
        assert all(part.says and part.formula for part in one.parts)


def test_an_unknown_metric_dimension_or_part_is_answered_with_the_known_ones():
    with pytest.raises(ConfigError, match="joy") as error:
        definition("joy")
    assert "quality" in error.value.hint
    with pytest.raises(ConfigError, match="weather") as error:
        COST.parted(["day", "weather"])
    assert "prompt.version" in error.value.hint
    with pytest.raises(ConfigError, match="no part 'p42'"):
        COST.part("p42")
    assert COST.parted(["day", "model", "day"]) == ("day", "model")


def test_a_registry_refuses_what_comes_twice():
    with pytest.raises(ValueError, match="cost"):
        registry([COST, COST])


def test_money_and_sums_are_said_plainly():
    money = Measured(name="mean", kind="mean", n=40, value=0.0123456, low=0.01, high=0.02, unit="money")
    assert (value_of(money, "EUR"), interval_of(money)) == ("0.01235 EUR", "[0.01000–0.02000] n=40")
    assert value_of(Measured(name="cached_share", kind="sum", n=4, value=0.625)) == "62.5 %"
    assert interval_of(Measured(name="calls", kind="sum", n=4, value=4.0)) == ""
