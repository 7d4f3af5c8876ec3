"""answerable prompt log | diff | blame: what became of a prompt, who did it, and what it did to the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.prompt import commands as prompt_commands
from answerable.core.errors import AnswerableError

if TYPE_CHECKING:
    from answerable.app.project import Project
    from answerable.app.prompts.effects import Effect
    from answerable.app.prompts.past import History

NameArgument = Annotated[str, typer.Argument(help="The prompt's id, e.g. answer.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of `prompt`, which are added to `app` beside these."""
    del app
    for name, command in (("log", log), ("diff", diff), ("blame", blame)):
        prompt_commands.command(name)(command)


def log(
    prompt: NameArgument,
    effects: Annotated[
        bool, typer.Option("--effects/--no-effects", help="Look up what each version did to the answers.")
    ] = True,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Each version: author, date, commit, change note, and its measured effect against the version before.

    The effect is the gate's comparison of two evaluation runs; "not the prompt alone" names what else differed.

    Example: `answerable prompt log answer`
    """
    from answerable.app.prompts.past import history_of  # keeps --help quick
    from answerable.cli.prompt_words import history_record, print_history

    here = project.project(config)
    history = history_of(here, prompt)
    measured = project.run(_effects(here, history)) if effects else ()
    if format is Format.JSON:
        emit_json(history_record(history, measured))
        return
    print_history(history, measured)


def diff(
    prompt: Annotated[str, typer.Argument(help="ID, or ID@VERSION.")],
    other: Annotated[str, typer.Argument(help="ID@VERSION, or BEFORE..AFTER; an empty side is the file.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """What differs between two versions: what it means first, then the text line by line.

    Alone, an id compares the file with the version or commit before it.

    Examples: `answerable prompt diff answer@1.0.0 answer@1.1.0` · `answerable prompt diff answer 1.0.0..1.1.0` ·
    `answerable prompt diff answer 1.0.0..`
    """
    from answerable.app.prompts.history import compared  # keeps --help quick
    from answerable.cli.prompt_sides import sides_of
    from answerable.cli.prompt_words import differences_record, print_differences

    found = compared(project.project(config), *sides_of(prompt, other))
    if format is Format.JSON:
        emit_json(differences_record(found))
        return
    print_differences(found)


def blame(prompt: NameArgument, config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Each line of a prompt's file: commit, author, date, the version in which it came, and the text.

    Example: `answerable prompt blame answer`
    """
    from answerable.app.prompts.past import blame as lines_of  # keeps --help quick
    from answerable.cli.prompt_words import line_record

    rows = [line_record(line, version) for line, version in lines_of(project.project(config), prompt)]
    if format is Format.JSON:
        emit_json(rows)
        return
    width = max((len(row["author"]) for row in rows), default=0)
    for row in rows:
        commit = row["commit"][:7] or "-------"
        date = row["date"][:10] or " " * 10
        say(f"{commit} {row['author']:<{width}} {date} {row['version']:<8} {row['line']:>4}  {row['text']}")


async def _effects(here: Project, history: History) -> tuple[Effect, ...]:
    """None where the database cannot be asked: the rest of the history does not need it."""
    from answerable.app.prompts.effects import effects_of  # keeps --help quick

    try:
        return await effects_of(here, history.id, history.versions)
    except AnswerableError as error:
        note(f"no effects: {error}")
        return ()
