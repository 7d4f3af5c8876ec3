"""answerable chunk: how a document was cut."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, say
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.ports import DocumentView

commands = typer.Typer(help="How a document was cut.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="chunk")


@commands.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="The document's id, a unique beginning of it, or its uri.")],
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Draw the chunk boundaries over the text."""
    from answerable.ingest.describe import describe  # keeps --help quick

    one = project.run(_document(config, reference, group or []))
    if format is Format.JSON:
        emit_json(
            [
                {
                    "id": chunk.id,
                    "start": chunk.start,
                    "end": chunk.end,
                    "tokens": chunk.tokens,
                    "heading": chunk.heading,
                    "text": chunk.text,
                }
                for chunk in one.chunks
            ]
        )
        return
    for line in describe(one.text, one.chunks):
        say(line)


async def _document(config: Path | None, reference: str, groups: list[str]) -> DocumentView:
    async with project.system(config) as system:
        scope = system.scope(groups, status=("published", "draft", "archived"))
        return await system.documents.document(scope, reference)
