"""The page for people outside of the team: plain, honest and of one page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.reports.month import GOOD, SINCE, quiet_facts, some_facts

from answerable.app.reports.facts import Facts, Trouble
from answerable.app.reports.pages import stakeholder_page
from answerable.app.reports.plain import amount, days, likely, moved, out_of
from answerable.app.reports.stakeholder import stakeholder_report
from answerable.app.reports.troubles import RULES
from answerable.monitor.alerts.rules import RULES as ALERT_RULES
from answerable.monitor.measured import Measured
from answerable.text.jargon import found_in
from answerable.text.readability import grade

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def every_trouble() -> Facts:
    kinds = [Trouble(at=SINCE, kind=kind) for kind in RULES]
    return replace(some_facts(), troubles=kinds)


def unmeasured() -> Facts:
    numbers = {name: dict(parts) for name, parts in GOOD.items()}
    numbers["completion"]["corrected"] = (None, None, None, 0)
    numbers["completion"]["labels"] = (4, None, None, 4)
    numbers["harm"]["harmful"] = (0.0, 0.0, 0.0073, 410)
    numbers["satisfaction"]["up"] = (0.75, 0.47, 0.91, 12)
    numbers["task_cost"] = {}
    return some_facts(numbers)


MONTHS = {"some": some_facts(), "quiet": quiet_facts(), "unmeasured": unmeasured(), "bad": every_trouble()}


@pytest.mark.parametrize("name", MONTHS)
def test_it_has_no_word_of_the_trade_and_no_praise_outside_of_the_appendix(name):
    report = stakeholder_report(MONTHS[name])
    page = stakeholder_page(report, at=AT, version="1.0")
    first = re.sub(
        r"<style>.*?</style>|<meta[^>]*>|<[^>]+>", " ", page.split('<article class="sheet appendix">')[0]
    )
    assert found_in(" ".join(report.sentences)) == []
    assert found_in(first) == []


@pytest.mark.parametrize("name", MONTHS)
def test_a_child_of_the_ninth_grade_can_read_it(name):
    report = stakeholder_report(MONTHS[name])
    assert grade(" ".join(report.sentences)) <= 9.0
    page = stakeholder_page(report, at=AT, version="1.0")
    footer = re.sub(r"<[^>]+>", " ", page[page.index("<footer>") : page.index("</footer>")])
    assert grade(footer) <= 9.0


def test_words_of_every_alarm_are_plain_and_each_rule_has_some():
    told_by_its_own_happening = {"drift"}
    assert {one.id for one in ALERT_RULES} - told_by_its_own_happening == set(RULES) - {"incident"}
    assert found_in(". ".join(RULES.values())) == []
    assert grade(" ".join(f"On 3 May {one}." for one in RULES.values())) <= 9.0


def test_numbers_come_with_where_the_truth_likely_is_and_with_what_they_rest_on():
    solved, handed, liked, harm = stakeholder_report(some_facts()).tiles
    assert solved.number == "81 of 100"
    assert "very likely between 78 and 84 of 100" in solved.says
    assert "People checked 240" in solved.says
    assert "up from 77 of 100" in solved.says
    assert (handed.number, harm.number) == ("6 of 100", "4 of 1,000")
    assert "rated 4 of 100 answers" in liked.says


def test_what_was_not_measured_is_said_as_that():
    solved, _, liked, harm = stakeholder_report(unmeasured()).tiles
    assert solved.number == "not known yet"
    assert "Too few people have checked a sample" in solved.says
    assert solved.value is None
    assert liked.number == "9 of 12"
    assert "likely" not in liked.says
    assert harm.number == "none found"
    assert "could still be up to 7 of 1,000" in harm.says or "up to 1 of 100" in harm.says
    assert "not known" in stakeholder_report(unmeasured()).costs[0]


def test_a_first_day_promises_nothing():
    report = stakeholder_report(quiet_facts())
    assert {tile.number for tile in report.tiles} == {"not known yet"}
    assert "cannot see all" in report.wrong[0]
    assert "quotes the pages word for word" in " ".join(report.does)


def test_what_stands_open_comes_first_and_what_next_names_topics_without_answers():
    report = stakeholder_report(some_facts())
    assert any("our AI service changed" in one for one in report.wrong)
    assert any("took back 1" in one for one in report.wrong)
    assert report.next[0].startswith("Write about “battery recycling”: 212 tasks")


def test_the_page_fits_a4_in_words_and_escapes_what_strangers_wrote():
    facts = replace(some_facts(), purpose="<script>alert(1)</script>")
    page = stakeholder_page(stakeholder_report(facts), at=AT, version="1.0")
    assert "<script>" not in page
    assert "@page { size: A4" in page
    assert len(" ".join(stakeholder_report(facts).sentences).split()) < 400


def a_share(value: float | None, low: float | None, high: float | None, n: int = 400) -> Measured:
    return Measured(
        name="x", kind="share", n=n, value=value, low=low, high=high, k=None if value is None else round(value * n)
    )


def test_shares_are_said_of_as_many_as_leave_a_digit():
    assert out_of(a_share(0.012, 0.01, 0.02)) == "12 of 1,000"
    assert out_of(a_share(0.0004, 0.0001, 0.001)) == "4 of 10,000"
    assert out_of(a_share(0.5, 0.2, 0.8, n=6)) == "3 of 6"
    assert out_of(None) == out_of(a_share(None, None, None)) == "not known yet"
    assert likely(a_share(0.5, 0.2, 0.8, n=6)) == likely(None) == moved(None) == ""
    assert amount(0.0312, "USD") == "3.1 US cents"
    assert amount(1234.5, "EUR") == "1,234 EUR"
    assert days(SINCE, AT) == "26 October to 23 November 2026"


if __name__ == "__main__":  # the pages, to be looked at
    for label, month in MONTHS.items():
        Path(f"/tmp/stakeholder-{label}.html").write_text(
            stakeholder_page(stakeholder_report(month), at=AT, version="1.0"), encoding="utf-8"
        )
