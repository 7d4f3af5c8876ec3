"""What `init` gives for CI."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from answerable.cli.scaffold import init


@pytest.mark.parametrize("sample", [False, True])
def test_a_new_project_has_a_script_and_a_workflow_that_runs_it(sample, tmp_path):
    folder = tmp_path / "bot"
    init(folder, sample=sample)
    script = folder / "ci.sh"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    workflow = yaml.safe_load((folder / ".github/workflows/answerable.yml").read_text(encoding="utf-8"))
    assert "sh ci.sh" in [step.get("run") for step in workflow["jobs"]["check"]["steps"]]


def test_a_script_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "ci.sh").write_text("mine", encoding="utf-8")
    init(tmp_path)
    assert (tmp_path / "ci.sh").read_text(encoding="utf-8") == "mine"
