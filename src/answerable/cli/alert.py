"""answerable alert: what is wrong now, what it likely comes from, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.config.values import parse_duration
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app import System
    from answerable.app.alerts.desk import RuleRow
    from answerable.core.alert import Alert, Notice

commands = typer.Typer(help="What is wrong now, what it likely comes from, and who is told.", no_args_is_help=True)
OPERATOR = "operator"
By = Annotated[str, typer.Option("--by", help="Who says so; it stands in the audit log.")]
Reference = Annotated[str, typer.Argument(help="The id (al_…), or a unique beginning of it.")]
_ENOUGH = 30  # below it counts are shown, no percentage


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="alert")


@commands.command("list")
def list_them(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What is wrong now, newest first.

    Example: `answerable alert list`
    """
    found, rows, stale = project.run(_list(config, every))
    if format is Format.JSON:
        emit_json({"alerts": rows, "stale": stale})
        return
    if stale:
        note("nobody has looked for ten minutes: is a worker running? `answerable alert check` looks once")
    if not found:
        note("no alert stands")
        return
    columns = ["id", "severity", "rule", "about", "since", "what", "state"]
    table(columns, [_line(one) for one in found])


@commands.command("show")
def show(reference: Reference, config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """One alert: the figures, what it likely comes from, and the page that says what to do.

    Example: `answerable alert show al_4f2`
    """
    one, row = project.run(_show(config, reference))
    if format is Format.JSON:
        emit_json(row)
        return
    for name in ("id", "title", "severity", "owner", "key", "began", "opened", "resolved", "acked"):
        if row[name]:
            say(f"{name:<9} {row[name]}")
    say(f"{'what':<9} {_what(one)}")
    say(f"{'likely':<9} {row['likely'] or 'nothing is known of the cause'}")
    for name, value in sorted(row["facts"].items()):
        if value not in (None, "", [], ()):
            say(f"  {name:<7} {', '.join(map(str, value)) if isinstance(value, list) else value}")
    say(f"{'do':<9} {row['runbook']}")


@commands.command("rules")
def rules(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every rule: what is usual, what is still well, and whether anything is known of it.

    Example: `answerable alert rules`
    """
    found = project.run(_rules(config))
    if format is Format.JSON:
        emit_json([_rule_row(one) for one in found])
        return
    columns = ["rule", "severity", "owner", "state", "usual", "well up to", "n", "what"]
    table(columns, [_rule_line(one) for one in found])


@commands.command("check")
def check(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Look at everything once and send what is due, as the job does every minute.

    Example: `answerable alert check`
    """
    told = project.run(_check(config))
    if format is Format.JSON:
        emit_json(told)
    else:
        say(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in told.items()) or "alerts are off")


@commands.command("ack")
def ack(reference: Reference, by: By = OPERATOR, config: ConfigOption = None) -> None:
    """Say that you look after it: it is not told again.

    Example: `answerable alert ack al_4f2 --by ann`
    """
    one = project.run(_ack(config, reference, by))
    note(f"{one.id} ({one.rule}) is looked after since {one.acked_at:%Y-%m-%d %H:%M} UTC")


@commands.command("silence")
def silence(
    rule: Annotated[str, typer.Argument(help="A rule, as `answerable alert rules` names it.")],
    duration: Annotated[str, typer.Option("--for", help="How long: 30m, 4h, 7d; 30 days at the most.")] = "4h",
    key: Annotated[str, typer.Option("--key", help="Only for this document, job …")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, for colleagues.")] = "",
    end: Annotated[bool, typer.Option("--end", help="End the silence.")] = False,
    by: By = OPERATOR,
    config: ConfigOption = None,
) -> None:
    """Send no messages of a rule for a while. It is looked at all the same.

    Example: `answerable alert silence latency --for 2h --reason "load test"`
    """
    note(project.run(_silence(config, (rule, key), "" if end else duration, reason, by)))


@commands.command("test")
def test(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Send a message through every channel, and say whether it got there.

    Example: `answerable alert test`
    """
    found = project.run(_test(config))
    if format is Format.JSON:
        emit_json([_notice_row(one) for one in found])
    elif not found:
        note("no channel is configured: [alerts.webhook.NAME] or [alerts.email]")
    for one in found if format is Format.PRETTY else ():
        say(f"{one.channel:<20} {'received' if one.sent_at else one.error}")
    if any(one.sent_at is None for one in found):
        raise typer.Exit(4)


@commands.command("messages")
def messages(
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=1000)] = 20,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What was sent, what waits, and what was given up.

    Example: `answerable alert messages`
    """
    found = project.run(_messages(config, limit))
    if format is Format.JSON:
        emit_json([_notice_row(one) for one in found])
        return
    rows = [[f"{one.created_at:%m-%d %H:%M}", one.channel, one.name, str(one.tries), _fate(one)] for one in found]
    table(["at", "channel", "message", "tries", "state"], rows)


async def _list(config: Path | None, every: bool) -> tuple[list[Alert], list[dict[str, Any]], bool]:
    async with project.system(config) as system:
        desk, tenant = system.alerts, _tenant(system)
        found = await desk.listed(tenant=tenant, every=every)
        return found, [desk.row(one) for one in found], await desk.stale(tenant=tenant, now=_now())


async def _show(config: Path | None, reference: str) -> tuple[Alert, dict[str, Any]]:
    async with project.system(config) as system:
        one = await system.alerts.get(reference, tenant=_tenant(system))
        return one, system.alerts.row(one)


async def _rules(config: Path | None) -> list[RuleRow]:
    async with project.system(config) as system:
        return await system.alerts.rule_rows(tenant=_tenant(system))


async def _check(config: Path | None) -> dict[str, int]:
    from answerable.app.alerts.job import alerts_job

    async with project.system(config) as system:
        return dict(await alerts_job(system, now=_now()))


async def _ack(config: Path | None, reference: str, by: str) -> Alert:
    async with project.system(config) as system:
        return await system.alerts.ack(reference, tenant=_tenant(system), by=by, now=_now())


async def _silence(config: Path | None, about: tuple[str, str], duration: str, reason: str, by: str) -> str:
    rule, key = about
    async with project.system(config) as system:
        desk, tenant, now = system.alerts, _tenant(system), _now()
        if not duration:
            ended = await desk.unsilence(rule, tenant=tenant, by=by, now=now)
            return f"{rule}: {ended} silences ended" if ended else f"{rule} was not silent"
        try:
            seconds = parse_duration(duration)
        except ValueError as error:
            raise ConfigError(f"--for {duration!r} is no duration", hint="30m, 4h or 7d") from error
        one = await desk.silence(rule, tenant=tenant, seconds=seconds, by=by, now=now, key=key, reason=reason)
        return f"{rule} is silent until {one.until:%Y-%m-%d %H:%M} UTC; it is looked at all the same"


async def _test(config: Path | None) -> list[Notice]:
    from answerable.app.alerts.job import send_test

    async with project.system(config) as system:
        return (await send_test(system, now=_now()))[1]


async def _messages(config: Path | None, limit: int) -> list[Notice]:
    async with project.system(config) as system:
        return await system.alerts.notices(tenant=_tenant(system), limit=limit)


def _tenant(system: System) -> str:
    return system.settings.project.tenant


def _now() -> datetime:
    return datetime.now(UTC)


def _line(one: Alert) -> list[str]:
    state = "over" if not one.stands else "looked after" if one.acked_at else "stands"
    since = f"{one.began_at or one.opened_at:%Y-%m-%d %H:%M}"
    return [one.id[:11], one.severity.value, one.rule, one.key[:30], since, _what(one), state]


def _what(one: Alert) -> str:
    """k of n below 30, else a share beside the usual one."""
    if one.value is None:
        return f"{one.n} times" if one.n > 1 else "once"
    if not one.n:
        return f"{one.value:.4g}" + ("" if one.usual is None else f", well up to {one.usual:.4g}")
    usual = "not known" if one.usual is None else f"{100 * one.usual:.1f} %"
    share = "" if one.n < _ENOUGH else f" ({100 * one.value:.0f} %)"
    return f"{one.bad} of {one.n}{share}, usual: {usual}"


def _rule_row(one: RuleRow) -> dict[str, Any]:
    rule = one.rule
    return {
        "rule": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "owner": rule.owner,
        "state": one.state,
        "usual": one.usual,
        "most": one.most,
        "n": one.n,
        "unit": rule.unit,
        "looks": rule.looks.value,
        "runbook": rule.runbook,
    }


def _rule_line(one: RuleRow) -> list[str]:
    usual = "-" if one.usual is None else f"{one.usual:.3g}"
    most = "-" if one.most is None else f"{one.most:.3g}"
    return [
        one.rule.id,
        one.rule.severity.value,
        one.rule.owner,
        one.state,
        usual,
        most,
        str(one.n),
        one.rule.title,
    ]


def _notice_row(one: Notice) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "name": one.name,
        "created": one.created_at.isoformat(),
        "tries": one.tries,
        "sent": one.sent_at.isoformat() if one.sent_at else None,
        "given_up": one.given_up_at.isoformat() if one.given_up_at else None,
        "error": one.error,
    }


def _fate(one: Notice) -> str:
    if one.sent_at:
        return "received"
    return f"given up: {one.error}" if one.given_up_at else f"waits: {one.error}" if one.error else "waits"
