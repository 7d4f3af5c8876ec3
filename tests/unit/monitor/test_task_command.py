"""`answerable task`: the items behind a number, and why each is in its state."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.tasks import MemoryTasks
from answerable.app.tasks import close_tasks
from answerable.cli import project
from answerable.cli.main import app
from answerable.config import Settings
from tests.unit.monitor.told import START, Log


@pytest.fixture
def run(monkeypatch):
    """The command over three tasks that were closed the day before yesterday, and one that is open."""
    now = datetime.now(UTC)
    shift = (now - timedelta(days=3) - START).total_seconds()
    log = (
        Log()
        .turn("1", shift, conversation="c1", trace="tr_one")
        .turn("2", shift, conversation="c2", why_not="staff")
    )
    log.turn("3", shift, conversation="c3", outcome="abstained", cost=None)
    log.tell("feedback.given", shift + 9, answer="an-1", props={"value": "up", "reasons": ["clear"]})
    log.turn("4", shift + 3 * 86_400 - 60, conversation="c4")
    events, tasks, settings = MemoryEvents(), MemoryTasks(), Settings()
    tenanted = SimpleNamespace(project=SimpleNamespace(tenant="t"), metrics=settings.metrics)

    async def ready() -> None:
        await events.append(log.events)
        await close_tasks(events, tasks, tenant="t", now=now, settings=settings.metrics)

    asyncio.run(ready())

    @asynccontextmanager
    async def system(config):
        yield SimpleNamespace(events=events, tasks=tasks, settings=tenanted)

    monkeypatch.setattr(project, "system", system)
    return lambda *arguments: CliRunner().invoke(app, ["task", *arguments])


def listed(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["tasks"]


def test_tasks_are_listed_by_how_they_ended(run):
    assert {one["state"] for one in listed(run("list", "--format", "json"))} == {"failed", "confirmed"}
    (failed,) = listed(run("list", "--state", "failed", "--format", "json"))
    assert (failed["outcome"], failed["cost"], failed["unpriced"]) == ("abstained", None, 1)
    (still,) = listed(run("list", "--state", "open", "--format", "json"))
    assert (still["closed_at"], still["state"]) == (None, "open")
    assert [one["why_not"] for one in listed(run("list", "--why-not", "any", "--format", "json"))] == ["staff"]
    assert "1 of 2" in run("list", "--limit", "1").output


def test_a_task_is_shown_with_its_events_and_the_reason_for_its_state(run):
    (one,) = listed(run("list", "--state", "confirmed", "--format", "json"))

    shown = run("show", one["id"][:12])
    assert shown.exit_code == 0, shown.output
    told = json.loads(run("show", one["id"], "--format", "json").output)

    assert "confirmed: the person said so" in shown.stdout
    assert "value=up reasons=clear" in shown.stdout
    assert "tr_one" in shown.stdout
    names = [each["name"] for each in told["events"]]
    assert set(names) == {
        "task.opened",
        "question.asked",
        "answer.shown",
        "answer.displayed",
        "feedback.given",
        "task.closed",
    }
    assert (len(names), names[-1]) == (6, "task.closed")
    assert "person" not in told


def test_what_there_is_not_is_said(run):
    assert run("list", "--state", "gone").exit_code != 0
    assert run("show", "tk_0000000").exit_code != 0
    assert run("show", "tk_").exit_code != 0  # of several
    assert "no such task" in run("list", "--topic", "none").output
    said = run("list", "--state", "verified").output
    assert "no such task was closed since" in said
    assert "1 such open: add `--state open`" in said
