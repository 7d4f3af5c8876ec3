"""Whom a change is blamed on: what alone changed, what another mix explains, what happened then; or nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from answerable.monitor.drift.blame import Mark, Slice, Used, blame
from answerable.monitor.drift.finding import Blame, Cause, Finding, Shift, Sure
from answerable.monitor.drift.signals import SIGNALS, signal_of

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
DEPLOY = Mark(at=AT, cause=Cause.US, what="a deploy (prompt answer@1.0.0 → answer@1.1.0)")
SWAP = Mark(at=AT, cause=Cause.PROVIDER, what="main answers as m-2 instead of m-1")


def shift(signal: str = "refusals", *, before: float = 0.08, after: float = 0.15, n: int = 1000) -> Shift:
    """Seven points more refusals since noon."""
    return Shift(
        signal=signal_of(signal), start=AT, earliest=AT - timedelta(hours=6), latest=AT, known=AT,
        before=before, after=after, n_before=4000, n=n, low=0.05, high=0.09, evidence=1e6,
    )  # fmt: skip


def part(value: str, before: tuple[int, float], now: tuple[int, float], *, persons: int = 9) -> Slice:
    """A slice by its answers and rates."""
    return Slice(
        value=value, n0=before[0], x0=before[0] * before[1], n1=now[0], x1=now[0] * now[1], persons=persons
    )


def test_a_version_that_alone_is_worse_is_shown_to_be_the_cause_whatever_else_happened() -> None:
    parts = {
        "prompt": [part("answer@1.0.0", (4000, 0.08), (700, 0.08)), part("answer@1.1.0", (0, 0), (300, 0.31))]
    }
    found = blame(shift(), slices=parts, marks=[DEPLOY, SWAP])
    assert (found.cause, found.sure) == (Cause.US, Sure.SHOWN)
    assert "only with prompt answer@1.1.0" in found.why


def test_a_new_version_beside_which_the_old_one_is_as_bad_is_not_the_cause() -> None:
    parts = {
        "prompt": [part("answer@1.0.0", (4000, 0.08), (700, 0.15)), part("answer@1.1.0", (0, 0), (300, 0.15))]
    }
    assert blame(shift(), slices=parts, marks=[]).sure is Sure.CANT_TELL


def test_another_mix_of_topics_each_answered_as_before_is_the_users() -> None:
    parts = {"topic": [part("bills", (3900, 0.075), (750, 0.075)), part("customs", (100, 0.37), (250, 0.37))]}
    found = blame(shift(), slices=parts, marks=[DEPLOY])
    assert (found.cause, found.sure) == (Cause.USERS, Sure.SHOWN)
    assert "'customs'" in found.why


def test_a_topic_of_few_persons_is_not_named() -> None:
    few = part("customs", (100, 0.37), (250, 0.37), persons=4)
    found = blame(shift(), slices={"topic": [part("bills", (3900, 0.075), (750, 0.075)), few]}, marks=[])
    assert "customs" not in found.why + found.only


def test_a_page_whose_answers_alone_are_bad_is_the_cause() -> None:
    used = [Used(document="doc-9", n0=0, n1=200, bad=90, all0=4000, all1=1000, allbad0=320, allbad1=154)]
    found = blame(shift(), slices={}, marks=[], used=used)
    assert (found.cause, found.sure) == (Cause.DATA, Sure.SHOWN)


def test_one_cause_at_that_time_is_likely_and_two_are_no_answer() -> None:
    likely = blame(shift(), slices={}, marks=[SWAP])
    torn = blame(shift(), slices={}, marks=[SWAP, DEPLOY])
    assert (likely.cause, likely.sure) == (Cause.PROVIDER, Sure.LIKELY)
    assert (torn.cause, torn.sure) == (Cause.UNKNOWN, Sure.CANT_TELL)


@pytest.mark.parametrize("hours", [-40, 20])
def test_what_happened_at_another_time_explains_nothing(hours: int) -> None:
    mark = Mark(at=AT + timedelta(hours=hours), cause=Cause.US, what="a deploy")
    assert blame(shift(), slices={}, marks=[mark]).cause is Cause.UNKNOWN


def test_the_sentence_says_what_since_when_where_and_through_whom() -> None:
    parts = {"language": [part("de", (1000, 0.08), (250, 0.36)), part("en", (3000, 0.08), (750, 0.08))]}
    said = Finding(shifts=[shift()], blame=blame(shift(), slices=parts, marks=[])).sentence("UTC")
    assert said == (
        "Since Tue 3 Nov 12:00 (between 3 Nov 06:00 and 3 Nov 12:00) refusals rose from 8.0 % to 15 % (n=1,000); "
        "only in language 'de'; can't tell why: nothing that we know of changed at that time."
    )


def test_of_few_answers_no_percentage_is_said() -> None:
    nobody = Blame(cause=Cause.UNKNOWN, sure=Sure.CANT_TELL, why="nothing changed")
    said = Finding(shifts=[shift(after=0.5, n=20)], blame=nobody).sentence()
    assert "refusals rose: 10 of 20;" in said


def test_every_signal_can_be_said() -> None:
    assert all(one.said(0.5) for one in SIGNALS.values())
    assert signal_of("topic:t-1").noun == "questions on t-1"
