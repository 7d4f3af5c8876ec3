"""answerable case import and export: cases to and from other tools' files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from answerable.app.cases import criteria_texts, places
from answerable.app.project import Project
from answerable.cli import case_pairs, project
from answerable.cli.cases import load, show_path
from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption
from answerable.core.errors import ConfigError
from answerable.evals.cases.adoption import Adoption, adopt, plan_adoption
from answerable.evals.cases.exchange.brought import Note
from answerable.evals.cases.exchange.formats import Kind, beside, bring, write
from answerable.evals.cases.problems import Problem
from answerable.evals.cases.select import select

PARTIAL = 5


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.command("import")(import_cases)
    commands.command("export")(export_cases)


def import_cases(
    file: Annotated[Path, typer.Argument(help="promptfoo's config or results, a Ragas dataset, CSV or JSONL.")],
    kind: Annotated[Kind | None, typer.Option("--from", help="Which tool's; found out when not given.")] = None,
    into: Annotated[Path | None, typer.Option(help="One JSONL file, instead of a YAML file a case.")] = None,
    question_var: Annotated[str, typer.Option(help="promptfoo: the variable with the question.")] = "",
    pairs: Annotated[
        bool, typer.Option("--pairs", help="A CSV of question, document, quote: judged questions for the lab.")
    ] = False,
    replace: Annotated[bool, typer.Option(help="Write over cases that are there with something else.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be done.")] = False,
    config: ConfigOption = None,
) -> None:
    """Take cases over from another tool. What has no place in a case is kept in its origin, and said.

    Ends with 0 where all came over, 5 where some could not be read; the others are imported all the same.
    """
    here = project.project(config)
    if pairs:
        case_pairs.import_pairs(here, file, dry_run=dry_run)
        return
    if into is not None and into.suffix != ".jsonl":
        raise ConfigError(f"--into {into} is no JSONL file", hint="--into evals/cases/imported.jsonl")
    filed = load(here)
    taken = {one.case.id: one.case.question for one in filed}
    brought = bring(file, kind=kind, languages=_languages(here), taken=taken, question=question_var)
    adoption = plan_adoption(brought.cases, filed, home=places(here).home, into=into, replace=replace)
    if not dry_run:
        adopt(adoption)
    _tell(adoption, dry_run=dry_run)
    _tell_notes(brought.notes)
    _tell_problems(brought.problems)
    if brought.problems:
        raise typer.Exit(PARTIAL)


def export_cases(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    kind: Annotated[Kind, typer.Option("--to", help="For which tool.")],
    pattern: Annotated[
        list[str] | None, typer.Option("--case", help="Only these: ids or patterns as in `case list`. Repeatable.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the cases for another tool. What it cannot carry is said, and kept where it can be read again."""
    here = project.project(config)
    cases = select([one.case for one in load(here)], pattern or [])
    written = write(cases, kind, criteria=criteria_texts(here))
    files = {file: written.text} | ({beside(file): written.beside} if written.beside else {})
    for path, text in files.items():
        try:
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
    say(f"{len(cases)} cases in {' and '.join(show_path(path) for path in files)}")
    _tell_notes(written.notes)


def _languages(here: Project) -> list[str]:
    section = here.settings.project
    return list(dict.fromkeys([section.default_language, *section.languages]))


def _tell(adoption: Adoption, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    say(f"{len(adoption.writes)} {would}imported, {len(adoption.unchanged)} there already")
    for case, path in adoption.writes:
        note(f"  {case.id}  {show_path(path)}")
    for name in adoption.differing:
        note(f"  {name} is there with something else: left alone (--replace writes over it)")
    for new, other in adoption.repeated:
        note(f"  {new} asks nearly the same as {other}")


def _tell_notes(notes: Sequence[Note]) -> None:
    by_what: dict[str, list[str]] = defaultdict(list)
    for one in notes:
        by_what[one.what].append(one.where)
    for what, where in by_what.items():
        note(f"{what} ({len(where)}: {', '.join(where[:3])}{' …' if len(where) > 3 else ''})")


def _tell_problems(problems: Sequence[Problem]) -> None:
    for one in problems:
        note(f"not imported: {one}" + (f"; {one.fix}" if one.fix else ""))
