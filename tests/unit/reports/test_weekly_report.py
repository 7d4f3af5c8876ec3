"""The week for the team, and the form that such reports share."""

from __future__ import annotations

from tests.unit.reports.month import quiet_facts, some_facts

from answerable.app.reports.paper import Chapter, Paper, to_lines, to_markdown, to_page
from answerable.app.reports.weekly import weekly_report


def rows(paper: Paper, title: str) -> list[tuple[str, ...]]:
    return [tuple(row) for one in paper.chapters if one.title == title for row in one.rows]


def test_each_headline_stands_with_its_interval_its_n_and_the_week_before():
    first = rows(weekly_report(some_facts()), "The five numbers")[0]
    assert first[:2] == ("completion", "corrected")
    assert "n=12304" in first[3]
    assert first[4] == "↑ 77.0 %"


def test_what_was_not_measured_is_said_and_is_not_zero():
    numbers = rows(weekly_report(quiet_facts()), "The five numbers")
    assert {row[2] for row in numbers} == {"unmeasured"}


def test_troubles_gaps_and_what_is_late_are_there():
    paper = weekly_report(some_facts())
    assert [row[1] for row in rows(paper, "What went wrong")][-1] == "stands"
    assert rows(paper, "What people asked and got no answer to")[0][:2] == ("battery recycling", "212")
    assert "overdue" in "\n".join(to_lines(paper))
    assert "Nothing is late" in to_markdown(weekly_report(quiet_facts()))


def test_what_strangers_wrote_is_text_in_every_form():
    evil = "<b>x</b> | [a](http://e.example) `c`\n# h"
    paper = Paper(title=evil, below="", chapters=[Chapter(title="t", columns=("a",), rows=[(evil,)])])
    assert "<b>" not in to_page(paper)
    table = next(line for line in to_markdown(paper).splitlines() if line.startswith("| \\<b"))
    assert table.count(" | ") == 0
    assert "\\[a\\]" in table
    assert "\\# h" in table
