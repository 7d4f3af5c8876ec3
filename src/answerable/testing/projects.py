"""Whole projects for acceptance tests: documents, a configuration, and the command line as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest

from answerable.testing.postgres import scratch, seeded
from answerable.testing.warm import Order, Warm

PAGES: Mapping[str, str] = {
    "policies/returns.md": (
        "---\ntitle: Returns policy\nstatus: published\nupdated: 2026-05-02\nreview_by: 2027-05-02\n---\n"
        "# Returns policy\n\n## Time limits\n\nMost items can be returned within 30 days of delivery. "
        "Refurbished items can be returned within 14 days of delivery.\n\n"
        "## Costs\n\nReturn shipping is free inside the European Union. Outside of it the customer pays.\n"
    ),
    "policies/coupons.md": (
        "---\ntitle: Coupon terms\nupdated: 2026-06-11\n---\n# Coupon terms\n\n"
        "Purchases made with SUMMER20 are refunded as store credit. Coupons cannot be combined.\n"
    ),
    "policies/returns-next-year.md": (
        "---\ntitle: Returns policy next year\nstatus: draft\n---\n# Returns policy next year\n\n"
        "Most items can be returned within 100 days of delivery.\n"
    ),
    "policies/goodwill.md": (
        "---\ntitle: Goodwill\nacl: [staff]\n---\n# Goodwill\n\nAgents may give a goodwill credit of 75 euros.\n"
    ),
    "shipping/times.md": (
        "---\ntitle: Shipping times\nupdated: 2026-03-01\n---\n# Shipping times\n\n"
        "Standard shipping to Germany takes 2 to 3 working days. "
        "Express shipping to Germany takes one working day.\n"
    ),
}
CONFIG = """
[project]
name = "test"
contact = "help@example.com"

[answer]
deadline = "30s"

[[source]]
id = "knowledge"
uri = "knowledge"

[server]
port = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFolder:
    """A project on disk, and `answerable` run inside it."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """Its configuration file."""
        return self.folder / "answerable.toml"

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: str, timeout_s: float = 240.0) -> Result:
        """Run a command to its end, in a process of its own."""
        environ = self.environ()
        host = _warm()
        if not host.forkable(environ):
            return self._run_afresh(arguments, environ, timeout_s)
        with tempfile.TemporaryDirectory(prefix="answerable-command-") as name:
            out, err = Path(name) / "out", Path(name) / "err"
            order = Order(arguments=arguments, folder=self.folder, environ=environ, out=out, err=err)
            code = host.run(order, timeout_s=timeout_s)
            return Result(code=code, out=out.read_text("utf-8"), err=err.read_text("utf-8"))

    def _run_afresh(self, arguments: Sequence[str], environ: Mapping[str, str], timeout_s: float) -> Result:
        done = subprocess.run(  # noqa: S603 - our own program
            command(*arguments),
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return Result(code=done.returncode, out=done.stdout, err=done.stderr)

    @contextmanager
    def kept(self) -> Iterator[Self]:
        """The folder, with its database up while this is open: else every command starts and stops it."""
        with seeded(self.folder / ".answerable" / "pg"):
            yield self
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that goes on; its output is read line by line."""
        return subprocess.Popen(  # noqa: S603
            command(*arguments),
            cwd=self.folder,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environ(self) -> dict[str, str]:
        """The process's environment, without any key."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.endswith(("_KEY", "_TOKEN", "DATABASE_URL"))
        }
        return {**kept, "PYTHONWARNINGS": "error", "NO_COLOR": "1", **self.environment}


@cache
def _warm() -> Warm:
    return Warm(ProjectFolder(folder=Path()).environ())


def command(*arguments: str) -> list[str]:
    """`answerable …` as this interpreter runs it."""
    return [sys.executable, "-m", "answerable", *arguments]


def make_project(folder: Path, *, pages: Mapping[str, str] = PAGES, config: str = CONFIG) -> ProjectFolder:
    """A project with these pages in knowledge/."""
    project = ProjectFolder(folder=folder)
    project.write("answerable.toml", config)
    for name, text in pages.items():
        project.write(f"knowledge/{name}", text)
    return project


def open_folder() -> Path:
    """A fresh folder that the account of root's database can pass through, so that the data stays inside it."""
    folder = Path(tempfile.mkdtemp(prefix="answerable-project-", dir=scratch()))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def ingested_project() -> Iterator[ProjectFolder]:
    """A small project, ingested once for the whole session; read it, do not change it."""
    with make_project(open_folder()).kept() as project:
        done = project.run("source", "sync")
        assert done.code == 0, done.err
        yield project


@pytest.fixture
def empty_project() -> Iterator[ProjectFolder]:
    """A project of the test's own, with pages, not yet ingested."""
    with make_project(open_folder()).kept() as project:
        yield project
