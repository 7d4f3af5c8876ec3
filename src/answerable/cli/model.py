"""answerable model: the embedding model's files."""

from __future__ import annotations

from typing import Annotated

import typer

from answerable.cli.console import note, say

commands = typer.Typer(help="The embedding model's files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="model")


@commands.command("pull")
def pull(
    base_url: Annotated[str, typer.Option(help="The hub, or a mirror of it.")] = "",
) -> None:
    """Download the default embedding model at its pinned revision, check its hashes, and keep it."""
    from answerable.adapters.embedders.pull import HUB  # the only command that reaches the hub
    from answerable.adapters.embedders.pull import pull as fetch
    from answerable.adapters.embedders.weights import pulled_folder
    from answerable.cli.project import run

    weights = run(fetch(pulled_folder(), base_url=base_url or HUB))
    note("verified")
    say(str(weights.folder))


@commands.command("show")
def show() -> None:
    """Where the weights are and what they are."""
    from answerable.adapters.embedders.weights import find_weights

    weights = find_weights()
    say(f"{weights.pin.name} {weights.pin.model_sha256[:12]} in {weights.folder}")
