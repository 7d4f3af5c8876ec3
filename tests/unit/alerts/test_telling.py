"""What a look found is a happening that is in the list, and every happening that is passed on is one."""

from __future__ import annotations

from types import SimpleNamespace

from answerable.app.alerts.messages import HAPPENINGS
from answerable.app.telling import conflicts_found, gate_failed
from answerable.core.conflict import Recorded
from answerable.core.happenings import NAMES, faults
from answerable.evals.gate.decide import Ruling
from answerable.evals.gate.search_first import Stopped


def decided(ruling: Ruling) -> SimpleNamespace:
    return SimpleNamespace(ruling=ruling, of=lambda wanted: ("drop",) if wanted is ruling else ())


def test_every_happening_that_is_passed_on_is_in_the_list_with_the_props_that_go_along():
    wrong = {
        name: [prop for prop in props if prop not in NAMES.get(name, {})]
        for name, (_, props) in HAPPENINGS.items()
        if name not in NAMES or not set(props) <= set(NAMES[name])
    }
    assert wrong == {}


def test_new_contradictions_are_told_once_a_look_and_old_ones_not_again():
    told = conflicts_found("acme", Recorded(opened=2, known=5), standing=7)
    assert told is not None and faults(told) == ()
    assert (told.name, told.tenant, told.props) == ("conflict.found", "acme", {"opened": 2, "standing": 7})
    assert conflicts_found("acme", Recorded(known=5, closed=1), standing=5) is None


def test_a_gate_that_holds_a_change_back_is_told_of_with_the_run():
    head = SimpleNamespace(run=SimpleNamespace(id="run_1", suite="core"))
    told = gate_failed("acme", "baseline", SimpleNamespace(decision=decided(Ruling.FAILED), head=head))
    assert told is not None and faults(told) == ()
    assert told.props == {"base": "baseline", "stage": "answers", "checks": 1, "run": "run_1", "suite": "core"}
    for ruling in (Ruling.PASSED, Ruling.INCONCLUSIVE):
        assert gate_failed("acme", "baseline", SimpleNamespace(decision=decided(ruling), head=head)) is None


def test_a_gate_that_stops_at_retrieval_says_so_and_names_no_run():
    told = gate_failed("acme", "baseline", Stopped(searches=None, decision=decided(Ruling.FAILED)))
    assert told is not None and faults(told) == ()
    assert told.props == {"base": "baseline", "stage": "retrieval", "checks": 1}
