"""answerable prompt test: its exit codes and forms, without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from answerable.cli.main import app
from answerable.core.errors import ConfigError

QUICK = ("decompose", "--no-twins", "--scripted")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["prompt", "test", *arguments])


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_ends_with_0_where_all_pass_and_with_10_where_one_fails(tmp_path: Path):
    assert call(*QUICK, "careful").exit_code == 0
    done = call(*QUICK, "careless", "--format", "json")
    assert done.exit_code == 10
    (result,) = json.loads(done.stdout)["results"]
    assert (result["scripted"], result["ok"]) == ("careless", False)
    (kept,) = (tmp_path / ".answerable" / "prompt-tests").iterdir()
    assert [one["scripted"] for one in json.loads(kept.read_text())["runs"]] == ["careless", "careful"]


def test_it_is_written_where_it_is_told_and_says_that_it_is_scripted(tmp_path: Path):
    for kind in ("markdown", "html"):
        done = call(*QUICK, "careful", "--format", kind, "--output", f"out.{kind}", "--no-save")
        text = (tmp_path / f"out.{kind}").read_text()
        assert done.exit_code == 0
        assert "nothing here is a model" in text
        assert "multi-step" in text
    assert not (tmp_path / ".answerable").exists()


def test_files_that_are_wrong_end_it_with_2(tmp_path: Path):
    folder = tmp_path / "prompts" / "tests"
    folder.mkdir(parents=True)
    (folder / "decompose.yaml").write_text("cases: [{id: a, category: nonsense, expect: {parts: []}}]\n")
    done = call(*QUICK, "careful")
    assert isinstance(done.exception, ConfigError)
    assert done.exception.exit_code == 2
    assert "decompose.yaml:1: cases.0.category" in str(done.exception)
