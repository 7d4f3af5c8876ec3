"""Case files: strict, with a place for each error; a project's own in the place of the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.evals.behavior.case import CATEGORIES
from answerable.evals.behavior.coverage import failures_covered, failures_uncovered
from answerable.evals.behavior.files import cases_in, shipped_cases
from answerable.prompts.collection import load_library, shipped
from answerable.prompts.prompt import FAILURES

GOOD = """\
prompt: answer
cases:
  - id: one
    category: empty
    question: How long?
    expect: {abstains: true}
"""


def write(folder: Path, text: str, name: str = "answer.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(ConfigError) as caught:
        cases_in(folder, "answer")
    return str(caught.value)


def test_a_projects_own_cases_stand_in_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("one", "two"), "answer/more.yaml")
    (first, second) = cases_in(tmp_path, "answer")
    assert (first.id, second.id) == ("one", "two")
    assert first.where == f"{path}:3"
    assert cases_in(tmp_path, "rewrite") == shipped_cases("rewrite")
    assert cases_in(tmp_path, "refund-letter") == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("expect: {abstains: true}", "expect: {abstain: true}"), "answer.yaml:6: cases.0.expect.abstain:"),
        (("category: empty", "category: emty"), "answer.yaml:4: cases.0.category:"),
        (("expect: {abstains: true}", "expect: {}"), "expects nothing"),
        (("expect: {abstains: true}", "expect: {cites: [1]}"), "expects source 1, and has 0"),
        (("expect: {abstains: true}", "expect: {must: ['/(/']}"), "is no regular expression"),
        (("prompt: answer", "prompt: judge"), "holds cases of 'judge'"),
        (("question: How long?", "question: How long?\n    question: Twice"), "is there twice"),
        (("cases:", "casez:"), "answer.yaml:2: casez:"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert said in refusal(tmp_path, GOOD.replace(*change))


def test_both_sides_need_a_date_to_be_shown(tmp_path: Path) -> None:
    text = GOOD.replace(
        "expect: {abstains: true}", "sources: [{text: A}]\n    expect: {shows_both: [{says: A, source: 1}]}"
    )
    assert "which has no date" in refusal(tmp_path, text)


def test_an_id_is_there_once_in_all_files(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "answer/other.yaml")
    assert "'one' is the id of another case" in refusal(tmp_path, GOOD)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "is not valid YAML" in refusal(tmp_path, GOOD + "  - {")
    (tmp_path / "answer.yaml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        cases_in(tmp_path, "answer")


def test_a_case_is_known_by_what_decides_its_verdict(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (one,) = cases_in(tmp_path, "answer")
    write(
        tmp_path, GOOD.replace("  - id: one", "\n\n  - id: one\n    why: Because.").replace("prompt: answer\n", "")
    )
    (moved,) = cases_in(tmp_path, "answer")
    write(tmp_path, GOOD.replace("How long", "How far"))
    (other,) = cases_in(tmp_path, "answer")
    assert one.where != moved.where
    assert one.sha256 == moved.sha256 != other.sha256


def test_every_shipped_prompt_has_cases_for_all_failures_that_it_can_meet() -> None:
    for name in shipped():
        untrusted = any(one.fenced for one in load_library(name).inputs)
        missing = failures_uncovered(shipped_cases(name))
        assert shipped_cases(name), name
        assert not missing or not untrusted, (name, missing)


def test_the_answer_prompt_has_four_cases_of_each_category_in_three_languages() -> None:
    cases = shipped_cases("answer")
    assert all(sum(one.category == category for one in cases) >= 4 for category in CATEGORIES)
    assert {one.given.language for one in cases} == {"en", "de", "es"}
    assert failures_covered(cases) == set(FAILURES)
