"""The baseline in git: what is written is what is compared, and a diff of it can be read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.evaluation import Score
from answerable.evals.gate.baseline import read_baseline, write_baseline
from answerable.evals.gate.compare import compare
from answerable.evals.gate.sides import Side, changed_cases, explain, same_system
from tests.unit.evals.gate.scripted import TERMS, row, rows, run, side


@pytest.fixture
def measured() -> Side:
    judge = Score(name="judge:grounded", value=1.0, detail={"judge": "j1", "cost": "0.001"})
    first = row("b", False, scores={"span_recall@1000": 1 / 3}, tags=("must-pass",), text="30 days “exactly”")
    found = [first, row("a", None, error="the target broke"), row("b", True, repeat=1, cost=None)]
    return side([replace(found[0], scores=(*found[0].scores, judge)), *found[1:]], detail={"settings": {"big": 1}})


def test_a_comparison_with_the_file_is_a_comparison_with_the_run(measured, tmp_path):
    path = tmp_path / "evals" / "baseline.json"
    write_baseline(measured, path)
    found = read_baseline(path)
    head = rows({"a": [True], "b": [True]}, scores={"span_recall@1000": 0.5})
    assert compare(found.rows, head, terms=TERMS).lines == compare(measured.rows, head, terms=TERMS).lines
    assert same_system(found, measured)
    assert [one.detail for one in found.rows[1].scores if one.name == "judge:grounded"] == [{"judge": "j1"}]


def test_the_file_is_sorted_a_line_a_case_and_the_same_each_time(measured, tmp_path):
    write_baseline(measured, tmp_path / "one.json")
    write_baseline(replace(measured, rows=measured.rows[::-1]), tmp_path / "two.json")
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.json").read_text(encoding="utf-8")
    assert [line.strip()[:3] for line in text.splitlines() if '"category"' in line] == ['"a"', '"b"']
    assert json.loads(text)["run"]["detail"] == {}  # settings are the bundle's, not the diff's


def test_no_baseline_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="there is no baseline") as caught:
        read_baseline(tmp_path / "baseline.json", name="evals/baseline.json")
    assert "eval baseline set" in caught.value.hint


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1, "cases": {"a": {}}, "run": {}}'])
def test_what_is_no_baseline_is_refused(text, tmp_path):
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError):
        read_baseline(tmp_path / "b.json")


def test_a_case_with_another_expectation_is_found_through_the_file(tmp_path):
    def asked(must: str) -> Side:
        one = row("a")
        return side([replace(one, answer={**one.answer, "case": {"question": "?", "expect": {"must": [must]}}})])

    write_baseline(asked("17 days"), tmp_path / "b.json")
    found = read_baseline(tmp_path / "b.json")
    assert changed_cases(found, asked("30 days")) == ("a",)
    assert changed_cases(found, asked("17 days")) == ()


def test_what_differs_besides_the_rows_is_told_in_words(measured):
    other = Side(
        run=run(
            ["a"],
            repeats=3,
            target="function",
            fingerprint={**measured.run.fingerprint, "index": "i2", "criteria": "k2"},
            finished_at=None,
            detail={"metrics": "2"},
        ),
        rows=tuple(rows({"a": [True]})),
    )
    told = "\n".join(explain(replace(measured, run=replace(measured.run, detail={"metrics": "1"})), other))
    for words in (
        "base asked system, head asked function",
        "changed between the two: index",
        "the criteria differs",
        "base was asked 1 time a case, head 3 times",
        "1 case only in base, not compared: b",
        "another version of the metrics",
        "head is not finished: 1 row of 3",
    ):
        assert words in told


def test_a_target_that_cannot_be_seen_into_is_never_called_unchanged():
    one = side(rows({"a": [True]}), fingerprint={"code": "c1"})
    assert not same_system(one, one)
    assert explain(one, one) == ()


def test_what_was_scored_otherwise_is_no_longer_the_same_system():
    one = side(rows({"a": [True]}), detail={"metrics": "1"})
    other = side(rows({"a": [False]}), detail={"metrics": "2"})
    assert same_system(one, one)
    assert not same_system(one, other)
    assert not same_system(other, one)
    assert same_system(one, side(one.rows))  # an older run that does not say
