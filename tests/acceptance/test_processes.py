"""Several processes of one project: they share its database, survive each other, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from answerable.testing.projects import ProjectFolder, make_project, open_folder
from answerable.testing.served import Served, served

pytestmark = pytest.mark.slow

PAGES = 200
QUESTION = "Within how many days of delivery can most items be returned?"
SENTENCE = "Most items can be returned within 30 days of delivery"


@pytest.fixture(scope="module")
def project() -> Iterator[ProjectFolder]:
    """A project of this module's own: what happens to its database here must not happen to others' tests."""
    folder = open_folder()
    made = make_project(folder)
    (first,) = made.run("source", "sync", "--format", "json").json
    assert (first["added"], first["failed"]) == (5, 0)
    yield made
    made.run("token", "list")  # after a failed test: the next user stops what a killed one left running
    shutil.rmtree(folder)


@pytest.fixture
def headers(project: ProjectFolder) -> dict[str, str]:
    made = project.run("token", "create", "--format", "json").json
    return {"Authorization": f"Bearer {made['secret']}"}


def ask(one: Served, headers: dict[str, str]) -> dict:
    reply = httpx2.post(f"{one.url}/v1/answers", json={"question": QUESTION}, headers=headers, timeout=60)
    assert reply.status_code == 200, reply.text
    return reply.json()


def data_folder(project: ProjectFolder) -> Path:
    """Where the embedded database really is: a folder closed to the server's account has a note instead."""
    pg = project.folder / ".answerable" / "pg"
    note = pg / "elsewhere"
    return (Path(note.read_text().strip()) if note.is_file() else pg) / "data"


def database_processes(project: ProjectFolder) -> list[int]:
    """Every living process that works in the project's data folder: the postmaster and its children."""
    data, found = data_folder(project).resolve(), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").resolve(strict=True) == data:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def add_pages(project: ProjectFolder, name: str) -> None:
    for number in range(PAGES):
        text = f"# Page {number}\n\nRoom {number} of {name} has {number + 3} chairs.\n"
        project.write(f"knowledge/{name}-{number}.md", text)


@contextmanager
def syncing(
    project: ProjectFolder, one: Served, headers: dict[str, str], uri: str
) -> Iterator[subprocess.Popen[str]]:
    """A sync in the middle of its work: `uri` is in, and the server beside it gives it out."""
    sync = project.start("source", "sync")
    until = time.monotonic() + 60
    try:
        while httpx2.get(f"{one.url}/v1/sources/{uri}", headers=headers, timeout=60).status_code != 200:
            assert time.monotonic() < until, f"{uri} does not come in"
            time.sleep(0.05)
        assert sync.poll() is None, "the sync was too quick for this test: give it more pages"
        yield sync
    finally:
        sync.kill()
        sync.communicate()


def test_a_second_sync_of_nothing_new_does_nothing(project):
    files = sum(path.is_file() for path in (project.folder / "knowledge").rglob("*"))
    (again,) = project.run("source", "sync", "--format", "json").json
    counted = ("unchanged", "added", "changed", "removed", "failed", "chunks", "embedded", "cached")
    assert [again[what] for what in counted] == [files, 0, 0, 0, 0, 0, 0, 0]


def test_a_server_goes_on_when_a_sync_beside_it_is_killed(project, headers):
    add_pages(project, "east")
    with served(project) as one:
        with syncing(project, one, headers, "east-0.md") as sync:
            sync.kill()
            sync.wait()
            assert SENTENCE in ask(one, headers)["text"]
        finished = project.run("source", "sync", "--format", "json")
        assert finished.code == 0, finished.err
        assert finished.json[0]["embedded"] < PAGES  # what the killed one had done is not done again
        assert SENTENCE in ask(one, headers)["text"]
        assert database_processes(project)  # the server still needs it
    assert len(project.run("doc", "list", "--limit", "1000", "--format", "json").json) >= PAGES + 4
    assert database_processes(project) == []


def test_a_sync_goes_on_when_the_server_beside_it_is_killed(project, headers):
    add_pages(project, "west")
    with served(project) as one, syncing(project, one, headers, "west-0.md") as sync:
        one.kill()
        said, _ = sync.communicate(timeout=240)
        assert sync.returncode == 0, said
    assert SENTENCE in project.run("ask", QUESTION).out
    (again,) = project.run("source", "sync", "--format", "json").json
    assert (again["added"], again["changed"]) == (0, 0)
    assert database_processes(project) == []


def test_after_the_only_user_was_killed_the_next_command_works_and_stops_the_database(project, headers):
    with served(project) as one:
        assert SENTENCE in ask(one, headers)["text"]
        one.kill()
        assert database_processes(project)  # nobody was left to stop it
        answer = project.run("ask", QUESTION)
    assert answer.code == 0, answer.err
    assert SENTENCE in answer.out
    assert database_processes(project) == []


def test_a_server_survives_the_kill_of_every_process_of_its_database(project, headers):
    with served(project) as one:
        for pid in database_processes(project):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # its parent took it along
                continue
        assert SENTENCE in project.run("ask", QUESTION).out
        assert SENTENCE in ask(one, headers)["text"]
    assert database_processes(project) == []


def test_ctrl_c_ends_a_server_in_order(project):
    with served(project) as one:
        assert one.stop() in (0, 130)
    assert "Traceback" not in "\n".join(one.said)
    assert database_processes(project) == []
