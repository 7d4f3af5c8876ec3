"""Named statements: each with a name of its own and a description."""

import pytest

from answerable.adapters.postgres.statements import parse, sql_folder, statements

FILES = sorted(
    file.name.removeprefix("queries_").removesuffix(".sql")
    for file in sql_folder().iterdir()
    if file.name.startswith("queries_")
)


def test_a_file_is_cut_at_its_names():
    found = parse("-- name: one\n-- The first.\nSELECT 1;\n\n-- name: two\n-- The second.\nSELECT\n  2;\n")
    assert found == {"one": "-- The first.\nSELECT 1", "two": "-- The second.\nSELECT\n  2"}


def test_a_statement_without_a_description_is_refused():
    with pytest.raises(ValueError, match="one"):
        parse("-- name: one\nSELECT 1;")


def test_a_name_used_twice_is_refused():
    with pytest.raises(ValueError, match="two statements"):
        parse("-- name: one\n-- A.\nSELECT 1;\n-- name: one\n-- B.\nSELECT 2;")


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_file_can_be_read(name):
    assert statements(name)
