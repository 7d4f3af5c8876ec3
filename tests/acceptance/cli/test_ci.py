"""`ci.sh` on branches of a scripted repository: worse, the same, too small to tell; and what is in the report.

The assistant is a function that reads its prompt and leaves out what it says to leave out: no model.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.app import Project, open_system
from answerable.app.branches.pull_request import Asked, Drafted, Heard, check_branch
from answerable.app.choosing import Wanted
from answerable.app.evaluating import evaluate
from answerable.cli.ci_files import write_ci
from answerable.evals.change.markdown import write_markdown
from answerable.evals.change.report import BranchReport
from answerable.evals.gate.baseline import write_baseline
from answerable.evals.gate.sides import Side
from answerable.testing.postgres import Clone, in_thread
from answerable.testing.projects import ProjectFolder
from answerable.testing.repositories import ScriptedRepository, open_repository, prompt_text

CASES = 20
CONFIG = """
[project]
name = "parcels"
contact = "help@example.com"

[database]
url = "env:CI_TEST_URL"

[eval]
target = "parcel_assistant:answer"
"""
ASSISTANT = '''"""A scripted assistant that reads its prompt: no model."""

import re
from pathlib import Path


def answer(question):
    number = int(question.split()[3].rstrip("?"))
    prompt = Path(__file__).with_name("prompts").joinpath("answer.md").read_text(encoding="utf-8")
    left_out = re.search("Say nothing of parcels ([0-9 ]+)", prompt)
    if left_out and str(number) in left_out[1].split():
        return {"text": "Ask @somebody, see #12.", "cost": 0.002}
    return {"text": f"Parcel {number} takes {10 + number} days.", "cost": 0.002}
'''


@pytest.fixture
def repository(tmp_path: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedRepository]:
    """A project on main with its baseline."""
    monkeypatch.setenv("CI_TEST_URL", clone.owner_url)
    monkeypatch.setattr(sys, "path", [*sys.path])
    made = open_repository(tmp_path / "parcels")
    cases = "".join(case(n) for n in range(CASES))
    files = {
        "answerable.toml": CONFIG,
        "parcel_assistant.py": ASSISTANT,
        "prompts/answer.md": prompt_text("1.0.0", change="First version."),
        "evals/cases/parcels.jsonl": cases,
        ".gitignore": ".answerable/\n__pycache__/\nreport.md\n",
    }
    made.write(files)
    write_ci(made.folder)
    made.commit("Begin", day=1)
    in_thread(baseline(made.folder))
    made.commit("Keep the baseline", day=2)
    yield made
    sys.modules.pop("parcel_assistant", None)


async def baseline(folder: Path) -> None:
    async with open_system(Project.open(folder / "answerable.toml")) as system:
        finished = await evaluate(system, Wanted(), tell=lambda _: None)
        write_baseline(Side(run=finished.run, rows=finished.rows), folder / "evals/baseline.json")


def case(n: int) -> str:
    expect = {"outcome": "answered", "must": [f"{10 + n} days"]}
    whole = {"id": f"parcel-{n:02d}", "tags": ["parcels"], "question": f"How long takes {n}?", "expect": expect}
    return json.dumps({**whole, "language": "en", "why": "scripted"}) + "\n"


def branch(repository: ScriptedRepository, name: str, files: dict[str, str]) -> None:
    repository.git("checkout", "-q", "-f", "-B", name, "main")
    repository.commit(f"The branch {name}", files, day=3)


def prompt(*, leaving_out: range | tuple[int, ...] = (), version: str = "1.1.0") -> dict[str, str]:
    rule = f"Say nothing of parcels {' '.join(map(str, leaving_out))}." if leaving_out else "Be brief."
    return {"prompts/answer.md": prompt_text(version, change="Another rule.", rule=rule)}


def ci(folder: Path, bin_folder: Path) -> tuple[int, str]:
    """The script as a runner would start it: its exit code and the report."""
    bin_folder.mkdir(exist_ok=True)
    program = bin_folder / "answerable"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m answerable "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = ProjectFolder(folder=folder).environ()
    path = f"{bin_folder}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", str(folder / "ci.sh")],
        cwd=bin_folder,
        env={**environment, "PATH": path, "GITHUB_BASE_REF": "main"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    print(done.stdout, done.stderr)
    return done.returncode, (folder / "report.md").read_text(encoding="utf-8")


def test_the_script_leaves_with_10_0_and_11_and_writes_what_became_of_the_branch(
    repository: ScriptedRepository, tmp_path: Path
) -> None:
    branch(repository, "worse", prompt(leaving_out=range(0, CASES, 2)))
    code, report = ci(repository.folder, tmp_path / "bin")
    assert (code, report.splitlines()[0]) == (10, "<!-- answerable ci -->")
    assert "## ❌ Worse: 10 cases that passed now fail; none mended." in report
    assert "- **answer** answer@\u20601.0.0 → answer@\u20601.1.0" in report
    assert "Another rule." in report
    assert "<p>How long takes 18?</p>" in report
    assert "@somebody" not in report and "#12" not in report, "an answer's words do nothing on a forge"
    assert "Cost per answer: 0.0020 → 0.0020" in report

    branch(repository, "same", prompt())
    code, report = ci(repository.folder, tmp_path / "bin")
    assert (code, "## ✅ The same: no case passes or fails that did not before." in report) == (0, True), report

    branch(repository, "unclear", prompt(leaving_out=(3, 4)))
    code, report = ci(repository.folder, tmp_path / "bin")
    assert (code, "## ❔ Can't tell: 2 cases that passed now fail; none mended" in report) == (11, True), report


def checked(folder: Path, base: str = "main") -> BranchReport:
    """In this process."""
    drafted = Drafted(report=BranchReport(project="", base="", base_commit="", head_commit=""))
    heard = Heard(tell=lambda _: None, tell_searches=lambda _: None)
    in_thread(check_branch(folder / "answerable.toml", Asked(base=base), drafted=drafted, heard=heard))
    return drafted.report


def test_a_branch_is_held_to_what_the_base_has_and_each_stage_is_told(repository: ScriptedRepository) -> None:
    folder = repository.folder
    naive = "You are a helpful customer support agent. Context: {context} Question: {question}\n"
    branch(repository, "naive", {"prompts/answer.md": naive})
    report = checked(folder)
    assert report.exit_code == 12, report.stages
    assert {one.level for one in report.findings} >= {"error"}
    assert "prompts/answer.md:1" in write_markdown(report)
    assert [one.name for one in report.stages] == ["lint", "behavior", "gate"], "one hides no other"
    assert report.stages[-1].exit_code == 2, "no answer can be made with it"

    branch(repository, "silent", prompt(version="1.0.0"))
    report = checked(folder)
    assert [(one.name, one.exit_code) for one in report.stages] == [("lint", 12), ("behavior", 0), ("gate", 0)]
    assert (report.exit_code, {one.rule for one in report.findings}) == (12, {"version-not-raised"})
    assert "**Another text under the same version:** answer@" in write_markdown(report)

    first = checked(folder, base="main~1").stages[-1]  # which has no baseline
    assert (first.exit_code, "set a baseline on main~1 and commit it" in first.words) == (11, True)

    branch(repository, "notes", {"README.md": "Words."})
    assert (checked(folder).exit_code, checked(folder).stages) == (0, ())

    # A branch that sets its own baseline and its own rules is held to those of main.
    worse = prompt(leaving_out=range(0, CASES, 2))
    branch(repository, "own-rules", worse)
    in_thread(baseline(folder))
    loosened = CONFIG + '\n[eval.gate]\ntolerance = 100.0\noverall = ""\n'
    repository.commit("Pass", {"answerable.toml": loosened.replace("[eval]\n", "[eval]\nmargin = 100.0\n")}, day=4)
    report = checked(folder)
    assert report.exit_code == 10, report.stages
    assert {one.path for one in report.held_by_other_rules} == {"answerable.toml", "evals/baseline.json"}
    text = write_markdown(report)
    assert "**This branch changes what it is held to:** answerable.toml (rules), evals/baseline.json" in text
    assert "eval.gate.tolerance 5.0 → 100.0" in text

    (folder / "answerable.toml").write_text("[eval\n", encoding="utf-8")
    broken = checked(folder)
    assert (broken.exit_code, "is not valid TOML" in write_markdown(broken)) == (2, True)
