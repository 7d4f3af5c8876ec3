"""What the commands of the lab share: their options, the run with its progress, and what is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from answerable.cli import project
from answerable.cli.cases import show_path
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import Format
from answerable.lab.text import COLUMNS, headline, rows

if TYPE_CHECKING:
    from answerable.app.lab import Choose, Done
    from answerable.app.lab_pairs import TooFew

INCONCLUSIVE = 11
Origin = Literal["all", "pairs", "cases", "reviewed"]
SourceArgument = Annotated[str, typer.Argument(help="The source whose documents and questions are used.")]
SourceOrNothing = Annotated[str, typer.Argument(help="The source; not needed with --train or --adapt.")]
BudgetOption = Annotated[
    int, typer.Option(min=100, max=100_000, help="Context tokens that every setting may use.")
]
FromOption = Annotated[
    Origin,
    typer.Option("--from", help="Questions: pairs.jsonl and cases (all), one of them, or reviewed answers."),
]
NoEarlyOption = Annotated[
    bool, typer.Option("--no-early", help="Ask every setting everything; none leaves early.")
]
SeedOption = Annotated[int, typer.Option(help="Of the order in which questions are asked.")]
ApplyOption = Annotated[
    bool, typer.Option("--apply", help="Put the advice in place: build a second index, switch, edit the file.")
]
OutOption = Annotated[Path | None, typer.Option(help="The page; a .json of the same name goes beside it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One experiment as the command line asks for it."""

    kind: str
    source: str
    choose: Choose
    budget: int
    questions: Origin
    early: bool
    seed: int
    apply: bool
    out: Path | None
    config: Path | None
    format: Format
    notes: tuple[str, ...] = ()
    print_more: Callable[[dict[str, Any]], None] = lambda _: None


def required(source: str) -> None:
    """Refuse a comparison without a source."""
    if not source:
        raise typer.BadParameter("name the source whose documents and questions are used", param_hint="SOURCE")


def run_experiment(wanted: Wanted) -> None:
    """Run, print, write the page; with --apply put the advice in place. Exit 11 with too few questions."""
    done = project.run(_run(wanted))
    from answerable.app.lab import Done, write_report  # keeps --help quick

    if not isinstance(done, Done):
        note(done.text)
        raise typer.Exit(INCONCLUSIVE)
    page, data = write_report(project.project(wanted.config), done.result, wanted.out)
    if wanted.format is Format.JSON:
        emit_json(done.result)
    else:
        _print(done.result)
        wanted.print_more(done.result)
        say(f"page     {show_path(page)}")
        say(f"result   {show_path(data)}")
    if wanted.apply:
        _apply(wanted, done)


async def _run(wanted: Wanted) -> Done | TooFew:
    from answerable.app.lab import Plan, experiment  # brings everything, which `--help` need not wait for

    plan = Plan(
        kind=wanted.kind,
        source=wanted.source,
        choose=wanted.choose,
        budget=wanted.budget,
        origin=wanted.questions,
        early=wanted.early,
        seed=wanted.seed,
        notes=wanted.notes,
    )
    async with project.system(wanted.config) as system:
        return await experiment(system, plan, say=note)


def _print(result: dict[str, Any]) -> None:
    say(headline(result))
    table(COLUMNS, rows(result), right=[one for one in COLUMNS if one not in ("setting", "verdict")])
    say(result["verdict"])
    for line in result["config_diff"]:
        say(f"  {line}")
    if result["left_out_count"]:
        note(f"{result['left_out_count']} questions left out, such as {result['left_out'][0]}")
    for line in result["notes"]:
        note(line)


def _apply(wanted: Wanted, done: Done) -> None:
    if not done.edits:
        note("nothing to apply: the present setting stays")
        return
    from answerable.cli.index_building import build_and_switch  # keeps --help quick

    build_and_switch(wanted.config, done.edits, note_of=f"lab {wanted.kind} {wanted.source}")
