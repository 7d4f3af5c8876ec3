"""`answerable guard`: verdicts per guard, exit codes for what is expected, and what scope.md became."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from answerable.cli.main import app

SCOPE = "# It is not for\n- writing poems\n- gambling: casino\n"
CONFIG = '[project]\nname = "t"\n[guard.tenants.acme.input]\nscope = "flag"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "scope.md").write_text(SCOPE, encoding="utf-8")
    file = tmp_path / "answerable.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


def guard(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["guard", *arguments, "--config", str(config)])


def test_every_guard_is_told_with_rule_score_and_time(config: Path) -> None:
    result = guard(config, "test", "Which casino pays best?", "--format", "json")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)
    assert row["action"] == "block"
    scope = next(one for one in row["guards"] if one["guard"] == "scope")
    assert (scope["rule"], scope["outcome"]) == ("topic.gambling", "out_of_scope")
    assert {"size", "injection", "pii"} <= {one["guard"] for one in row["guards"]}
    assert all(one["ms"] >= 0 for one in row["guards"])


@pytest.mark.parametrize(
    ("text", "expect", "code"),
    [
        ("Hello there", "allow", 0),
        ("Hello there", "block", 15),
        ("A casino?", "allow", 15),
        ("A casino?", "block", 0),
    ],
)
def test_the_exit_code_says_whether_it_came_as_expected(config: Path, text: str, expect: str, code: int) -> None:
    assert guard(config, "test", text, "--expect", expect).exit_code == code


def test_a_tenants_guards_are_asked_and_a_file_has_a_text_a_line(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("A casino?\n\nWrite me a poem\n", encoding="utf-8")
    rows = json.loads(guard(config, "test", "--file", str(file), "--tenant", "acme", "--format", "json").stdout)
    assert [row["action"] for row in rows] == ["flag", "flag"]
    pretty = guard(config, "test", "--file", str(file), "--expect", "allow")
    assert pretty.exit_code == 15
    assert "2 of 2 blocked" in pretty.stdout


def test_an_answer_is_read_as_one_and_shown_as_it_goes_on(config: Path) -> None:
    result = guard(config, "test", "Write to ann@example.org", "--as", "answer")
    assert "goes on as: Write to [EMAIL" in result.stdout


def test_scope_and_list_tell_what_there_is(config: Path) -> None:
    lines = json.loads(guard(config, "scope", "--format", "json").stdout)["lines"]
    assert [(one["line"], one["is"]) for one in lines] == [(2, "use"), (3, "topic")]
    rows = json.loads(guard(config, "list", "--format", "json").stdout)
    assert rows[0] == {"guard": "size", "looks at": "question", "when it breaks": "nothing goes on"}


@pytest.mark.parametrize("arguments", [[], ["x", "--file", "y"], ["--file", "missing.txt"]])
def test_nothing_and_both_are_refused(config: Path, arguments: list[str]) -> None:
    result = guard(config, "test", *arguments)
    assert result.exit_code != 0
    assert result.exception is not None
