"""answerable config: what the keys mean, and whether the file is right."""

from __future__ import annotations

from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption
from answerable.config.explain import explain as explain_key
from answerable.config.explain import keys
from answerable.config.settings import Settings

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
def check(config: ConfigOption = None) -> None:
    """Read the file and say whether it is right. Exit 2 when it is not."""
    one = project.project(config)
    note(f"{one.config or 'no file, all defaults'}: ok")


@commands.command("schema")
def schema() -> None:
    """The JSON Schema of the file, for editors."""
    emit_json(Settings.model_json_schema())
