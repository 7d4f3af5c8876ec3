"""answerable demo: the one-command tour."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from answerable.app.project import Project
from answerable.app.sample import sample_folder
from answerable.cli import project, syncing
from answerable.cli.answers import print_answer
from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption

QUESTION = "Can I return over-ear headphones bought with SUMMER20, and how are they refunded?"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    question: Annotated[str, typer.Argument(help="What to ask the sample.")] = QUESTION,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the web page after the answer.")] = True,
    folder: Annotated[Path, typer.Option(help="Where the sample is copied to.")] = Path(".answerable/demo"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8787,
    config: ConfigOption = None,
) -> None:
    """Ingest the sample project, ask it a question, print the answer with its sources, then serve the page.

    No key and no model are needed: answers are exact quotes of the documents.
    """
    one = Project.open(config or _copied(folder))
    project.run(_demo(one, question, serve, port))


async def _demo(one: Project, question: str, serve: bool, port: int) -> None:
    from answerable.app import open_system  # keeps --help quick

    note(f"project {one.base}")
    async with open_system(one) as system:
        await syncing.sync_all(system, system.settings.source)
        say(f"\n> {question}\n")
        print_answer(await system.asker.ask(system.query(question)))
        if not serve:
            return
        from answerable.cli.serve import run_server  # only when it serves

        say("")
        await run_server(system, host="", port=port)


def _copied(folder: Path) -> Path:
    """The sample's configuration, in a working copy; what a person changed in an earlier copy stays."""
    target = folder / "techcorp"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(sample_folder(), target)
    return target / "answerable.toml"
