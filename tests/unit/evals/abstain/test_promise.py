"""What is promised of answers: when it can be, when not, and what takes it back."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from answerable.answer.abstention import Answerability
from answerable.app.abstaining import Standing, fingerprint
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.evals.abstain.answers import Scored, data_hash, read_answers, write_answers
from answerable.evals.abstain.calibration import calibrate
from answerable.evals.abstain.curve import curve, svg_plot, text_plot
from answerable.evals.abstain.drift import distance_to, void_reasons
from answerable.evals.abstain.lock import make_lock, read_lock, write_lock
from tests.unit.answer.test_ask import asker

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRINT = {"embedding": "minilm", "prompt": "answer@1"}


def answers(count: int, *, seed: int = 1, best: float = 0.4, language: str = "en") -> list[Scored]:
    """Right with a chance of score + `best`; every tenth question gets no answer at all."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        score = rng.random()
        wrong = None if n % 10 == 9 else rng.random() > score + best
        made.append(Scored(score=score, wrong=wrong, topic="ab"[n % 2], language=language, id=f"{language}{n}"))
    return made


def certified(count: int = 1000, **changes):
    """A calibration and its lock."""
    given = answers(count)
    done = calibrate(given, alpha=0.05, confidence=0.95, **changes)
    lock = make_lock(done, given, origin="test", fingerprint=PRINT, now=NOW, lasts_s=90 * 86400.0)
    return given, done, lock


# --- calibration ---------------------------------------------------------------------------------------------


def test_enough_labels_make_a_promise_that_its_bound_keeps():
    given, done, _ = certified()
    (group,) = done.groups
    found = group.certificate
    assert found.bound <= 0.05
    assert (group.asked, group.answered) == (1000, 900)
    assert group.given == sum(one.wrong is not None and one.score >= found.threshold for one in given)
    assert group.rate.low < group.given / 1000 < group.rate.high
    wrong = [one.wrong for one in given if one.wrong is not None and one.score >= found.threshold]
    assert sum(wrong) / len(wrong) <= 0.05


def test_too_few_labels_say_about_how_many_more():
    (group,) = calibrate(answers(60), alpha=0.05, confidence=0.95).groups
    assert group.certificate is None
    assert 20 <= group.needed <= 1000
    more = calibrate(answers(60 + 3 * group.needed), alpha=0.05, confidence=0.95)
    assert more.certified


def test_no_labels_want_at_least_as_many_as_no_error_needs():
    (group,) = calibrate([], alpha=0.05, confidence=0.95).groups
    assert group.needed >= 59  # what is wanted if no answer at all is wrong


def test_where_even_the_surest_are_wrong_too_often_labels_alone_will_not_do():
    (group,) = calibrate(answers(400, best=-0.6), alpha=0.05, confidence=0.95).groups
    assert (group.certificate, group.needed) == (None, None)


def test_languages_share_the_error_and_say_which_of_them_could_not():
    mixed = [*answers(1000), *answers(20, language="es", seed=2)]
    done = calibrate(mixed, alpha=0.05, confidence=0.95, by="language")
    assert [(one.name, one.certificate is not None) for one in done.groups] == [("en", True), ("es", False)]
    assert done.groups[0].certificate.delta == pytest.approx(0.025)
    assert done.groups[1].needed > 0


def test_by_language_without_labels_is_not_certifiable_either():
    assert calibrate([], alpha=0.05, confidence=0.95, by="language").certified == ()


def test_topics_are_checked_at_the_threshold_for_all():
    _, done, lock = certified()
    assert [one.name for one in done.topics] == ["a", "b"]
    assert sum(one.n for one in done.topics) == done.groups[0].given
    assert all(0 < one.bound < 1 for one in done.topics)
    assert [one.topic for one in lock.topics] == ["a", "b"]


# --- files ---------------------------------------------------------------------------------------------------


def test_labels_and_lock_come_back_as_they_were(tmp_path):
    given, _, lock = certified()
    write_answers(given, tmp_path / "labels.jsonl")
    assert read_answers(tmp_path / "labels.jsonl") == given
    write_lock(lock, tmp_path / "abstain.lock")
    assert read_lock(tmp_path / "abstain.lock") == lock
    assert "20% of the labels chose" in lock.method
    assert lock.promises[0].selection == 180
    assert read_lock(tmp_path / "none.lock") is None
    assert data_hash(given) == data_hash(given[::-1]) == lock.data


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('{"score": 1.2, "wrong": true}', "line 1: score"),
        ('{"score": 0.2}', "line 1: wrong"),
        ('{"score": 0.2, "wrong": true, "extra": 1}', "line 1: extra"),
        ('{"score": 0.2, "wrong": true, "id": "a"}\n{"score": 0.2, "wrong": true, "id": "a"}', "twice"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path, line, cause):
    path = tmp_path / "labels.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(ConfigError, match=cause):
        read_answers(path)


