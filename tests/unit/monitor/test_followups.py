"""What a turn is to the one before it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from answerable.app.metrics.sums import Sums
from answerable.app.metrics.task_parts import follow_ups
from answerable.core.event_names import FOLLOW_UPS
from answerable.evals.stats.corrected import rogan_gladen
from answerable.monitor.followup import CONFIDENCE, FITTED, TurnFacts, follow_up
from answerable.monitor.followup_measured import confusion, labeled_pairs
from answerable.monitor.need import Need, likeness_of, need_sketch, same_need
from tests.unit.monitor.told import START

ROOT = Path(__file__).parents[3]


def turn(text: str, *, at: float = 0.0, language: str = "en", **facts) -> TurnFacts:
    return TurnFacts(text=text, language=language, at=START + timedelta(seconds=at), **facts)


def class_of(before: str, after: str, *, language: str = "en", at: float = 60.0, **facts) -> str:
    return follow_up(turn(before, language=language), turn(after, at=at, language=language, **facts)).class_


def test_the_first_turn_follows_nothing():
    assert follow_up(None, turn("How do I return shoes?")).class_ == "first"


@pytest.mark.parametrize(
    ("before", "after", "language", "expected"),
    [
        ("pasword reset", "password reset", "en", "rephrase"),
        ("shipping", "How much is shipping?", "en", "rephrase"),
        ("Do you ship to Norway?", "And to Sweden?", "en", "drill_down"),
        ("What does the plan cost?", "What does the plan cost for 40 people?", "en", "drill_down"),
        ("What does the plan cost?", "What do you mean by seat?", "en", "clarify"),
        ("What does the plan cost?", "That's not what I asked", "en", "pushback"),
        ("What does the plan cost?", "ok thanks!", "en", "thanks"),
        ("What does the plan cost?", "Thanks! Where do I change my password?", "en", "new_topic"),
        ("How do I cancel my booking?", "How do I cancel my newsletter?", "en", "new_topic"),
        ("Wie kündige ich?", "Das ist falsch.", "de", "pushback"),
        ("Wie kündige ich?", "vielen dank", "de", "thanks"),
        ("¿Cómo cancelo?", "no entiendo el segundo paso", "es", "clarify"),
        ("¿Envían a Noruega?", "¿Y a Suecia?", "es", "drill_down"),
    ],
)
def test_the_class_of_a_follow_up(before, after, language, expected):
    assert class_of(before, after, language=language) == expected


def test_a_question_is_read_in_its_own_language_whatever_it_was_answered_in():
    before, after = "How long can I return headphones I bought?", "how long can I return headphones that I bought"

    assert class_of(before, after, language="de") == class_of(before, after) == "rephrase"


def test_the_reply_to_a_question_of_the_assistant_clarifies():
    before = turn("I want to cancel", outcome="clarify")

    assert follow_up(before, turn("the yearly one", at=9)).class_ == "clarify"


def test_the_same_pages_and_near_vectors_are_signs_of_the_same_need():
    before = turn("When will my parcel arrive?", documents=("a", "b", "c", "d"), embedding=(1.0, 0.0))
    far = turn("How long does delivery take?", at=60)
    near = turn("How long does delivery take?", at=60, documents=("c", "b", "a"), embedding=(0.9, 0.43))

    assert (follow_up(before, far).class_, follow_up(before, near).class_) == ("new_topic", "rephrase")
    assert follow_up(before, near).similarity == pytest.approx(0.9)


def test_a_repetition_after_ten_minutes_is_one_only_where_it_is_word_for_word():
    before, after = "How can I cancel my booking?", "I want to cancel a booking"

    assert class_of(before, after, at=FITTED.gap_s) == "rephrase"
    assert class_of(before, after, at=FITTED.gap_s + 1) != "rephrase"
    assert class_of(before, before, at=FITTED.gap_s + 1) == "rephrase"


def test_any_text_gets_a_class_of_the_list():
    for text in ("", "?", "🙂", "a" * 5000, "ok " * 3000, "no, " * 2000, "が何ですか", "thanks " * 900 + "?"):
        assert class_of("How do I return shoes?", text) in FOLLOW_UPS
        assert class_of(text, "How do I return shoes?", language="xx") in FOLLOW_UPS
    assert set(CONFIDENCE) == set(FOLLOW_UPS) - {"first"}


def test_what_the_rates_are_corrected_with_is_what_was_measured():
    kept = json.loads((ROOT / "benchmarks" / "results" / "followups.json").read_text("utf-8"))
    found = {f"{true} > {said}": count for (true, said), count in confusion().items()}

    assert found == kept["sets"]["heldout"]["vectors"]["confusion"]
    assert kept["fitted"] == kept["shipped"] == {name: getattr(FITTED, name) for name in kept["shipped"]}


def test_the_detector_is_as_good_by_words_as_it_was_when_it_was_measured():
    kept = json.loads((ROOT / "benchmarks" / "results" / "followups.json").read_text("utf-8"))
    lines = (ROOT / "benchmarks" / "followups" / "heldout.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    found = Counter(
        f"{true} > {class_of(before, after, language=language, at=float(gap))}"
        for language, gap, true, before, after in rows
    )

    assert found == kept["sets"]["heldout"]["words"]["confusion"]


def test_a_raw_rate_is_too_low_by_what_the_detector_misses():
    found = rogan_gladen(60, 1000, labeled_pairs("rephrase"))

    assert 0.04 < found.value < 0.10
    assert found.interval.low < found.value < found.interval.high


def test_the_rate_of_repetitions_is_corrected_where_there_is_a_turn_before_and_told_of_all_turns():
    counts = {"task": 600, "task.follow.rephrase": 70, "task.follow.drill_down": 180, "task.follow.new_topic": 150}
    sums = Sums(counts=counts, totals={"task": 1000.0})

    corrected = next(one for one in follow_ups(sums, (), pairs=labeled_pairs()) if one.name == "rephrased")
    unmeasured = next(one for one in follow_ups(sums, (), pairs=()) if one.name == "rephrased")

    assert corrected.value == pytest.approx(
        0.4 * (70 / 400 + 120 / 123 - 1) / (38 / 56 + 120 / 123 - 1), abs=0.006
    )
    assert (corrected.low or 0.0) < (corrected.value or 0.0) < (corrected.high or 0.0)
    assert unmeasured.value is None


def test_a_sketch_tells_the_same_need_and_nothing_else():
    one = need_sketch("How do I return a helmet that does not fit?", "en")
    again = need_sketch("helmet does not fit, return", "en")
    other = need_sketch("When does the workshop open on Saturdays?", "en")

    assert (likeness_of(one, again) or 0) > 0.75 > 0.4 > (likeness_of(one, other) or 0)
    assert likeness_of(one, need_sketch("x", "en", (0.1,) * 384)) is None  # of words and of a vector
    assert need_sketch("and the", "en") == ""
    assert same_need(Need(sketch=one), Need(sketch=again))
    assert not same_need(Need(sketch=one), Need(sketch=other))


def test_without_sketches_documents_and_topic_together_tell_a_need():
    pages = ("a", "b", "c")

    assert same_need(Need(documents=pages, topic="t"), Need(documents=("c", "a", "b", "d"), topic="t"))
    assert not same_need(Need(documents=pages, topic="t"), Need(documents=pages, topic="u"))
    assert not same_need(Need(documents=pages, topic="t"), Need(documents=("x", "y", "z"), topic="t"))
    assert not same_need(Need(topic="t"), Need(topic="t"))
