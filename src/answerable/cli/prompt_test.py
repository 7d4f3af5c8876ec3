"""answerable prompt test: what each prompt does in the situations that prompts fail in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, out, say, table, write
from answerable.cli.options import ConfigOption
from answerable.cli.prompt import commands
from answerable.cli.writing import write_file
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.behavior.run import Tested, Wanted
    from answerable.app.project import Project
    from answerable.evals.behavior.results import Results

GATE_FAILED = 10
_RAW = 160  # characters of a reply in the terminal


class Stand(StrEnum):
    """What stands in for a model."""

    CAREFUL = "careful"
    CARELESS = "careless"
    OBEDIENT = "obedient"


class Written(StrEnum):
    """How the matrix is written."""

    PRETTY = "pretty"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the command to those of `prompt`, which are added to `app` beside it."""
    del app
    commands.command("test")(test)


def test(
    names: Annotated[
        list[str] | None, typer.Argument(help="answer, or answer@2.3.0; two versions are compared; none: all.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", help="A provider by its name in [provider.NAME]. Repeatable.")
    ] = None,
    scripted: Annotated[
        Stand | None, typer.Option("--scripted", help="Ask no model: see the test itself work.")
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, max=50, help="Ask k times; the majority counts.")] = 1,
    filter: Annotated[str, typer.Option("--filter", help="A category, or a part of a case's id.")] = "",  # noqa: A002
    twins: Annotated[bool, typer.Option("--twins/--no-twins", help="Ask each case in other forms, too.")] = True,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", min=1, max=64, help="At once; [eval] concurrency when not given."),
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, help="Stop there; [eval] max_cost when not given.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Keep the results in .answerable/prompt-tests.")
    ] = True,
    config: ConfigOption = None,
    format: Annotated[  # noqa: A002
        Written, typer.Option("--format", help="pretty, json, markdown, or html with every reply.")
    ] = Written.PRETTY,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write there; the terminal keeps the short form.")
    ] = None,
) -> None:
    """What a prompt does with empty and irrelevant sources, attacks, contradictions, conditions, typos and more.

    Each case is asked in other forms, too (sources shuffled, one added, the question rephrased), and the verdict
    must stay the same. Exit 0, or 10 where a case fails or a twin disagrees.

    Examples: `answerable prompt test answer` · `answerable prompt test answer@2.3.0 answer@2.2.0`
    """
    from answerable.app.behavior.behaving import How  # keeps --help quick
    from answerable.app.behavior.run import Wanted

    if scripted and model:
        raise ConfigError("--scripted asks no model", hint="leave --model or --scripted out")
    one = project.project(config)
    settings = one.settings.eval
    how = How(
        repeats=repeat,
        concurrency=concurrency or settings.concurrency,
        twins=twins,
        most=Decimal(str(settings.max_cost if max_cost is None else max_cost)),
        scripted=scripted.value if scripted else "",
    )
    wanted = Wanted(names=tuple(names or ()), models=tuple(model or ()), filter=filter, how=how)
    tested = project.run(_tested(one, wanted, save=save and not filter))
    _write(tested, format, output)
    if not all(results.ok for results in tested.results):
        raise typer.Exit(GATE_FAILED)


async def _tested(one: Project, wanted: Wanted, *, save: bool) -> Tested:
    from answerable.app.behavior.results import keep
    from answerable.app.behavior.run import run_cases

    tested = await run_cases(one, wanted, note)
    if save:
        for results in tested.results:
            keep(one, results)
    return tested


def _write(tested: Tested, format: Written, output: Path | None) -> None:  # noqa: A002
    if format is Written.PRETTY:
        _show(tested)
    elif output is None and format is Written.JSON:
        emit_json(_json(tested))
    elif output is None:
        write(_text(tested, format))
    if output is not None:
        write_file(output, _text(tested, format))
        note(f"wrote {output}")
        if format is not Written.PRETTY:
            _show(tested)


def _text(tested: Tested, format: Written) -> str:  # noqa: A002
    from answerable.evals.behavior.markdown import to_markdown
    from answerable.evals.behavior.page import to_page

    if format is Written.JSON:
        import json

        return json.dumps(_json(tested), ensure_ascii=False, indent=2) + "\n"
    if format is Written.HTML:
        return to_page(tested.groups, tested.comparisons)
    return to_markdown(tested.groups, tested.comparisons)


def _json(tested: Tested) -> dict[str, object]:
    from answerable.evals.behavior.results import as_json

    return {
        "results": [as_json(one) for one in tested.results],
        "comparisons": [one.sentence for one in tested.comparisons],
        "skipped": list(tested.skipped),
    }


def _show(tested: Tested) -> None:
    from answerable.evals.behavior.wording import head_of

    for group in tested.groups:
        _show_matrix(group)
        for results in group:
            if len(group) > 1 and not results.ok:
                say(f"{head_of(results, group)}:")
            _show_failures(results)
        say("")
    for comparison in tested.comparisons:
        say(comparison.sentence)
    for sentence in tested.skipped:
        note(sentence)


def _show_matrix(group: Sequence[Results]) -> None:
    from answerable.evals.behavior import wording

    for results in group:
        say(f"{wording.title(results)}  ({wording.model_of(results)}; {wording.footer(results)})")
    heads = [wording.head_of(one, group) for one in group]
    columns = ["category"]
    for head in heads:
        columns += [head if len(heads) > 1 else "passed", "twins agree", "shown safe"]
    told = (wording.passed_of, wording.twins_of, wording.shown_of)
    rows = [[category, *(of(cell) for cell in cells for of in told)] for category, cells in wording.rows(group)]
    table(columns, rows)


def _show_failures(results: Results) -> None:
    from answerable.evals.behavior.wording import failures

    for one in failures(results):
        where = one.where.removeprefix(f"{Path.cwd()}/")
        say(f"  {one.case}{f' ({one.twin})' if one.twin else ''}  {one.reason}  {where}")
        raw = " ".join(next((attempt.raw for attempt in one.asked.tries if attempt.raw), "").split())
        if raw:
            out.print(f"    it said: {raw[:_RAW]}{'…' if len(raw) > _RAW else ''}", style="dim", markup=False)
