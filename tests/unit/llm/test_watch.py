"""Which model really answered: changes are told once, aliases apart from swaps, and restarts forget nothing."""

from datetime import timedelta

import pytest

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.core.call import Call
from answerable.core.model_names import stands_for, why_floating
from answerable.llm.watch import ModelWatch
from answerable.testing.happenings import NOON


def call(reported, *, minute=0, fingerprint="", asked="gpt-x", outcome="ok", endpoint="a"):
    return Call(
        use="answer",
        provider="main",
        endpoint=endpoint,
        model=asked,
        outcome=outcome,
        reported=reported,
        fingerprint=fingerprint,
        at=NOON + timedelta(minutes=minute),
    )


@pytest.fixture
def happenings():
    return MemoryHappenings()


@pytest.fixture
def watch(happenings):
    return ModelWatch(write=happenings.write)


def told(happenings, name="model.changed"):
    return [
        (one.props["what"], one.props["old"], one.props["new"])
        if name == "model.changed"
        else one.props["reported"]
        for one in happenings.written
        if one.name == name
    ]


def test_the_model_that_was_asked_for_is_no_event(watch, happenings):
    for minute in range(3):
        watch.observe(call("gpt-x-2026-05-01", asked="gpt-x-2026-05-01", minute=minute))
    watch.observe(call("models/GPT-X-2026-05-01", asked="gpt-x-2026-05-01", minute=4))
    assert happenings.written == []


def test_a_dated_form_of_the_alias_is_noted_once_and_its_change_is_told_once(watch, happenings):
    for minute in range(3):
        watch.observe(call("gpt-x-2026-05-01", minute=minute))
    assert told(happenings, "model.resolved") == ["gpt-x-2026-05-01"]
    assert told(happenings) == []
    for minute in range(3, 6):
        watch.observe(call("gpt-x-2026-08-01", minute=minute))
    assert told(happenings) == [("model", "gpt-x-2026-05-01", "gpt-x-2026-08-01")]
    props = happenings.written[-1].props
    assert (props["since"], props["calls"], props["use"]) == (NOON.isoformat(), 3, "answer")


def test_another_model_than_the_pinned_one_is_a_swap_at_first_sight(watch, happenings):
    watch.observe(call("gpt-mini-2026-05-01", asked="gpt-x-2026-05-01"))
    watch.observe(call("gpt-mini-2026-05-01", asked="gpt-x-2026-05-01"))
    assert told(happenings) == [("model", "gpt-x-2026-05-01", "gpt-mini-2026-05-01")]


def test_two_backends_side_by_side_are_told_once_and_a_return_after_long_is_a_change(watch, happenings):
    for minute in range(20):
        watch.observe(call("gpt-x", fingerprint=f"fp_{minute % 2}", minute=minute))
    assert told(happenings) == [("fingerprint", "fp_0", "fp_1")]
    for minute in range(20, 200, 10):
        watch.observe(call("gpt-x", fingerprint="fp_1", minute=minute))
    watch.observe(call("gpt-x", fingerprint="fp_0", minute=200))
    assert told(happenings)[1:] == [("fingerprint", "fp_1", "fp_0")]


def test_what_failed_or_tells_nothing_is_not_looked_at(watch, happenings):
    watch.observe(call("gpt-y", outcome="cancelled"))
    watch.observe(call(""))
    assert happenings.written == []
    assert watch.sights == {}


def test_endpoints_and_asked_names_are_watched_apart(watch, happenings):
    watch.observe(call("gpt-x-2026-05-01", endpoint="a"))
    watch.observe(call("gpt-x-2026-08-01", endpoint="b"))
    watch.observe(call("gpt-z", asked="gpt-z"))
    assert told(happenings) == []
    assert len(watch.sights) == 3


def test_a_change_over_a_restart_is_told_and_what_is_the_same_is_not(watch, happenings):
    watch.observe(call("gpt-x-2026-05-01", fingerprint="fp_0"))
    watch.observe(call("gpt-x-2026-08-01", fingerprint="fp_1", minute=1))
    before = list(happenings.written)
    again = ModelWatch(write=happenings.write)
    again.restore(reversed(before))
    again.observe(call("gpt-x-2026-08-01", fingerprint="fp_1", minute=2))
    assert happenings.written == before
    again.observe(call("gpt-x-2026-09-01", fingerprint="fp_1", minute=3))
    assert told(happenings)[-1] == ("model", "gpt-x-2026-08-01", "gpt-x-2026-09-01")


@pytest.mark.parametrize(
    ("asked", "reported", "alias"),
    [
        ("gpt-x", "gpt-x-2026-05-01", True),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", True),
        ("mistral-large-latest", "mistral-large-2411", True),
        ("gemini-x-pro", "models/gemini-x-pro-002", True),
        ("gpt-x", "gpt-x-mini", False),
        ("gpt-x", "gpt-x-mini-2026-05-01", False),
        ("gpt-x", "gpt-x", False),
        ("gpt-x-2026-05-01", "gpt-x-2026-08-01", False),
    ],
)
def test_a_dated_form_is_told_apart_from_another_model(asked, reported, alias):
    assert stands_for(asked, reported) is alias


@pytest.mark.parametrize(
    ("model", "vendor", "floating"),
    [
        ("gpt-4o", True, True),
        ("gpt-4o-2024-11-20", True, False),
        ("claude-sonnet-latest", True, True),
        ("claude-sonnet-4-5", True, True),
        ("claude-sonnet-4-5-20250929", True, False),
        ("claude-opus-4-7", True, False),
        ("mistral-large", True, True),
        ("mistral-large-2411", True, False),
        ("command-r-plus-08-2024", True, False),
        ("gemini-2.5-pro-002", True, False),
        ("gemini-3-pro-preview", True, True),
        ("llama-3.3-70b-versatile", True, False),
        ("llama3.1:latest", False, True),
        ("Qwen/Qwen3-8B", False, False),
        ("house-model", False, False),
    ],
)
def test_names_that_move_are_told_from_those_that_stay(model, vendor, floating):
    assert bool(why_floating(model, vendor=vendor)) is floating
