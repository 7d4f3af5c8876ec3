"""From a wrong answer to its cause and its case: replay, diagnose and from-trace on a project in git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from answerable.testing.projects import ProjectFolder

QUESTION = (
    "My address is ann@example.org. Within how many days of delivery can most items be returned to the shop?"
)
MUST, QUOTE = "30 days", "policies/returns.md: Most items can be returned within 30 days of delivery."


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=Ann", "-c", "user.email=ann@example.test"]
    done = subprocess.run(["git", *named, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def project(empty_project: ProjectFolder) -> ProjectFolder:
    """Ingested, in a repository, asked once, with a person's work half done."""
    assert empty_project.run("source", "sync").code == 0
    empty_project.write(".gitignore", ".answerable/\n")
    empty_project.write("notes.md", "first\n")
    git(empty_project.folder, "init", "-q", "-b", "trunk")
    git(empty_project.folder, "add", ".")
    git(empty_project.folder, "commit", "-q", "-m", "Begin")
    asked = empty_project.run("ask", QUESTION, "--format", "json")
    assert "within 30 days" in asked.json["text"], asked.out
    empty_project.write("notes.md", "changed\n")
    empty_project.write("staged.md", "staged\n")
    git(empty_project.folder, "add", "staged.md")
    empty_project.write("untracked.md", "untracked\n")
    return empty_project


def test_a_wrong_answer_becomes_a_case_and_its_cause_is_told(project: ProjectFolder) -> None:
    becomes_a_failing_case_beside_the_persons_own_work(project)
    replay_and_diagnosis_tell_what_changed(project)


def becomes_a_failing_case_beside_the_persons_own_work(project: ProjectFolder) -> None:
    folder = project.folder
    before = git(folder, "status", "--porcelain"), git(folder, "diff"), git(folder, "diff", "--cached")
    said = ("latest", "--must", "31 days", "--why", "It is 31.")
    made = project.run("case", "from-trace", *said, "--format", "json")
    assert made.code == 0, made.err
    case = made.json
    assert (case["fails"], case["changed"], case["confirmed"]) == (True, True, True)
    assert "31 days" in case["reason"]
    assert (git(folder, "status", "--porcelain"), git(folder, "diff"), git(folder, "diff", "--cached")) == before
    assert git(folder, "rev-parse", "--abbrev-ref", "HEAD").strip() == "trunk"

    names = git(folder, "diff", "--name-only", f"trunk..{case['branch']}").split()
    assert names == [case["path"].replace(".yaml", ".context.json"), case["path"]]
    text = git(folder, "show", f"{case['branch']}:{case['path']}")
    assert "[EMAIL_1]" in text
    assert "ann@example.org" not in text
    assert "within 30 days of delivery" in git(folder, "show", f"{case['branch']}:{names[0]}")


def replay_and_diagnosis_tell_what_changed(project: ProjectFolder) -> None:
    same = project.run("trace", "replay", "latest", "--check", "--format", "json")
    assert (same.code, same.json["verdict"], same.json["different"]) == (0, "identical", []), same.out

    page = project.folder / "knowledge" / "policies" / "returns.md"
    page.write_text(page.read_text("utf-8").replace("within 30 days", "within 31 days"), "utf-8")
    stale = project.run(
        "trace", "diagnose", "--must", "31 days", "--quote", QUOTE.replace("30", "31"), "--format", "json"
    )
    assert stale.json["stage"] == "stale_index", stale.out + stale.err

    assert project.run("source", "sync").code == 0
    other = project.run("trace", "replay", "latest", "--check")
    assert other.code == 10
    assert "[-30-] {+31+}" in other.out
    assert "the index has changed since" in other.out
