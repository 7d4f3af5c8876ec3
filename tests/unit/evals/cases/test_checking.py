"""What is said against cases, what they cover, which a pattern means, and what is kept of a removed one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from answerable.adapters import history
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.evals.cases.adoption import adopt, plan_adoption
from answerable.evals.cases.checking import Corpus, check_suite, read_for_check
from answerable.evals.cases.consistency import contradictions, expects_nothing, near_duplicates
from answerable.evals.cases.coverage import coverage, sizes_by_changes
from answerable.evals.cases.files import load_cases, read_suite, save_case
from answerable.evals.cases.freshness import Flag, confirmation, gold, says, text_version
from answerable.evals.cases.removals import Removal, remove_case
from answerable.evals.cases.select import matches, select

TODAY = date(2026, 11, 22)
DAYS_90 = 90 * 86_400.0
TEXT = "Most items can be returned\nwithin 30 days — of delivery."
CASE = EvalCase(
    id="returns",
    question="How long can I return an item?",
    tags=("obvious", "must-pass"),
    expect=Expectation(
        outcome=Outcome.ANSWERED,
        must=("30 days",),
        cites=("returns.md#time",),
        spans=(GoldSpan(document="returns.md", quote="returned within 30 days of delivery"),),
    ),
    confirmed=date(2026, 11, 1),
    gold_version={"returns.md": text_version(TEXT)},
)


def expecting(**given: object) -> EvalCase:
    return replace(CASE, expect=replace(CASE.expect, **given))


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (expecting(must_not=("30",)), 1),
        (expecting(must_not=("30 days",)), 1),
        (expecting(must_not=("3",)), 0),
        (expecting(must_not=("130 days",)), 0),
        (expecting(must_not=("30 days",), accept_also=("thirty",)), 0),
        (expecting(outcome=Outcome.ABSTAINED), 1),
        (expecting(outcome=Outcome.ESCALATED), 0),
        (CASE, 0),
    ],
)
def test_a_case_that_contradicts_itself_is_found(case: EvalCase, found: int) -> None:
    assert len(contradictions(case)) == found


def test_a_case_that_expects_nothing_is_found_and_one_criterion_is_enough() -> None:
    assert expects_nothing(EvalCase(id="a", question="?"))
    assert not expects_nothing(EvalCase(id="a", question="?", expect=Expectation(criteria=("grounded",))))


def test_near_duplicates_are_found_unless_they_are_twins_or_asked_by_others() -> None:
    again = replace(CASE, id="again", question="how long can an item be RETURNED")
    assert near_duplicates([CASE, again]) == [("returns", "again", 1.0)]
    assert near_duplicates([CASE, replace(again, origin={"twin_of": "returns"})]) == []
    assert near_duplicates([CASE, replace(again, groups=("staff",))]) == []
    assert near_duplicates([CASE, replace(again, question="How long can I return a laptop?")]) == []


def test_a_quote_is_found_whatever_the_blanks_and_marks_and_not_inside_other_words() -> None:
    assert says(TEXT, "within 30 days of DELIVERY")
    assert not says("within 130 days", "30 days")
    assert not says("30 days", "within 30 days")


@pytest.mark.parametrize(
    ("texts", "flags"),
    [
        ({"returns.md": TEXT}, []),
        ({}, [Flag.DEAD]),
        ({"returns.md": TEXT + " More."}, [Flag.CHANGED]),
        ({"returns.md": "Something else."}, [Flag.CHANGED, Flag.QUOTE]),
    ],
)
def test_a_changed_source_flags_the_case(texts: dict[str, str], flags: list[Flag]) -> None:
    assert [one.flag for one in gold(CASE, texts)] == flags


def test_a_source_whose_version_nobody_kept_is_flagged() -> None:
    assert [one.flag for one in gold(replace(CASE, gold_version={}), {"returns.md": TEXT})] == [Flag.UNVERSIONED]


@pytest.mark.parametrize(
    ("confirmed", "flag"),
    [
        (None, Flag.UNCONFIRMED),
        (date(2026, 8, 24), None),
        (date(2026, 8, 23), Flag.EXPIRED),
        (date(2026, 11, 23), Flag.FUTURE),
        (TODAY, None),
    ],
)
def test_a_confirmation_expires_after_its_days(confirmed: date | None, flag: Flag | None) -> None:
    found = confirmation(replace(CASE, confirmed=confirmed), today=TODAY, every_s=DAYS_90)
    assert (found.flag if found else None) == flag


def test_a_report_holds_everything_at_once_and_says_what_it_could_not_look_at(tmp_path: Path) -> None:
    save_case(expecting(must_not=("30",)), tmp_path / "other-name.yaml")
    (tmp_path / "bad.yaml").write_text("id: 1\n")
    filed, problems = read_for_check([tmp_path, tmp_path / "nowhere"])
    report = check_suite(filed, problems, Corpus(texts=None, reason="no index"), today=TODAY, every_s=DAYS_90)
    assert [one.cause.split()[0] for one in report.problems] == ["is", "is", "is"]
    assert {one.key for one in report.findings} == {"expect.must", "id"}
    assert report.unchecked == ("gold documents and quotes: no index",)
    assert not report.clean
    whole = check_suite(filed[:0], [], Corpus(texts={}), today=TODAY, every_s=DAYS_90)
    assert whole.clean
    assert whole.unchecked == ()


def test_a_thin_cell_is_one_with_some_and_fewer_than_five() -> None:
    cases = [replace(CASE, id=f"c{n}") for n in range(5)] + [replace(CASE, id="de", language="de")]
    found = coverage(cases)
    assert found.cells == {("obvious", "en"): 5, ("obvious", "de"): 1}
    assert found.thin == [("obvious", "de", 1)]
    assert found.categories == ["obvious"]
    assert found.sizes == ((date(2026, 11, 1), 6),)


def test_origins_tell_rules_from_people() -> None:
    origins = [{"kind": "typo", "twin_of": "x"}, {"trace": "tr_1"}, {"author": "ann"}]
    found = coverage([replace(CASE, id=f"c{n}", origin=one) for n, one in enumerate(origins)])
    assert found.origins == {"typo": 1, "trace": 1, "person": 1}
    assert found.synthetic == 1


def test_sizes_grow_and_shrink_with_the_changes() -> None:
    changes = [(date(2026, 2, 1), -1), (date(2026, 1, 1), 1), (date(2026, 1, 1), 1)]
    assert sizes_by_changes(changes) == ((date(2026, 1, 1), 2), (date(2026, 2, 1), 1))


def test_without_a_repository_there_is_no_history_and_somebody_works_here(tmp_path: Path) -> None:
    assert history.changes(tmp_path, suffixes=(".yaml",)) == []
    assert history.changes(tmp_path / "nowhere", suffixes=(".yaml",)) == []
    assert history.author(tmp_path)


def test_patterns_mean_ids_tags_categories_languages_and_outcomes() -> None:
    other = replace(CASE, id="typo-one", tags=("typo",), language="de", expect=Expectation())
    both = [CASE, other]
    assert select(both) == both
    for pattern in ("returns", "ret*", "tag:must-pass", "category:obvious", "language:en", "outcome:answered"):
        assert select(both, [pattern]) == [CASE], pattern
        assert select(both, [f"!{pattern}"]) == [other], pattern
    assert select(both, ["returns", "category:typo"]) == both
    assert not matches(other, "tag:must-pass")


@pytest.mark.parametrize(
    ("pattern", "said", "hint"),
    [
        ("retuns", "no case matches 'retuns'", "returns"),
        ("tag:must-pas", "no case matches", "tag:must-pass"),
        ("tags:must-pass", "not selected by 'tags'", "tag:…"),
    ],
)
def test_a_misspelled_pattern_is_refused(pattern: str, said: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        select([CASE], [pattern])
    assert hint in caught.value.hint


def test_a_removed_case_is_kept_with_its_reason_and_none_goes_without(tmp_path: Path) -> None:
    path, log = tmp_path / "cases" / "returns.yaml", tmp_path / "removed.jsonl"
    save_case(CASE, path)
    (filed,), _ = read_suite([tmp_path / "cases"])
    with pytest.raises(ConfigError, match="without a reason"):
        remove_case(filed, Removal(id="returns", reason=" ", by="ann", on=TODAY), log)
    assert path.exists()
    remove_case(filed, Removal(id="returns", reason="No longer sold.", by="ann", on=TODAY), log)
    assert not path.exists()
    kept = json.loads(log.read_text())
    assert (kept["id"], kept["reason"], kept["by"], kept["date"]) == (
        "returns",
        "No longer sold.",
        "ann",
        "2026-11-22",
    )
    assert kept["case"]["expect"]["must"] == ["30 days"]


def test_adoption_writes_what_is_new_and_leaves_alone_what_differs(tmp_path: Path) -> None:
    save_case(CASE, tmp_path / "returns.yaml")
    filed, _ = read_suite([tmp_path])
    new = replace(CASE, id="new-one", question="How long can an item be returned?")
    changed = replace(CASE, why="other")
    plan = plan_adoption([CASE, new], filed, home=tmp_path)
    assert plan.unchanged == ("returns",)
    assert plan.repeated == (("new-one", "returns"),)
    assert plan.writes == ((new, tmp_path / "obvious" / "new-one.yaml"),)
    assert plan_adoption([changed], filed, home=tmp_path).differing == ("returns",)
    adopt(plan_adoption([changed, new], filed, home=tmp_path, into=tmp_path / "many.jsonl", replace=True))
    assert {one.id: one.why for one in load_cases([tmp_path])} == {"returns": "other", "new-one": ""}
    assert (tmp_path / "many.jsonl").read_text().count("\n") == 1
