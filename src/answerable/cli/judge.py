"""answerable judge: criteria, and whether the models that judge by them say what people say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, err, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.app.judge_check import Check
    from answerable.evals.judges.criterion import Criterion
    from answerable.evals.judges.criterion_file import Finding

commands = typer.Typer(help="Criteria, and the models that judge by them.", no_args_is_help=True)

INCONCLUSIVE = 11
FINDINGS = 12
_EVERY = 20  # judgments between two lines of progress


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="judge")


@commands.command("criteria")
def criteria(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """List the criteria, the project's own and the shipped ones, and name what is wrong with them.

    Exit 0, or 12 where a file has a finding: a scale, several questions in one, a missing example or unsure rule.
    """
    from answerable.evals.judges.criteria import lint_criteria, load_criteria  # keeps --help quick

    one = project.project(config)
    folder = one.path(one.settings.eval.criteria)
    findings = lint_criteria(folder)
    if findings:
        _print_findings(findings, format)
        raise typer.Exit(FINDINGS)
    found = load_criteria(folder).values()
    if format is Format.JSON:
        emit_json([_criterion(each) for each in found])
        return
    rows = [(each.id, each.version, each.question, each.where) for each in found]
    table(("criterion", "version", "question", "file"), rows)


@commands.command("show")
def show(
    criterion: Annotated[str, typer.Argument(help="Its id, e.g. grounded.")],
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Show a criterion word for word as people and models see it."""
    from answerable.evals.judges.criteria import load_criteria, select

    one = project.project(config)
    found = select(load_criteria(one.path(one.settings.eval.criteria)), [criterion])[0]
    if format is Format.JSON:
        emit_json(_criterion(found) | {"text": found.text})
        return
    note(f"{found.identity}  {found.where}")
    say(found.text)


@commands.command("check")
def check(
    criterion: Annotated[list[str] | None, typer.Argument(help="Criteria; all that have labels if none.")] = None,
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, max=20, help="Ask k times, and tell how often it said otherwise.")
    ] = 1,
    labels: Annotated[Path | None, typer.Option(help="Instead of eval.labels.")] = None,
    items: Annotated[Path | None, typer.Option(help="Instead of eval.items.")] = None,
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Keep the result in eval.fitness, for the gate.")
    ] = True,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Ask the judges about the answers that people labeled, and tell how far they say the same.

    Exit 0 when every judge can gate; 11 when one cannot: below eval.judge_min_kappa or eval.judge_min_labels.
    Example: `answerable judge check grounded --repeat 3`
    """
    from answerable.app.judge_check import check_judges, read_labeled
    from answerable.cli.accords import check_json

    one = project.project(config)
    labeled = read_labeled(one, labels=labels, items=items)
    done = _Done()
    found = project.run(
        check_judges(one, labeled, criterion or [], repeats=repeat, today=date.today(), tell=done.tell)
    )
    if save:
        _save(found, one.path(one.settings.eval.fitness))
    if format is Format.JSON:
        emit_json(check_json(found))
    else:
        _print(found)
    if not all(each.fitness.can_gate for each in found.judges):
        raise typer.Exit(INCONCLUSIVE)


class _Done:
    """Counts judgments aloud."""

    def __init__(self) -> None:
        self._count = 0

    def tell(self) -> None:
        """One more."""
        self._count += 1
        if self._count % _EVERY == 0:
            note(f"{self._count} judgments")


def _save(found: Check, path: Path) -> None:
    from answerable.evals.judges.fitness import keep_records

    keep_records([each.record for each in found.judges], path)
    note(f"kept in {path}")


def _print_findings(findings: list[Finding], format: Format) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json(
            [{"file": one.where, "line": one.line, "rule": one.rule, "message": one.message} for one in findings]
        )
        return
    for one in findings:
        say(str(one))


def _print(found: Check) -> None:
    from answerable.cli.accords import COLUMNS, accords, row

    rows = [row(each) for judge in found.judges for each in accords(judge)]
    table(COLUMNS, rows, right=("n", "unsure", "failed"))
    for judge in found.judges:
        say(f"{judge.judge}: {'can gate' if judge.fitness.can_gate else 'cannot gate'}: {judge.fitness.why}")
        for error in judge.errors:
            err.print(f"  no verdict: {error}", markup=False)
    _print_asides(found)


def _print_asides(found: Check) -> None:
    cost = sum(judge.cost for judge in found.judges)
    unpriced = any(judge.unpriced for judge in found.judges)
    note(f"cost {cost:.4f}" + (", and calls to a model without a price" if unpriced else ""))
    if found.without_item:
        note(f"{found.without_item} labels are of answers that the file of items does not have")
    for concern in found.concerns:
        err.print(f"note: {concern}", style="yellow", markup=False)


def _criterion(one: Criterion) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "question": one.question,
        "unsure_when": one.unsure_when,
        "applies_to": [outcome.value for outcome in one.applies_to],
        "shows": list(one.shows),
        "languages": list(one.languages),
        "sha256": one.sha256,
        "file": one.where,
    }
