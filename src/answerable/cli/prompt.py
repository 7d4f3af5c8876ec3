"""answerable prompt list: which prompts there are, and whose."""

from __future__ import annotations

from typing import Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.prompts.prompt import Prompt

commands = typer.Typer(help="Prompts: their files, versions, lint, tests and rollouts.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands.command("list")(list_prompts)
    app.add_typer(commands, name="prompt")


def list_prompts(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every prompt that this project uses or could, with its version, owner and file.

    Example: `answerable prompt list`
    """
    prompts = project.project(config).prompts
    rows = [_row(prompts.get(name)) for name in prompts.ids()]
    if format is Format.JSON:
        emit_json(rows)
        return
    for row in rows:
        say(f"{row['id']:<16}{row['version']:<10}{row['route']:<12}{row['owner']:<28}{row['file']}")


def _row(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": prompt.id,
        "version": prompt.version,
        "route": prompt.route,
        "owner": prompt.owner,
        "purpose": prompt.purpose,
        "file": prompt.where,
        "sha256": prompt.sha256,
    }
