"""Quarantine and waivers: files that people write, read strictly."""

from __future__ import annotations

from datetime import date

import pytest

from answerable.core.errors import ConfigError
from answerable.evals.gate.entries import append_entry
from answerable.evals.gate.quarantine import check_must_pass, load_quarantine, set_aside
from answerable.evals.gate.waivers import Waiver, load_waivers

GOOD = "- case: typo-3\n  owner: someone@example.com\n  reason: flaky since the new index\n  expires: 2026-12-01\n"


def test_no_file_is_no_exception(tmp_path):
    assert load_quarantine(tmp_path / "quarantine.yaml") == ()


def test_a_quarantine_counts_to_its_last_day(tmp_path):
    (tmp_path / "q.yaml").write_text(GOOD, encoding="utf-8")
    found = load_quarantine(tmp_path / "q.yaml")
    assert set_aside(found, date(2026, 12, 1)) == found
    assert set_aside(found, date(2026, 12, 2)) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("  owner: someone@example.com\n", ""), "q.yaml, entry 1: owner: Field required"),
        (GOOD.replace("2026-12-01", "soon"), "q.yaml, entry 1: expires"),
        (GOOD.replace("  reason: flaky since the new index\n", "  reason: ' '\n"), "q.yaml, entry 1: reason"),
        (GOOD + "  ignore: true\n", "q.yaml, entry 1: ignore"),
        (GOOD + GOOD, "'typo-3' is there twice"),
        ("case: typo-3\n", "is not a list"),
        ("- [\n", "cannot read q.yaml"),
    ],
)
def test_a_bad_entry_names_file_entry_and_key(text, words, tmp_path):
    (tmp_path / "q.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_quarantine(tmp_path / "q.yaml")
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_must_pass_case_is_not_quarantined_silently(tmp_path):
    (tmp_path / "q.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ConfigError, match="must-pass"):
        check_must_pass(load_quarantine(tmp_path / "q.yaml"), ["typo-3"], "q.yaml")
    (tmp_path / "q.yaml").write_text(GOOD + "  despite_must_pass: true\n", encoding="utf-8")
    check_must_pass(load_quarantine(tmp_path / "q.yaml"), ["typo-3"], "q.yaml")


@pytest.mark.parametrize("gate", ["must-pass", "everything", "category:", "overall "])
def test_only_known_gates_are_waived_and_must_pass_only_by_case(gate, tmp_path):
    text = f"- gate: '{gate}'\n  name: A\n  reason: B\n  expires: 2026-12-01\n"
    (tmp_path / "w.yaml").write_text(text, encoding="utf-8")
    if gate.strip() == "overall":
        assert load_waivers(tmp_path / "w.yaml")[0].gate == "overall"
        return
    with pytest.raises(ConfigError, match=r"w\.yaml, entry 1: gate"):
        load_waivers(tmp_path / "w.yaml")


def test_an_added_waiver_leaves_what_people_wrote_as_it_was(tmp_path):
    path = tmp_path / "evals" / "w.yaml"
    added = Waiver(gate="must-pass:a", name="A. Person", reason="a: b # c", expires=date(2026, 12, 1))
    append_entry(path, added)
    path.write_text("# why we waive\n" + path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    append_entry(path, added)
    assert path.read_text(encoding="utf-8").startswith("# why we waive\n")
    assert load_waivers(path) == (added, added)
