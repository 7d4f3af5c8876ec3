"""answerable canary run and freeze: the canary set of providers, with frozen prompts and passages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.canary import commands
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.app.drift.canary_run import CanaryResult

_FAILED = 10


def register(app: typer.Typer) -> None:
    """The noun is registered by canary.py; its commands are added when this module is imported."""


@commands.command("freeze")
def freeze(
    question: Annotated[str, typer.Argument(help="A question that everybody may ask.")],
    must: Annotated[list[str] | None, typer.Option("--must", help="Words that the reply must hold.")] = None,
    config: ConfigOption = None,
) -> None:
    """Keep a question with its prompt and passages as they are now, and what each provider replies to it.

    Example: `answerable canary freeze "How long is the warranty?" --must "two years"`
    """
    path, providers = project.run(_frozen(config, question, must or []))
    say(str(path))
    note(f"asked {providers} provider{'' if providers == 1 else 's'}; `answerable canary run` asks them again")


@commands.command("run")
def run(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Ask each provider the frozen canaries, as the job does. Exit 10 where one replies otherwise than before.

    Example: `answerable canary run`
    """
    results, said = project.run(_run(config))
    if format is Format.JSON:
        emit_json({"results": [asdict(one) for one in results], "found": said})
    else:
        _print(results)
        for one in said:
            say(one)
    if said:
        raise typer.Exit(_FAILED)


def _print(results: list[CanaryResult]) -> None:
    heads = ["canary", "provider", "passed", "distance", "reported", "was"]
    rows = [
        [
            one.case,
            one.provider,
            one.error[:60] or ("yes" if one.passed else "no"),
            "unmeasured" if one.distance is None else f"{one.distance:.3f}",
            one.reported,
            one.kept_as,
        ]
        for one in results
    ]
    table(heads, rows)
    if not results:
        note("no canary is frozen yet: `answerable canary freeze QUESTION`")


async def _frozen(config: Path | None, question: str, must: list[str]) -> tuple[Path, int]:
    from answerable.app.drift.canary_run import freeze as freezing  # keeps --help quick

    async with project.system(config) as system:
        case, path = await freezing(system, question, must=must, today=system.asker.today())
        return path, len(case.replies)


async def _run(config: Path | None) -> tuple[list[CanaryResult], list[str]]:
    from answerable.app.drift.canary_run import canary_parts, canary_run  # keeps --help quick

    async with project.system(config) as system:
        return await canary_run(canary_parts(system), now=datetime.now(UTC))
