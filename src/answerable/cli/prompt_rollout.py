"""answerable prompt rollout: give a version to a share of people, watch it, take it back, finish it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from answerable.cli import project
from answerable.cli.console import emit_json, err, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.prompt import commands as prompt_commands

if TYPE_CHECKING:
    from answerable.app.project import Project
    from answerable.app.rollouts.rolling_out import Plan, Wish
    from answerable.app.rollouts.status import Status

START = "start"
LINT, UNMEASURED = 12, 10


class _OrStart(TyperGroup):
    """`rollout answer@2.3.0 …` is `rollout start answer@2.3.0 …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is no command of the group is for the first one."""
        if args and args[0] not in (*self.commands, "--help"):
            args = [START, *args]
        return super().parse_args(ctx, args)


commands = typer.Typer(
    cls=_OrStart, help="Serve a version to a share of people, watched and taken back.", no_args_is_help=True
)
PromptArgument = Annotated[str, typer.Argument(help="answer, rewrite or decompose.")]
ReasonOption = Annotated[str, typer.Option("--why", help="For those who read the history.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of `prompt`, which are added to `app` beside these."""
    del app
    prompt_commands.add_typer(commands, name="rollout")


@commands.command(START)
def start(
    ref: Annotated[str, typer.Argument(help="PROMPT@VERSION: a file, or a version that git knows.")],
    to: Annotated[str, typer.Option("--to", help="The share of people, e.g. 10%.")],
    guard: Annotated[str, typer.Option(help="Metrics that are watched, with commas between.")] = "",
    auto_rollback: Annotated[
        bool | None,
        typer.Option("--auto-rollback/--no-auto-rollback", help="Whether the guards take it back by themselves."),
    ] = None,
    stable: Annotated[
        str, typer.Option(help="The version that it is held against; else what is served now.")
    ] = "",
    why: ReasonOption = "",
    anew: Annotated[bool, typer.Option("--anew", help="Begin again: other persons, no evidence.")] = False,
    despite_lint: Annotated[str, typer.Option(help="Why it may be served with what lint finds.")] = "",
    despite_unmeasured: Annotated[str, typer.Option(help="Why it may be served without a green evaluation.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Write rollouts.toml: this version for that share of people, from the next deploy of the file on.

    Exit 12 where lint finds an error, 10 where no green evaluation of the text is known.

    Examples: `answerable prompt rollout answer@2.3.0 --to 10% --guard task_completion,harmful --auto-rollback` ·
    `answerable prompt rollout answer@2.3.0 --to 50%`
    """
    from answerable.adapters.history import author  # these keep --help quick
    from answerable.app.rollouts.rolling_out import Wish
    from answerable.prompts.rollout import read_share

    here = project.project(config)
    wish = Wish(
        ref=ref,
        share=read_share(to),
        guards=tuple(one.strip() for one in guard.split(",") if one.strip()) if guard else None,
        auto_rollback=auto_rollback,
        stable=stable,
        by=author(here.base),
        why="; ".join(one for one in (why, despite_lint, despite_unmeasured) if one),
        anew=anew,
    )
    project.run(
        _start(here, wish, despite_lint=despite_lint, despite_unmeasured=despite_unmeasured, format=format)
    )


async def _start(
    here: Project,
    wish: Wish,
    *,
    despite_lint: str,
    despite_unmeasured: str,
    format: Format,  # noqa: A002
) -> None:
    from answerable.app.rollouts.opening import open_rollouts
    from answerable.app.rollouts.rolling_out import plan, write

    async with open_rollouts(here, told=note) as (rollouts, _):
        planned = plan(here, wish, now=datetime.now(UTC), back=rollouts.standing.back)
    if planned.was is None:
        _check_lint(here, planned, despite_lint)
        await _check_measured(here, planned, despite_unmeasured)
    written = [str(path.relative_to(here.base)) for path in write(here, planned)]
    _show_planned(planned, written, format)


def _check_lint(here: Project, planned: Plan, despite: str) -> None:
    from answerable.app.rollouts.measured import lint_errors

    found = lint_errors(here, planned.candidate)
    for one in found:
        err.print(f"{one.place}: {one.what}. {one.fix}", markup=False)
    if found and not despite:
        note(f"lint finds {len(found)} errors in {planned.candidate.ref}; nothing was written")
        note('put them right, or give a reason: --despite-lint "…"')
        raise typer.Exit(LINT)


async def _check_measured(here: Project, planned: Plan, despite: str) -> None:
    if despite:
        return
    from answerable.app import open_system
    from answerable.app.rollouts.measured import measured

    async with open_system(here) as system:
        found = await measured(system, planned.candidate)
    if not found.green:
        note(f"{found.said}; nothing was written")
        note("evaluate it (`answerable eval gate` with that text as prompts/PROMPT.md), or give a reason:")
        note('--despite-unmeasured "…"')
        raise typer.Exit(UNMEASURED)
    note(found.said)


def _show_planned(planned: Plan, written: list[str], format: Format) -> None:  # noqa: A002
    from answerable.prompts.rollout import FILE, say_share

    rollout = planned.rollout
    if format is Format.JSON:
        row = {"prompt": rollout.prompt, "rollout": rollout.id, "candidate": rollout.ref}
        emit_json(row | {"stable": rollout.stable_ref, "share": rollout.share, "files": written})
        return
    before = f" (before: {say_share(planned.was.share)})" if planned.was else ""
    say(f"{rollout.ref} serves {say_share(rollout.share)} of people{before}, {rollout.stable_ref} the others")
    watched = ", ".join(rollout.guards) or "nothing"
    say(f"watched: {watched}; {'rolled back by itself' if rollout.auto_rollback else 'rolled back by a person'}")
    say(f"written: {', '.join(written)}")
    say(f"next: commit and deploy; processes that see {FILE} follow within seconds")


@commands.command("status")
def status(
    prompt: Annotated[str, typer.Argument(help="One prompt; all when left out.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Each rollout: shares, what the guards see of both versions with their intervals, and what comes next.

    Example: `answerable prompt rollout status answer`
    """
    project.run(_status(project.project(config), prompt, format))


async def _status(here: Project, prompt: str, format: Format) -> None:  # noqa: A002
    from answerable.prompts.rollout import FILE

    if not (here.base / FILE).exists():  # no database need be started to say so
        if format is Format.JSON:
            emit_json([])
        else:
            say(f"no rollout is under way: there is no {FILE}")
        return
    from answerable.app.rollouts.opening import open_rollouts
    from answerable.app.rollouts.status import status_row, statuses

    async with open_rollouts(here, told=note) as (rollouts, database):
        found = await statuses(rollouts, database, prompt=prompt)
        faults = rollouts.standing.faults
    for fault in faults.values():
        note(fault)
    if format is Format.JSON:
        emit_json([status_row(one) for one in found])
        return
    if not found:
        say("no rollout is under way")
    for one in found:
        _show(one)


def _show(one: Status) -> None:
    from answerable.app.rollouts.guards import side
    from answerable.prompts.rollout import say_share

    rollout, back, report = one.served.rollout, one.back, one.report
    if back is not None:
        say(f"{rollout.ref}  rolled back {back.at:%Y-%m-%d %H:%M} by {back.by or 'somebody'}: {back.reason}")
        say(f"everybody has {rollout.stable_ref}")
    else:
        auto = "automatic rollback" if rollout.auto_rollback else "no automatic rollback"
        say(f"{rollout.ref}  {say_share(rollout.share)} of people, {rollout.stable_ref} the others; {auto}")
    say(f"begun {rollout.started:%Y-%m-%d %H:%M}, {one.days:.1f} days ago, by {rollout.by or 'somebody'}")
    if report is not None:
        say(f"answers: {report.answers[1]} of {report.persons[1]} persons with the candidate, "
            f"{report.answers[0]} of {report.persons[0]} with the stable version")  # fmt: skip
        columns = ("guard", "candidate", "stable", "interval", "evidence", "verdict")
        table(columns, [_guard(each, side) for each in report.guards])
        if report.unbalanced:
            note("the versions do not have the shares that they should: assignment or traces are broken")
    elif rollout.guards:
        say("the guards cannot be asked now")
    say(f"next: {one.next}")


def _guard(one: Any, side: Any) -> tuple[str, ...]:
    """Badness: more is worse."""
    interval = f"at most {100 * one.at_most:.2f} %" if one.at_most is not None else "-"
    if one.interval is not None:
        interval = f"{100 * one.interval.low:+.1f} to {100 * one.interval.high:+.1f} points"
    return (
        one.metric,
        side(one.candidate.rate, one.candidate.persons),
        side(one.stable.rate, one.stable.persons),
        interval,
        f"{one.highest:.3g} of {one.needed:.3g}",
        str(one.word),
    )


@commands.command("back")
def back(
    prompt: PromptArgument,
    why: ReasonOption = "taken back by hand",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Take a rollout back now, in all running processes, without a deploy; and put a commit on a branch.

    Example: `answerable prompt rollout back answer --why "wrong fees since noon"`
    """
    project.run(_back(project.project(config), prompt, why, format))


async def _back(here: Project, prompt: str, why: str, format: Format) -> None:  # noqa: A002
    from answerable.adapters.history import author
    from answerable.app.rollouts.opening import open_rollouts
    from answerable.app.rollouts.rollback_commit import RollbackCommits

    async with open_rollouts(here, told=note) as (rollouts, _):
        done = await rollouts.back(prompt, by=author(here.base), reason=why)
        served = rollouts.standing.served[prompt]
    where = await RollbackCommits(project=here).suggest(served, done)
    if format is Format.JSON:
        row = {"prompt": prompt, "rollout": served.rollout.id, "to": served.rollout.stable_ref}
        emit_json(row | {"at": done.at.isoformat(), "by": done.by, "reason": done.reason, "commit": where})
        return
    say(f"{served.rollout.ref} is rolled back: everybody has {served.rollout.stable_ref} within seconds")
    say(f"next: {where}")


@commands.command("finish")
def finish(
    prompt: PromptArgument,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """End a rollout: what everybody has becomes prompts/PROMPT.md, and the other files go.

    Example: `answerable prompt rollout finish answer`
    """
    project.run(_finish(project.project(config), prompt, format))


async def _finish(here: Project, prompt: str, format: Format) -> None:  # noqa: A002
    from answerable.app.rollouts.opening import open_rollouts
    from answerable.app.rollouts.rolling_out import finish as end

    async with open_rollouts(here, told=note) as (rollouts, _):
        done = end(here, prompt, back=rollouts.standing.back)
    written = [str(path.relative_to(here.base)) for path in done.written]
    removed = [str(path.relative_to(here.base)) for path in done.removed]
    if format is Format.JSON:
        emit_json({"prompt": done.prompt.ref, "written": written, "removed": removed})
        return
    say(f"{done.prompt.ref} serves everybody")
    say(f"written: {', '.join(written)}" + (f"; removed: {', '.join(removed)}" if removed else ""))
    say("next: commit and deploy")
