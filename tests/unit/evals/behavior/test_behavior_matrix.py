"""The matrix: counted, compared, kept and written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from answerable.app.behavior.results import keep, kept
from answerable.app.project import Project
from answerable.config import Settings
from answerable.evals.behavior.comparison import compare
from answerable.evals.behavior.markdown import to_markdown
from answerable.evals.behavior.page import to_page
from answerable.evals.behavior.results import Asked, Try, as_json, cells
from answerable.evals.behavior.wording import SCRIPTED, failures, title
from answerable.evals.stats.verdict import Change
from tests.unit.evals.behavior.behavior_builder import a_result, asked, results


def test_the_majority_counts_and_what_wavers_is_named() -> None:
    assert asked(True, True, False).passed is True
    assert asked(True, False).passed is False  # a tie is no pass
    assert asked(None, None).passed is None
    assert asked(None, True).passed is True
    assert asked(True, True, False).flaky
    assert not asked(True, None).flaky
    assert asked(False, False).findings == ("does not say “x”",)


def test_a_row_counts_cases_twins_and_what_is_unmeasured() -> None:
    done = results(
        a_result("a", "typo", True),
        a_result("b", "typo", False, twin=False),
        a_result("c", "typo", None, twin=None),
        a_result("d", "empty", True, False, True),
    )
    empty, typo = cells(done)  # in the order of the categories
    assert (typo.passed, typo.n, typo.unmeasured, typo.agreeing, typo.twins) == (1, 2, 1, 1, 2)
    assert (empty.passed, empty.n, empty.flaky) == (1, 1, ("d",))
    assert not typo.ok
    assert not done.ok
    assert title(done) == "answer@1.0.0: 1 of 4 cases fail, 1 twin disagrees, 1 not measured"
    told = [(one.case, one.twin) for one in failures(done)]
    assert told == [("b", ""), ("b", "shuffled"), ("c", ""), ("d", "")]
    assert "the verdict depends on the order of the sources" in [one.reason for one in failures(done)][1]


def test_two_versions_are_compared_on_the_cases_that_both_have() -> None:
    base = results(*(a_result(f"c{n}", "typo", n > 1) for n in range(8)), prompt="answer@1.0.0")
    head = results(*(a_result(f"c{n}", "typo", n != 5) for n in range(9)), prompt="answer@2.0.0")
    done = compare(base, head)
    assert (done.n, done.mended, done.broken) == (8, ("c0", "c1"), ("c5",))
    assert done.change is Change.CANT_TELL
    assert done.sentence.startswith(
        "answer@2.0.0 against answer@1.0.0: can't tell; 2 mended, 1 broken, of 8 cases"
    )


def test_many_cases_that_break_are_worse_and_none_in_common_says_nothing() -> None:
    base = results(*(a_result(f"c{n}", "typo", True) for n in range(12)))
    head = results(*(a_result(f"c{n}", "typo", n < 2) for n in range(12)), prompt="answer@2.0.0")
    assert compare(base, head).change is Change.WORSE
    assert "no case was measured" in compare(base, results(a_result("z", "typo", True))).sentence


def test_markdown_holds_no_markup_mention_or_link_of_a_reply() -> None:
    evil = "says “@team <img src=x> [a](https://evil.example) `x` #1 | |”"
    said = Asked(question="q", tries=(Try(raw="x", misses=(("must_not", evil),)),))
    case = replace(a_result("a", "typo", False), asked=said, twins=())
    text = to_markdown([[results(case)]])
    assert "@team" not in text
    assert "<img" not in text
    assert "](" not in text.replace("\\](", "")
    assert "https://" not in text
    assert "| typo | 0 of 1 | - | - |" in text


def test_the_page_escapes_replies_has_no_script_and_says_what_is_scripted() -> None:
    page = to_page([[results(a_result("a", "typo", False, raw="<script>alert(1)</script>"), scripted="careless")]])
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert SCRIPTED.replace("'", "&#39;") in page
    assert "prefers-color-scheme: dark" in page


def test_results_are_kept_by_text_and_model_the_latest_first(tmp_path: Path) -> None:
    project = Project(settings=Settings(), base=tmp_path)
    first = results(a_result("a", "typo", False))
    keep(project, first)
    keep(project, results(a_result("a", "typo", True), scripted="careful"))
    keep(project, results(a_result("a", "typo", True)))
    told = kept(project, "answer@1.0.0")
    assert [(one["scripted"], one["ok"]) for one in told] == [("", True), ("careful", True)]
    assert kept(project, "answer@9.9.9") == []
    file = tmp_path / ".answerable" / "prompt-tests" / "answer@1.0.0.json"
    assert json.loads(file.read_text())["format"] == 1
    assert told[0] == json.loads(json.dumps(as_json(results(a_result("a", "typo", True)))))
