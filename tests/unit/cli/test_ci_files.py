"""What `ci init` writes: a script and a workflow that hold what they say, tried with programs that stand in."""

from __future__ import annotations

import os
import stat
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from answerable.cli.ci_files import write_ci
from answerable.evals.change.markdown import mark

MARK = mark("")


def workflow(folder: Path, name: str = "answerable.yml") -> dict[str, Any]:
    found = yaml.safe_load((folder / ".github/workflows" / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def steps(folder: Path, job: str) -> list[dict[str, Any]]:
    found = workflow(folder)["jobs"][job]["steps"]
    assert isinstance(found, list)
    return found


def test_what_is_there_is_kept_unless_it_is_forced(tmp_path: Path) -> None:
    (tmp_path / "ci.sh").write_text("mine", encoding="utf-8")
    first = write_ci(tmp_path)
    assert ([one.name for one in first.kept], [one.name for one in first.written]) == (
        ["ci.sh"],
        ["answerable.yml"],
    )
    assert (tmp_path / "ci.sh").read_text(encoding="utf-8") == "mine"
    assert "git init" in first.notes[0]
    assert len(write_ci(tmp_path, force=True).written) == 2
    assert (tmp_path / "ci.sh").stat().st_mode & stat.S_IXUSR


def test_a_project_within_a_repository_has_its_workflow_at_the_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "apps" / "Shop bot"
    inner.mkdir(parents=True)
    found = write_ci(inner)
    assert (found.notes, (inner / "ci.sh").is_file()) == ((), True)
    whole = workflow(tmp_path, "answerable-apps-shop-bot.yml")
    assert whole["name"] == "answerable-apps-shop-bot"
    assert whole["jobs"]["check"]["defaults"]["run"]["working-directory"] == "apps/Shop bot"
    upload = next(one for one in whole["jobs"]["check"]["steps"] if "upload" in one.get("uses", ""))
    assert upload["with"]["path"] == "apps/Shop bot/report.md"


def test_what_runs_the_pull_request_may_only_read_and_what_may_write_runs_none_of_it(tmp_path: Path) -> None:
    write_ci(tmp_path)
    whole = workflow(tmp_path)
    assert set(whole[True]) == {"pull_request"}, (
        "never pull_request_target: it would hand secrets to a fork's code"
    )
    assert whole["permissions"] == {}
    jobs = whole["jobs"]
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    checkout = steps(tmp_path, "check")[0]
    assert (checkout["with"]["fetch-depth"], checkout["with"]["persist-credentials"]) == (0, False)
    assert not any("checkout" in one.get("uses", "") for one in steps(tmp_path, "comment"))
    assert not any("GH_TOKEN" in one.get("env", {}) for one in steps(tmp_path, "check"))
    every = [one for job in jobs for one in steps(tmp_path, job)]
    assert all(one["uses"].rpartition("@")[2].startswith("v") for one in every if "uses" in one)
    runs = [one["run"] for one in every if "run" in one]
    assert not any("${{" in one for one in runs), "what others wrote never becomes part of a script"
    assert f'pip install "answerable[all]=={metadata.version("answerable")}"' in runs


def stand_in(folder: Path, name: str, text: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    program.chmod(0o755)


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-euc", script],
        cwd=folder,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("report", "url", "called"),
    [
        (f"{MARK}\n\n## Worse", "", "pr comment 7 --body-file report.md"),
        (
            f"{MARK}\n\n## Worse",
            "https://github.com/o/r/pull/7#issuecomment-42",
            "api --silent --method PATCH repos/o/r/issues/comments/42 -F body=@report.md",
        ),
        ("\n## not ours", "https://github.com/o/r/pull/7#issuecomment-42", ""),
    ],
)
def test_the_comment_is_found_by_its_mark_or_made(tmp_path: Path, report: str, url: str, called: str) -> None:
    write_ci(tmp_path)
    (tmp_path / "bin").mkdir()
    stand_in(
        tmp_path / "bin",
        "gh",
        f'case "$2" in view) echo "$*" > asked; echo "{url}" ;; *) echo "$*" > called ;; esac',
    )
    (tmp_path / "report.md").write_text(report, encoding="utf-8")
    script = next(one["run"] for one in steps(tmp_path, "comment") if "run" in one)
    done = run(script, tmp_path, PULL="7", GH_REPO="o/r")
    assert ((tmp_path / "called").read_text().strip() if called else "") == called
    assert done.returncode == (0 if called else 1), done.stderr
    if called:
        asked = (tmp_path / "asked").read_text()
        assert "viewerDidAuthor and (.body | startswith(env.MARK))" in asked


@pytest.mark.parametrize("code", [0, 10, 11, 12, 4])
def test_the_script_hands_on_the_base_the_arguments_and_the_exit_code(tmp_path: Path, code: int) -> None:
    write_ci(tmp_path)
    (tmp_path / "bin").mkdir()
    stand_in(tmp_path / "bin", "answerable", f'echo "$*"; exit {code}')
    cases = {"": {}, "--base release ": {"GITHUB_BASE_REF": "release"}, "--base mine ": {"BASE": "mine"}}
    for base, environment in cases.items():
        done = run("sh ./ci.sh --repeat 3", tmp_path, **environment)
        assert (done.returncode, done.stdout.strip()) == (code, f"ci run --output report.md {base}--repeat 3")
    assert ("can't tell" in done.stderr) == (code == 11)
