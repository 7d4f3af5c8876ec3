"""x"""

import typer


def register(commands: typer.Typer) -> None:
    """Add the commands."""
