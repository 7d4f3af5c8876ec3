"""A branch is written beside whatever a person is doing in the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from answerable.adapters.branch_point import BranchPoint
from answerable.adapters.git import Repository
from answerable.core.errors import ConfigError
from answerable.testing.repositories import scripted_repository


def git(folder: Path, *arguments: str) -> str:
    named = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.test", *arguments]
    return subprocess.run(named, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in a folder of a repository, with staged, unstaged and untracked work."""
    inside = tmp_path / "products" / "shop"
    inside.mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "trunk")
    (inside / "a.txt").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    (inside / "a.txt").write_text("two\n")
    (inside / "b.txt").write_text("staged\n")
    git(tmp_path, "add", "products/shop/b.txt")
    (inside / "c.txt").write_text("untracked\n")
    return inside


def test_the_files_are_on_the_branch_and_nothing_else_moved(folder: Path) -> None:
    before = git(folder, "status", "--porcelain"), git(folder, "diff"), git(folder, "diff", "--cached")
    repository = Repository.around(folder)
    done = repository.commit("case/x", {"evals/x.yaml": "id: x\n"}, message="Add x")
    assert git(folder, "show", "case/x:products/shop/evals/x.yaml") == "id: x"
    assert git(folder, "diff", "--name-only", "trunk", "case/x") == "products/shop/evals/x.yaml"
    assert (git(folder, "status", "--porcelain"), git(folder, "diff"), git(folder, "diff", "--cached")) == before
    again = repository.commit("case/x", {"evals/x.yaml": "id: x\n"}, message="Add x")
    assert (done.changed, again.changed, again.commit) == (True, False, done.commit)


def test_no_hook_runs_and_a_message_is_only_a_message(folder: Path) -> None:
    hook = folder.parents[1] / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    repository = Repository.around(folder)
    message = "--amend \ud800 " + "x" * 200_000
    repository.commit("case/x", {"x.yaml": "id: x\n"}, message=message)
    assert git(folder, "log", "-1", "--format=%s", "case/x").startswith("--amend ? xxx")
    with pytest.raises(ConfigError, match="git commit-tree"):
        repository.commit("case/y", {"x.yaml": "id: x\n"}, message="a\0b")
    with pytest.raises(ConfigError, match="git update-ref"):
        repository.commit("case/a..b", {"x.yaml": "id: x\n"}, message="x")


def test_a_branch_under_somebodys_hands_is_left_alone(folder: Path) -> None:
    repository = Repository.around(folder)
    first = repository.commit("case/x", {"x.yaml": "id: x\n"}, message="Add x")
    git(folder, "worktree", "add", "-q", str(folder.parent / "other"), "case/x")
    with pytest.raises(ConfigError, match="checked out"):
        repository.commit("case/x", {"x.yaml": "id: y\n"}, message="Change x")
    assert git(folder, "rev-parse", "case/x") == first.commit


def test_where_there_is_no_repository_or_no_commit_there_is_none(tmp_path: Path) -> None:
    assert Repository.around(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert Repository.around(tmp_path) is None


def test_where_a_branch_began_is_never_taken_for_its_own_tip(tmp_path: Path) -> None:
    """Held to itself, nothing differs, and every change would pass."""
    whole = scripted_repository(tmp_path / "shop").repository
    assert BranchPoint.find(whole.folder).reference == "HEAD", "the trunk: what is not committed is looked at"
    whole.git("switch", "-q", "-c", "shorter")
    shallow = tmp_path / "shallow"
    whole.git("clone", "-q", "--depth", "1", f"file://{whole.folder}", str(shallow))
    with pytest.raises(ConfigError, match="shorter is a shallow clone") as found:
        BranchPoint.find(shallow)
    assert "fetch-depth: 0" in found.value.hint
    whole.git("branch", "-m", "main", "develop")
    with pytest.raises(ConfigError, match="there is no main or master") as found:
        BranchPoint.find(whole.folder)
    assert "--base develop" in found.value.hint
    assert BranchPoint.find(whole.folder, "develop").reference == "develop"
    whole.git("branch", "-D", "develop")
    assert BranchPoint.find(whole.folder).reference == "HEAD", "the only branch is the trunk"
