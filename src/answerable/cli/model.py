"""answerable model: the embedding model's files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption

commands = typer.Typer(help="The embedding model's files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="model")


@commands.command("pull")
def pull(
    base_url: Annotated[str, typer.Option(help="The hub, or a mirror of it.")] = "",
    reranker: Annotated[str, typer.Option(help="Instead, the files that [reranker.NAME] pins.")] = "",
    config: ConfigOption = None,
) -> None:
    """Download the default embedding model at its pinned revision, check its hashes, and keep it."""
    if reranker:
        _pull_reranker(reranker, base_url, config)
        return
    from answerable.adapters.embedders.pull import HUB  # the only command that reaches the hub
    from answerable.adapters.embedders.pull import pull as fetch
    from answerable.adapters.embedders.weights import pulled_folder
    from answerable.cli.project import run

    weights = run(fetch(pulled_folder(), base_url=base_url or HUB))
    note("verified")
    say(str(weights.folder))


def _pull_reranker(name: str, base_url: str, config: Path | None) -> None:
    from answerable.app.hub import pull_reranker  # keeps --help quick
    from answerable.cli.project import project, run

    folder = run(pull_reranker(project(config), name, base_url=base_url))
    note("verified")
    say(str(folder))


@commands.command("show")
def show() -> None:
    """Where the weights are and what they are."""
    from answerable.adapters.embedders.weights import find_weights

    weights = find_weights()
    say(f"{weights.pin.name} {weights.pin.model_sha256[:12]} in {weights.folder}")
