"""answerable eval: runs over the cases, and what they came to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.core.evaluation import Run

commands = typer.Typer(help="Runs over the cases: better, worse, same, or can't tell.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="eval")


@commands.command("list")
def list_runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many, newest first.")] = 20,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The latest runs. Each can be named by its id, label, branch, commit, or `latest`."""
    found = project.run(_list(config, limit))
    if format is Format.JSON:
        from answerable.core.rows import run_record  # keeps --help quick

        emit_json([run_record(one) for one in found])
        return
    if not found:
        note("no runs yet; `answerable eval run` makes one")
        return
    table(
        ["run", "started", "state", "cases", "repeats", "target", "commit", "branch", "label"],
        [
            [
                one.id,
                str(one.started_at)[:19],
                "finished" if one.finished_at else "unfinished",
                len(one.cases),
                one.repeats,
                one.target,
                one.commit[:7] + ("+" if one.commit.endswith("+") else ""),
                one.branch,
                one.label,
            ]
            for one in found
        ],
        right=["cases", "repeats"],
    )


async def _list(config: Path | None, limit: int) -> list[Run]:
    async with project.system(config) as system:
        return await system.runs.runs(tenant=system.settings.project.tenant, limit=limit)
