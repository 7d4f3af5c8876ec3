"""answerable prompt lint, as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from answerable.cli import prompt, prompt_lint
from answerable.core.errors import ConfigError
from answerable.prompts.collection import load_library

runner = CliRunner()
app = typer.Typer()
prompt.register(app)
prompt_lint.register(app)
NAIVE = """You are a helpful customer support agent for TechCorp.
Answer the customer's question based on the following context.
Context: {context}
Question: {question}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that states its language, with no prompt of its own."""
    (tmp_path / "answerable.toml").write_text('[answer]\nlanguage = "user"\n', encoding="utf-8")
    (tmp_path / "prompts").mkdir()
    return tmp_path


def lint(project: Path, *arguments: str):
    return runner.invoke(app, ["prompt", "lint", "-c", str(project / "answerable.toml"), *arguments])


def test_a_project_that_uses_the_shipped_prompts_has_no_findings_and_exits_0(project):
    done = lint(project, "--strict", "--format", "json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["findings"], told["suppressed"]) == (0, [], [])
    assert "library/answer.md" in told["files"]
    assert "answerable.toml" in told["files"]


def test_findings_exit_12_and_show_rule_reason_fix_line_and_caret(project):
    path = project / "naive.txt"
    path.write_text(NAIVE, encoding="utf-8")
    done = lint(project, str(path))
    assert done.exit_code == 12
    assert done.stdout.startswith("naive.txt\n  1:1  error  no-empty-context: ")
    assert "     3 | Context: {context}\n       |          ^^^^^^^^^\n" in done.stdout
    assert done.stdout.count("why  ") == done.stdout.count("fix  ") == 10
    assert "1 file: 10 errors, 1 warning" in done.output


def test_warnings_exit_12_only_when_strict(project):
    (project / "answerable.toml").write_text('[project]\nname = "x"\n', encoding="utf-8")
    assert lint(project).exit_code == 0
    done = lint(project, "--strict", "--format", "json")
    assert done.exit_code == 12
    assert [one["rule"] for one in json.loads(done.stdout)["findings"]] == ["implicit-language"]


def test_rules_are_chosen_and_put_aside_with_a_reason_alone(project):
    path = project / "naive.txt"
    path.write_text(NAIVE, encoding="utf-8")
    only = json.loads(lint(project, str(path), "--rule", "no-owner", "--format", "json").stdout)
    assert [one["rule"] for one in only["findings"]] == ["no-owner"]
    done = lint(project, str(path), "--rule", "no-owner", "--ignore", "no-owner=it is an exhibit")
    assert (done.exit_code, "no-owner: it is an exhibit" in done.stdout) == (0, True)
    for wrong in (
        ("--ignore", "no-owner"),
        ("--ignore", "no-owner= "),
        ("--rule", "no-onwer"),
        ("--ignore", "x=y"),
    ):
        assert isinstance(lint(project, str(path), *wrong).exception, ConfigError)


def test_sarif_is_written_to_a_file_with_paths_of_the_project(project):
    own = load_library("answer").source.replace("route: answer\n", "route: answer\ntemperature: 0.9\n")
    (project / "prompts" / "answer.md").write_text(own, encoding="utf-8")
    out = project / "reports" / "lint.sarif"
    done = lint(project, "--rule", "hot-temperature", "--format", "sarif", "-o", str(out))
    (result,) = json.loads(out.read_text("utf-8"))["runs"][0]["results"]
    assert (done.exit_code, done.stdout) == (12, "")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "prompts/answer.md"


def test_own_prompts_need_cases_and_files_beside_them_are_linted_too(project):
    own = (
        load_library("rewrite")
        .source.replace("id: rewrite", "id: mine")
        .replace("route: rewrite", "route: answer")
    )
    (project / "prompts" / "mine.md").write_text(own, encoding="utf-8")
    (project / "prompts" / "mine@0.9.0.md").write_text(own, encoding="utf-8")
    (project / "prompts" / "README.md").write_text("Our prompts.", encoding="utf-8")
    told = json.loads(lint(project, "--format", "json").stdout)
    assert {(one["file"], one["rule"]) for one in told["findings"]} == {
        ("prompts/mine.md", "no-cases"),
        ("prompts/mine@0.9.0.md", "no-cases"),
        ("prompts/mine@0.9.0.md", "wrong-name"),
    }
    assert json.loads(lint(project, "mine", "--format", "json").stdout)["files"] == ["prompts/mine.md"]


def test_a_name_that_is_nothing_is_an_error_that_names_it(project):
    done = lint(project, "no-such-prompt")
    assert isinstance(done.exception, ConfigError)
    assert "no-such-prompt" in str(done.exception)


def test_a_file_that_is_no_text_is_an_error_that_names_it(project):
    (project / "prompts" / "answer.md").write_bytes(b"\xff\xfe\x00")
    assert "answer.md" in str(lint(project).exception)


def test_a_file_that_is_not_there_is_told_as_a_file(project):
    done = lint(project, str(project / "nope.md"))
    assert isinstance(done.exception, ConfigError)
    assert "there is no file" in str(done.exception)
