"""Rollouts: who is in, whose share that is, and what the file may say."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.errors import ConfigError
from answerable.core.query import Principal, Query
from answerable.prompts.rollout import Pin, Rollout, person_of, place, read_share, say_share
from answerable.prompts.rollout_file import dump, parse

PERSONS = [f"acme\0person\0u{n}" for n in range(10_000)]


def rollout(share: float = 0.1, **changes: object) -> Rollout:
    values: dict[str, object] = {
        "prompt": "answer",
        "stable": Pin(version="2.2.0", sha256="a" * 64),
        "candidate": Pin(version="2.3.0", sha256="b" * 64),
        "share": share,
        "salt": "3f9a11c2d4e5",
        "started": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    }
    return Rollout(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_of_ten_thousand_persons_the_share_has_the_candidate_within_four_standard_errors(share: float) -> None:
    running = rollout(share)
    chosen = sum(running.arm(one).name == "candidate" for one in PERSONS)

    assert abs(chosen - share * 10_000) <= 4 * math.sqrt(10_000 * share * (1 - share))


def test_a_share_of_nothing_is_nobody_and_of_all_is_everybody() -> None:
    nobody, everybody = rollout(0.0), rollout(1.0)
    assert {nobody.arm(one).name for one in PERSONS[:2000]} == {"stable"}
    assert {everybody.arm(one).name for one in PERSONS[:2000]} == {"candidate"}


def test_a_growing_share_keeps_everybody_who_was_in() -> None:
    before: set[str] = set()
    for share in (0.005, 0.01, 0.1, 0.5, 1.0):
        running = rollout(share)
        now = {one for one in PERSONS[:2000] if running.arm(one).name == "candidate"}
        assert before < now
        before = now


def test_another_salt_chooses_other_persons_independently() -> None:
    first = {one for one in PERSONS if place("one salt", one) < 0.1}
    second = {one for one in PERSONS if place("another", one) < 0.1}

    assert 50 < len(first & second) < 150  # 100 expected


def test_an_arm_says_which_text_and_names_the_person_without_telling_who() -> None:
    arm = rollout(1.0).arm("acme\0person\0u1")

    assert (arm.version, arm.sha256, arm.share) == ("2.3.0", "b" * 64, 1.0)
    assert len(arm.unit) == 16
    assert arm.unit == rollout(0.1).arm("acme\0person\0u1").unit  # the same person at any share
    assert arm.unit != rollout(1.0, salt="another salt").arm("acme\0person\0u1").unit


def test_a_person_is_the_principal_else_the_conversation_else_the_key() -> None:
    known = Query(text="?", tenant="acme", principal=Principal(id="u1"), conversation="c1", key="k1")
    nobody = Query(text="?", tenant="acme", conversation="c1", key="k1")

    assert person_of(known) == "acme\0person\0u1"
    assert person_of(nobody) == "acme\0conversation\0c1"
    assert person_of(Query(text="?", tenant="acme", key="k1")) == "acme\0key\0k1"
    assert person_of(Query(text="?", tenant="acme")) == ""
    assert person_of(Query(text="?", tenant="other", principal=Principal(id="u1"))) != person_of(known)


def test_an_id_lasts_while_the_share_grows_and_ends_with_the_text_or_the_salt() -> None:
    assert rollout(0.1).id == rollout(0.5, guards=("harmful",)).id
    assert rollout().id != rollout(salt="another salt").id
    assert rollout().id != rollout(candidate=Pin(version="2.3.0", sha256="c" * 64)).id


def test_the_next_step_is_the_next_larger_share() -> None:
    assert rollout(0.1).next_step == 0.5
    assert rollout(0.3, steps=(0.5, 0.2, 1.0)).next_step == 0.5
    assert rollout(1.0).next_step is None


@pytest.mark.parametrize("text", ["10", "0.1", "101%", "ten", "-1%", "%"])
def test_a_share_is_a_percentage(text: str) -> None:
    with pytest.raises(ConfigError, match="is no share"):
        read_share(text)


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(
    share=st.integers(0, 100_000),
    why=texts,
    by=texts,
    guards=st.lists(texts, max_size=3),
    minutes=st.integers(-700, 700),
)
def test_what_is_written_reads_back(share: int, why: str, by: str, guards: list[str], minutes: int) -> None:
    at = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(minutes=minutes)))
    one = rollout(share / 100_000, why=why, by=by, guards=tuple(guards), auto_rollback=bool(guards), started=at)
    other = rollout(0.5, prompt="rewrite", steps=(0.5,))

    assert parse(dump([other, one]), where="rollouts.toml") == (one, other)
    assert read_share(say_share(one.share)) == one.share


def test_no_rollout_is_an_empty_file() -> None:
    assert dump([]) == ""
    assert parse("", where="rollouts.toml") == ()


WRITTEN = dump([rollout()])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('share = "10%"', "share = 0.1", r"rollouts.toml:7: answer.share: Input should be a valid string"),
        ('share = "10%"', 'share = "200%"', r"rollouts.toml:7: answer.share: '200%' is no share; a percentage"),
        ('salt = "3f9a11c2d4e5"', "", r"rollouts.toml:4: answer.salt: is required"),
        ("guards = []", "gaurds = []", r"rollouts.toml:8: answer.gaurds: there is no such key"),
        ("a" * 64, "b" * 64, r"rollouts.toml:4: stable and candidate are the same answer@2.2.0"),
        ("a" * 64, "a" * 12, r"rollouts.toml:5: answer.stable.sha256: String should match"),
        ("2026-11-23T09:30:00Z", "2026-11-23T09:30:00", r"rollouts.toml:12: answer.started: .* timezone"),
        (
            "auto_rollback = false",
            "auto_rollback = true",
            r"rollouts.toml:9: .*auto_rollback: no guard watches it",
        ),
        ("[answer]", "[judge-claim]", r"rollouts.toml:4: judge-claim cannot be rolled out .* nobody asks it"),
        ("[answer]", "[answer", r"rollouts.toml is not valid TOML: .*line 4"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_what_to_do(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse(WRITTEN.replace(old, new), where="rollouts.toml")

    assert caught.value.hint
