"""What git says of the folder that a project is in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from answerable.adapters.checkout import Checkout
from answerable.core.errors import ConfigError

_IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *_IDENTITY, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a repository, committed on main."""
    git(tmp_path, "init", "-q", "-b", "main")
    folder = tmp_path / "shop"
    (folder / "cases").mkdir(parents=True)
    for name in ("cases/a.yaml", "cases/b c.yaml", "cases/gone.yaml"):
        (folder / name).write_text(name)
    (tmp_path / "outside.txt").write_text("outside")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return folder


def test_a_folder_without_a_commit_is_in_no_checkout(tmp_path: Path) -> None:
    assert Checkout.find(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert Checkout.find(tmp_path) is None


def test_the_commit_is_marked_when_a_file_of_the_folder_is_not_in_it(project: Path) -> None:
    checkout = Checkout.find(project)
    assert checkout is not None
    clean = checkout.commit
    assert (len(clean), checkout.branch, checkout.base()) == (40, "main", "HEAD")
    (project.parent / "outside.txt").write_text("changed")
    assert checkout.commit == clean, "what lies outside of the project is not the project"
    (project / "new.yaml").write_text("new")
    assert checkout.commit == f"{clean}+"


def test_what_changed_is_changed_new_and_deleted_files_since_the_branch_began(project: Path) -> None:
    git(project, "switch", "-qc", "feature")
    (project / "cases" / "b c.yaml").write_text("changed")
    (project / "cases" / "gone.yaml").unlink()
    git(project, "commit", "-qam", "second")
    (project / "cases" / "ü.yaml").write_text("new")
    (project.parent / "outside.txt").write_text("changed")
    checkout = Checkout.find(project)
    assert checkout is not None
    names = {path.relative_to(project).as_posix() for path in checkout.changed(checkout.base())}
    assert names == {"cases/b c.yaml", "cases/gone.yaml", "cases/ü.yaml"}
    assert [path.name for path in checkout.changed("HEAD")] == ["ü.yaml"]


@pytest.mark.parametrize("since", ["nothing-like-it", "--output=x", ""])
def test_a_reference_that_git_does_not_know_is_refused(project: Path, since: str) -> None:
    checkout = Checkout.find(project)
    assert checkout is not None
    with pytest.raises(ConfigError, match="git knows no commit"):
        checkout.changed(since)
