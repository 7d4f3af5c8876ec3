"""The table of threats: no row missing, no cell empty without a reason, nothing named that is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.docs.controls import COUNT, FOLDER, INDEX, PAGE, Row, faults, index, page, read, rows

ROW = Row(
    id="T0",
    threat="a threat",
    control=("SECURITY.md",),
    test=("tests/docs/test_controls.py::test_all_rows_are_there",),
    figure="0 of 1",
    command="pytest",
    result="",
    gap="",
)


def test_all_rows_are_there():
    assert [one.id for one in rows()] == [f"T{number}" for number in range(1, COUNT + 1)]
    assert len(list((FOLDER / "rows").iterdir())) == COUNT, "a file that is no row"


def test_whatever_a_row_names_is_there_and_no_cell_is_empty():
    assert [fault for row in rows() for fault in faults(row)] == []


def test_the_page_of_controls_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.docs.controls --write"


def test_the_index_names_every_page():
    assert INDEX.read_text(encoding="utf-8") == index(), "run: python -m tests.docs.controls --write"


@pytest.mark.parametrize(
    "wrong",
    [
        {"control": ()},
        {"control": ("src/answerable/nowhere.py",)},
        {"test": ()},
        {"test": ("tests/docs/test_controls.py::test_nothing",)},
        {"test": ("tests/docs/test_nowhere.py::test_all_rows_are_there",)},
        {"figure": ""},
        {"command": ""},
        {"result": "benchmarks/results/nowhere.json"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_row_that_names_nothing_is_a_fault(wrong):
    assert list(faults(ROW)) == []
    assert list(faults(replace(ROW, **wrong)))


def test_a_gap_excuses_what_is_not_shown_and_nothing_else():
    assert list(faults(replace(ROW, test=(), figure="", command="", gap="why"))) == []
    assert list(faults(replace(ROW, control=(), gap="why")))


def test_a_row_with_a_misspelled_key_is_refused(tmp_path):
    path = tmp_path / "T01.toml"
    path.write_text('id = "T1"\nfigures = "0"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="figures"):
        read(path)
