"""answerable task: the raw items behind the product's metrics, one task at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.since import since_of

if TYPE_CHECKING:
    from answerable.app.task_story import Story, Wanted
    from answerable.core.event import Event
    from answerable.core.task import Task

commands = typer.Typer(
    help="What people wanted, one task at a time: the items behind the metrics.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="task")


@commands.command("list")
def list_tasks(
    state: Annotated[
        str,
        typer.Option("--state", help="open, escalated, reopened, failed, confirmed, verified, assumed, unknown."),
    ] = "",
    since: Annotated[str, typer.Option("--since", help="Closed since then: 28d, 24h or a day.")] = "28d",
    why_not: Annotated[
        str, typer.Option("--why-not", help="Instead, those that do not count: staff, bot, greeting, … or any.")
    ] = "",
    topic: Annotated[str, typer.Option("--topic", help="Only of this topic.")] = "",
    version: Annotated[str, typer.Option("--prompt-version", help="Only answered with this version.")] = "",
    language: Annotated[str, typer.Option("--language", help="Only in this language.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many, newest first.")] = 50,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Tasks and how they ended, newest first.

    Example: `answerable task list --state failed --since 7d`
    """
    from answerable.app.task_story import Wanted  # half a second that `--help` need not wait for

    now = datetime.now(UTC)
    wanted = Wanted(
        since=since_of(since, now),
        until=now,
        state=state,
        why_not=why_not,
        topic=topic,
        prompt_version=version,
        language=language,
        limit=limit,
    )
    found, count, standing = project.run(_list(config, wanted))
    if format is Format.JSON:
        emit_json({"count": count, "tasks": [record(one) for one in found]})
        return
    if not found:
        _say_none(wanted, standing)
        return
    columns = ["task", "last turn", "state", "p", "turns", "outcome", "topic", "language", "why not"]
    table(columns, [_line(one) for one in found], right=["p", "turns"])
    if count > len(found):
        note(f"{len(found)} of {count}; --limit {count} shows all")


@commands.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="The id (tk_…), or a unique beginning of it.")],
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """One task: its turns' events, and why it is in its state. Nobody's words are in it; traces have them.

    Example: `answerable task show tk_4f2`
    """
    story = project.run(_show(config, reference))
    if format is Format.JSON:
        emit_json({**record(story.task), "why": story.why, "events": [_event(one) for one in story.events]})
    else:
        _tell(story)


async def _list(config: Path | None, wanted: Wanted) -> tuple[list[Task], int, int]:
    """What is wanted, how many there are, and how many such are open where there is none."""
    from answerable.app.task_story import tasks_wanted

    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        found, count = await tasks_wanted(system.tasks, tenant=tenant, wanted=wanted)
        going = replace(wanted, state="open")
        standing = 0 if found else (await tasks_wanted(system.tasks, tenant=tenant, wanted=going))[1]
        return found, count, standing


def _say_none(wanted: Wanted, standing: int) -> None:
    if wanted.state == "open" or not standing:
        note("no such task; the job `tasks` makes them of what was asked: `answerable job run tasks`")
        return
    note(f"no such task was closed since {wanted.since:%Y-%m-%d %H:%M} UTC")
    note(f"{standing} such open: add `--state open`; when a task closes: docs/monitoring/tasks.md")


async def _show(config: Path | None, reference: str) -> Story:
    from answerable.app.task_story import story_of

    async with project.system(config) as system:
        tenant, now = system.settings.project.tenant, datetime.now(UTC)
        return await story_of(system.events, system.tasks, tenant=tenant, reference=reference, now=now)


def record(task: Task) -> dict[str, Any]:
    """A task for a machine; without its person, who is a key and nobody's business."""
    return {
        "id": task.id,
        "state": "open" if task.closed_at is None else task.state.value,
        "p_complete": None if task.p_complete is None else round(task.p_complete, 4),
        "opened_at": task.opened_at.isoformat(),
        "last_at": task.last_at.isoformat(),
        "closed_at": task.closed_at.isoformat() if task.closed_at else None,
        "turns": task.turns,
        "outcome": task.outcome,
        "escalation": task.escalation,
        "why_not": task.why_not,
        "reopens": task.reopens,
        "reopened_at": task.reopened_at.isoformat() if task.reopened_at else None,
        "known_person": task.person is not None,
        "topic": task.topic,
        "language": task.language,
        "channel": task.channel,
        "prompt": f"{task.prompt_id}@{task.prompt_version}" if task.prompt_id else "",
        "model": task.model,
        "rollout": task.rollout,
        "follow_ups": dict(task.follow_ups),
        "votes": dict(task.votes),
        "cost": None if task.cost is None else str(task.cost),
        "currency": task.currency,
        "unpriced": task.unpriced,
        "answers": list(task.answers),
    }


def _line(task: Task) -> list[Any]:
    return [
        task.id[:15],
        task.last_at.strftime("%Y-%m-%d %H:%M"),
        "open" if task.closed_at is None else task.state.value,
        "" if task.p_complete is None else f"{task.p_complete:.2f}",
        task.turns,
        task.outcome,
        task.topic,
        task.language,
        task.why_not,
    ]


def _tell(story: Story) -> None:
    task = story.task
    say(f"{task.id}  {'open' if task.closed_at is None else task.state.value}: {story.why}")
    chance = "unmeasured" if task.p_complete is None else f"{task.p_complete:.2f}"
    say(f"  estimated chance of completion {chance}; {task.turns} turns, last outcome {task.outcome or 'unknown'}")
    if task.why_not:
        say(f"  does not count: {task.why_not}")
    if task.escalation:
        say(f"  escalated: {task.escalation}")
    if task.reopens:
        say(f"  brings back {task.reopens}")
    if task.reopened_at:
        say(f"  its need came back at {task.reopened_at:%Y-%m-%d %H:%M}")
    cost = "unknown" if task.cost is None else f"{task.cost} {task.currency}"
    say(f"  cost {cost}" + (f", {task.unpriced} answers without a price" if task.unpriced else ""))
    rows = [
        [one.at.strftime("%m-%d %H:%M:%S"), one.name, _facts(one), one.answer, one.trace] for one in story.events
    ]
    if rows:
        table(["at", "event", "facts", "answer", "trace"], rows)
    else:
        note("its events are no longer kept")


def _facts(event: Event) -> str:
    facts = {"outcome": event.outcome if event.name.startswith("answer.") else "", **event.props}
    short = {
        name: value
        for name, value in facts.items()
        if name not in ("need", "documents") and value not in ("", None)
    }
    return " ".join(f"{name}={_short(value)}" for name, value in short.items())


def _short(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "name": event.name,
        "answer": event.answer,
        "trace": event.trace,
        "outcome": event.outcome,
        "props": dict(event.props),
    }
