"""When a circuit opens, for how long, and how it closes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.llm.circuit import Change, Circuit, CircuitLimits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes() -> list[Change]:
    return []


@pytest.fixture
def circuit(clock, changes) -> Circuit:
    return Circuit(limits=CircuitLimits(), changed=changes.append, clock=clock, jitter=lambda: 0.0)


def call(circuit: Circuit, *, ok: bool) -> None:
    ticket = circuit.enter()
    assert ticket is not None
    (circuit.succeeded if ok else circuit.failed)(ticket)


def opened(circuit: Circuit) -> Circuit:
    for _ in range(5):
        call(circuit, ok=False)
    assert circuit.state == "open"
    return circuit


def test_it_opens_when_half_of_enough_calls_failed_and_not_before(circuit):
    for ok in (True, True, False, False):
        call(circuit, ok=ok)
    assert circuit.state == "closed"
    call(circuit, ok=False)
    assert (circuit.state, circuit.enter()) == ("open", None)
    assert circuit.ready_in_s() == 5.0


def test_less_than_half_does_not_open_it_however_many(circuit):
    for i in range(300):
        call(circuit, ok=i % 5 not in (2, 4))
    assert circuit.state == "closed"


def test_what_is_older_than_the_window_is_forgotten(circuit, clock):
    for _ in range(4):
        call(circuit, ok=False)
        clock.now += 31.0
    call(circuit, ok=False)
    assert circuit.state == "closed"


def test_a_provider_that_dies_after_a_good_time_is_left_alone_after_ten_failures_in_a_row(circuit):
    for _ in range(1000):
        call(circuit, ok=True)
    for _ in range(9):
        call(circuit, ok=False)
    assert circuit.state == "closed"
    call(circuit, ok=False)
    assert circuit.state == "open"


def test_one_probe_at_a_time_closes_it(circuit, clock, changes):
    opened(circuit)
    clock.now += 5.0
    assert circuit.probe_due
    probe = circuit.enter()
    assert (circuit.state, circuit.enter(), circuit.ready_in_s() > 0.0) == ("half-open", None, True)
    clock.now += 1.0
    circuit.succeeded(probe)
    assert (circuit.state, circuit.ready_in_s()) == ("closed", 0.0)
    assert [(one.before, one.after) for one in changes] == [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]
    assert (changes[0].calls, changes[0].failed, changes[0].open_s) == (5, 5, 5.0)
    assert changes[2].open_s == 6.0  # all the time that it was not closed


def test_a_probe_that_fails_doubles_the_time_up_to_the_longest(circuit, clock):
    opened(circuit)
    waits = []
    for _ in range(6):
        waits.append(circuit.ready_in_s())
        clock.now += circuit.ready_in_s()
        call(circuit, ok=False)
    assert waits == pytest.approx([5, 10, 20, 40, 60, 60])


def test_after_it_closed_the_first_time_is_short_again(circuit, clock):
    opened(circuit)
    for ok in (False, True):
        clock.now += circuit.ready_in_s()
        call(circuit, ok=ok)
    assert opened(circuit).ready_in_s() == 5.0


def test_chance_only_shortens_the_time_and_by_a_fifth_at_most(clock):
    waits = [opened(Circuit(clock=clock, jitter=lambda at=at: at)).ready_in_s() for at in (0.0, 0.5, 0.999)]
    assert waits == pytest.approx([5.0, 4.5, 4.001])


def test_a_probe_that_was_left_gives_its_place_to_the_next(circuit, clock):
    opened(circuit)
    clock.now += 5.0
    circuit.left(circuit.enter())
    assert circuit.enter() is not None


def test_what_calls_of_an_earlier_state_report_is_not_counted(circuit, clock):
    late = [circuit.enter() for _ in range(4)]
    opened(circuit)
    clock.now += 5.0
    probe = circuit.enter()
    circuit.succeeded(late[0])
    circuit.failed(late[1])
    circuit.misconfigured(late[2])
    circuit.left(late[3])
    assert (circuit.state, circuit.enter()) == ("half-open", None)
    circuit.succeeded(probe)
    assert circuit.state == "closed"


def test_who_is_not_known_there_waits_long_and_one_probe_finds_out(circuit, clock):
    circuit.misconfigured(circuit.enter())
    assert (circuit.state, circuit.enter(), circuit.ready_in_s()) == ("misconfigured", None, 600.0)
    clock.now += 600.0
    call(circuit, ok=True)
    assert circuit.state == "closed"


def test_a_providers_wish_to_rest_is_apart_from_the_circuit(circuit, clock):
    circuit.rest(7.0)
    circuit.rest(2.0)  # a shorter wish takes nothing back
    assert (circuit.state, circuit.enter(), circuit.ready_in_s()) == ("closed", None, 7.0)
    clock.now += 7.0
    assert circuit.enter() is not None


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 20.0)), max_size=200))
def test_whatever_happens_at_most_one_probe_is_out_and_every_wait_ends(events):
    clock = Clock()
    circuit = Circuit(clock=clock)
    for ok, pause_s in events:
        clock.now += pause_s
        ticket = circuit.enter()
        if ticket is None:
            assert 0.0 < circuit.ready_in_s() <= 60.0
            continue
        if circuit.state == "half-open":
            assert circuit.enter() is None
        (circuit.succeeded if ok else circuit.failed)(ticket)
    clock.now += circuit.ready_in_s()
    assert circuit.enter() is not None
