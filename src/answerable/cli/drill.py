"""answerable drill: whether this project fails as documented when a part of it does."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, out, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import write_file
from answerable.testing.faults import CELLS, Component, Fault

if TYPE_CHECKING:
    from answerable.app.drilling import Drill, Drilled, Wanted

commands = typer.Typer(help="Let a part fail, and see what a person gets.", no_args_is_help=True)

FAILED = 10
_MARK = {True: "ok  ", False: "FAIL"}
_STYLE = {True: "green", False: "red"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="drill")


@commands.command("list")
def list_cells(format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """The fault matrix: what a person gets for each fault of each component, and why."""
    if format is Format.JSON:
        emit_json([asdict(one) | {"id": one.id} for one in CELLS])
        return
    rows = [(one.id, one.gets, ", ".join(one.degraded) or "–", one.fails) for one in CELLS]
    table(("cell", "what a person gets", "degraded", "fails"), rows)


@commands.command("run")
def run(
    component: Annotated[list[Component] | None, typer.Option(help="Only this one. Repeatable.")] = None,
    fault: Annotated[list[Fault] | None, typer.Option(help="Only this one. Repeatable.")] = None,
    question: Annotated[str, typer.Option(help="Ask this instead of a case of the project.")] = "",
    deadline: Annotated[
        float | None, typer.Option(min=0.5, max=60.0, help="Seconds for each, instead of answer.deadline.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the configured models and rerankers: this costs money.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the matrix as a page, too.")] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Ask one question once for each fault, and compare what comes out with the documented fault matrix.

    Faults are made around the ports of this process: no server is stopped, and nothing is written but one event.
    Exit 0 when all is as documented, 10 when it is not.
    """
    from answerable.app.drilling import Wanted, drill_record  # keeps --help quick

    wanted = Wanted(
        components=tuple(component or ()),
        faults=tuple(fault or ()),
        question=question,
        live=live,
        deadline_s=deadline,
    )
    done = project.run(_drill(config, wanted, format))
    if html is not None:
        _write(done, html, config)
    if format is Format.JSON:
        emit_json(drill_record(done))
    else:
        _print(done)
    raise typer.Exit(FAILED if done.failed else 0)


async def _drill(config: Path | None, wanted: Wanted, format: Format) -> Drill:  # noqa: A002
    from answerable.app.drilling import drill

    total, count = len(wanted.cells), 0

    def tell(one: Drilled) -> None:
        nonlocal count
        count += 1
        if format is Format.JSON:
            note(f"{count} of {total}: {one.cell.id}")
        else:
            _line(one)

    async with project.system(config) as system:
        note(f"{total} cells, at most {wanted.deadline_s or system.settings.answer.deadline:g} s each")
        logging.disable(logging.CRITICAL)  # the faults are ours: what the log says of them is no news
        try:
            return await drill(system, wanted, tell)
        finally:
            logging.disable(logging.NOTSET)


def _line(one: Drilled) -> None:
    out.print(_MARK[one.passed], style=_STYLE[one.passed], end=" ")
    words = ", ".join(one.degraded)
    say(f"{one.cell.id:<18} {one.seconds:5.2f} s  {one.cell.gets}" + (f"  [{words}]" if words else ""))
    for what in one.differs:
        say(f"     {'':<18} → {what}")


def _print(done: Drill) -> None:
    passed = len(done.cells) - len(done.failed)
    say(f"\n{passed} of {len(done.cells)} cells as documented, {done.seconds:.1f} s; asked: {done.question}")
    for one in done.notes:
        note(one)


def _write(done: Drill, path: Path, config: Path | None) -> None:
    from answerable.app.drill_page import to_html

    name = project.project(config).settings.project.name
    write_file(path, to_html(done, project=name, day=date.today()))
    note(f"wrote {path}")
