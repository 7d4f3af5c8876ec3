"""answerable lab: which setting is best on the project's own documents and questions."""

from __future__ import annotations

import typer

commands = typer.Typer(
    help="Which setting is best on your own documents and questions: measured, paired, with intervals.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="lab")


@commands.callback()
def _root() -> None:
    """Which setting is best on your own documents and questions: measured, paired, with intervals."""