def test_a_lock_that_cannot_be_read_is_no_promise(tmp_path):
    path = tmp_path / "abstain.lock"
    path.write_text(json.dumps({"id": "rc_1", "risk": 0.05}), encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_lock(path)


# --- drift ---------------------------------------------------------------------------------------------------


def reasons(lock, *, fingerprint=PRINT, now=NOW, recent=()):
    return void_reasons(lock, fingerprint=fingerprint, now=now, recent=list(recent))


def given_scores(given, lock):
    return [one.score for one in given if one.wrong is not None and one.score >= lock.promises[0].threshold]


def test_it_holds_while_nothing_has_changed():
    given, _, lock = certified()
    assert reasons(lock, recent=given_scores(given, lock)) == ()


def test_a_changed_part_and_time_take_it_back_in_words():
    _, _, lock = certified()
    assert reasons(lock, fingerprint={**PRINT, "prompt": "answer@2"}) == ("prompt was answer@1, is answer@2",)
    assert reasons(lock, fingerprint={"embedding": "minilm"}) == ("prompt was answer@1, is nothing",)
    assert reasons(lock, now=NOW + timedelta(days=91)) == ("it expired on 2027-02-20",)


def test_other_questions_take_it_back_once_there_are_enough_of_them():
    _, _, lock = certified()
    least = lock.promises[0].threshold
    hardly = [least + 0.01 * (1 - least) * (n % 7) for n in range(200)]
    (said,) = reasons(lock, recent=hardly)
    assert "the last 200 answers score differently" in said
    assert reasons(lock, recent=hardly[:99]) == ()


def test_the_same_kind_of_questions_does_not_take_it_back():
    _, _, lock = certified()
    for seed in range(40):
        fresh = given_scores(answers(400, seed=100 + seed), lock)
        assert reasons(lock, recent=fresh) == ()
        distance, p = distance_to(lock, fresh)
        assert 0 <= distance < 0.15
        assert 0 <= p <= 1


# --- what is in force ----------------------------------------------------------------------------------------


def applied(lock, **changes):
    return Standing(path=Path("abstain.lock"), lock=lock, **changes)


def test_a_valid_lock_sets_the_threshold_and_stands_behind_the_answers():
    _, _, lock = certified()
    standing = applied(lock)
    bar = standing.applied(Answerability()).bar("en")
    assert (bar.threshold, bar.certificate) == (lock.promises[0].threshold, lock.id)
    assert (standing.state, standing.warning) == ("valid", "")


def test_a_process_that_outlives_the_certificate_stops_promising():
    mixed = [*answers(1000), *answers(900, language="de", seed=2, best=0.5)]
    split = calibrate(mixed, alpha=0.05, confidence=0.95, by="language")
    by_language = make_lock(split, mixed, origin="test", fingerprint=PRINT, now=NOW, lasts_s=90 * 86400.0)
    for lock in (certified()[2], by_language):
        bar = applied(lock).applied(Answerability()).bar("en")
        assert bar.certificate_at(NOW + timedelta(days=90)) == lock.id
        assert bar.certificate_at(NOW + timedelta(days=90, seconds=1)) == ""
    assert Answerability().bar("en").certificate_at(NOW) == ""


def test_answers_below_its_threshold_are_not_what_it_is_about():
    _, _, lock = certified()
    least = lock.promises[0].threshold
    assert lock.covers(least, "en")
    assert not lock.covers(least - 1e-9, "en")


def test_a_void_one_promises_nothing_and_leaves_the_stricter_threshold():
    _, _, lock = certified()
    standing = applied(lock, voids=("prompt was a, is b",))
    assert "prompt was a, is b" in standing.warning
    for shipped in (0.01, 0.99):
        bar = standing.applied(Answerability(threshold=shipped)).bar("en")
        assert (bar.threshold, bar.certificate) == (max(shipped, lock.promises[0].threshold), "")


def test_a_threshold_set_by_hand_goes_before_it():
    _, _, lock = certified()
    standing = applied(lock, by_hand=0.2)
    own = Answerability(threshold=0.2)
    assert standing.applied(own) == own
    assert standing.state == "unused"
    assert Standing(path=Path("x")).applied(own) == own


def test_by_language_each_has_its_own_and_the_others_the_strictest_without_a_promise():
    mixed = [*answers(1000), *answers(900, language="de", seed=2, best=0.5)]
    done = calibrate(mixed, alpha=0.05, confidence=0.95, by="language")
    lock = make_lock(done, mixed, origin="test", fingerprint=PRINT, now=NOW, lasts_s=1.0)
    own = applied(lock).applied(Answerability())
    least = {one.group: one.threshold for one in lock.promises}
    assert {name: own.bar(name).threshold for name in ("en", "de")} == least
    assert own.bar("de").certificate == lock.id
    assert (own.bar("fr").threshold, own.bar("fr").certificate) == (lock.strictest, "")
    voided = replace(applied(lock), voids=("x",)).applied(Answerability())
    assert {voided.bar(name).certificate for name in ("en", "de", "fr")} == {""}


# --- the curve -----------------------------------------------------------------------------------------------


def test_the_curve_goes_from_the_surest_answer_to_all_of_them():
    given = answers(200)
    points = curve(given)
    assert points[-1].n == 180
    assert points[-1].coverage == pytest.approx(0.9)
    assert [one.threshold for one in points] == sorted((one.threshold for one in points), reverse=True)
    lines = text_plot(points, alpha=0.05)
    assert len(lines) == 11
    assert all("|" in one for one in lines[1:])
    assert svg_plot(points, alpha=0.05, thresholds=[0.5]).count("<circle") == 1
    assert curve([]) == text_plot([], alpha=0.05) == []


@pytest.mark.parametrize(
    "changed",
    ["smoothing = 0", "per_document = 1", 'decompose = "off"', "typo_tolerance = false", 'reranker = "none"'],
)
async def test_a_change_of_what_ranks_and_reads_takes_the_promise_back(tmp_path, changed):
    one, prints = await asker(), []
    for settings in ("", changed):
        (tmp_path / "answerable.toml").write_text(f"[retrieval]\n{settings}\n")
        prints.append(fingerprint(Project.open(tmp_path / "answerable.toml"), one))
    assert prints[0] != prints[1]
