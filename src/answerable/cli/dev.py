"""answerable dev: tools for those who build on it."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from answerable.cli.console import note, say

commands = typer.Typer(help="Tools for those who build on it.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="dev")


@commands.command("model-server")
def model_server(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8899,
) -> None:
    """A scripted model that speaks the OpenAI and Anthropic protocols on loopback; no model inside.

    Its behavior is chosen by the model's name: scripted:cite, scripted:invent, scripted:obey, scripted:slow, …
    """
    from answerable.testing.model_server.server import ModelServer  # only this command needs it

    done = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: done.set())
    with ModelServer(port=port) as server:
        say(server.openai_url)
        note(f"Anthropic: {server.url}   stop with Ctrl-C")
        done.wait()
        note(f"{len(server.requests)} requests, {server.tokens} tokens")
