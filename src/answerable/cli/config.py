"""answerable config: what the keys mean, and whether the file is right."""

from __future__ import annotations

from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.config.explain import explain as explain_key
from answerable.config.explain import keys
from answerable.config.settings import Settings

LINT = 12  # the exit code of findings that are no errors
commands = typer.Typer(help="What the keys mean, and whether the file is right.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="config")


@commands.command("explain")
def explain(
    key: Annotated[str, typer.Argument(help="E.g. answer.deadline; all of them when left out.")] = "",
) -> None:
    """A key's meaning, kind and default."""
    if not key:
        table(["key", "default", "meaning"], [[one.name, one.default, one.meaning] for one in keys()])
        return
    one = explain_key(key)
    say(f"{one.name}\n  {one.meaning}\n  kind     {one.kind}\n  default  {one.default}")


@commands.command("check")
def check(
    config: ConfigOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 12 on a warning.")] = False,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Read the file and say whether it is right, and what in it is unwise. Exit 2 when it is not right.

    Warns of models that may change under their name, and of a judge that judges its own answers.
    """
    from answerable.app.linting import lint  # quick enough, but `config explain` need not wait for it

    one = project.project(config)
    if one.settings.cache.semantic.enabled:
        from answerable.app.semantic_lock import check_project  # keeps --help quick

        check_project(one)
    found = lint(one)
    if format is Format.JSON:
        emit_json(
            {"config": str(one.config or ""), "ok": True, "findings": [one_lint.plain() for one_lint in found]}
        )
    else:
        for warning in found:
            say(f"{warning.place}: {warning.key}: {warning.detail}\n  → {warning.fix}")
        warned = f", {len(found)} warning{'s' if len(found) > 1 else ''}" if found else ""
        note(f"{one.config or 'no file, all defaults'}: ok{warned}")
    if strict and found:
        raise typer.Exit(LINT)


@commands.command("schema")
def schema() -> None:
    """The JSON Schema of the file, for editors."""
    emit_json(Settings.model_json_schema())
