"""Deploy marks: one for each change of what is served, however many processes start with it."""

import pytest

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.app.metrics.deploy_marks import mark, served_by
from answerable.app.project import Project
from answerable.config import Settings
from answerable.core.errors import DatabaseUnreachable
from answerable.monitor.marks import PARTS

SETUP = {
    "prompt": "answer@1.0.0 aaaaaaaaaaaa",
    "models": {"main": "m-1", "spare": "m-2"},
    "route": ["main"],
    "settings": {"answer": {"cite": 3}, "guard": {}},
    "embedding": "e5",
    "reranker": "",
    "code": "0.5.0+abc",
}


@pytest.fixture
def project(tmp_path):
    return Project(settings=Settings(), base=tmp_path)


def served(project, **changes):
    return served_by(project, SETUP | changes, ["answer", "rewrite"])


async def test_the_first_process_marks_a_beginning_and_restarts_mark_nothing(project):
    happenings = MemoryHappenings()
    one = await mark(happenings, served(project), tenant="default", commit="abc+")
    again = await mark(happenings, served(project), tenant="default", commit="def")
    assert one is not None
    assert (one.props["first"], one.props["what"], one.props["commit"], again) == (True, "", "abc+", None)
    assert len(happenings.written) == 1


async def test_processes_that_start_together_with_the_same_make_one_mark(project):
    happenings, other = MemoryHappenings(), MemoryHappenings()
    await mark(happenings, served(project), tenant="default")
    other.written = list(happenings.written)
    new = served(project, prompt="answer@1.1.0 bbbbbbbbbbbb")
    mine, theirs = await mark(happenings, new, tenant="default"), await mark(other, new, tenant="default")
    assert mine.id == theirs.id
    assert mine.props["what"] == "prompt answer@1.0.0 → answer@1.1.0"


async def test_going_back_to_what_was_served_before_is_a_change_too(project):
    happenings = MemoryHappenings()
    for setup in ({}, {"code": "0.6.0+def"}, {}):
        await mark(happenings, served(project, **setup), tenant="default")
    assert [one.props["what"] for one in happenings.written] == ["", "code 0.6.0+def", "code 0.5.0+abc"]
    assert len({one.id for one in happenings.written}) == 3


async def test_without_a_database_there_is_no_mark_and_serving_goes_on(project, caplog):
    class Away(MemoryHappenings):
        async def latest(self, *, tenant, name="", limit=50):
            raise DatabaseUnreachable("the database does not answer")

    assert await mark(Away(), served(project), tenant="default") is None
    assert "no deploy mark" in caplog.text


def test_what_is_served_is_told_by_parts_without_the_models_that_nobody_asks(project):
    parts = served(project)
    assert list(parts) == list(PARTS)
    assert parts["models"] == "main=m-1"
    assert parts["prompts"].startswith("answer@1.0.0 aaaaaaaaaaaa, rewrite@")
    changed = served(project, settings={"answer": {"cite": 2}, "guard": {}})
    assert [name for name in PARTS if parts[name] != changed[name]] == ["config"]
