"""answerable chunk: how a document was cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import chunk_why, project
from answerable.cli.console import emit_json, note, say
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.cli.writing import write_file
from answerable.config.chunking import ChunkingSection, Strategy
from answerable.core.ports import DocumentView

if TYPE_CHECKING:
    from answerable.core.document import Chunk

commands = typer.Typer(help="How a document was cut.", no_args_is_help=True)
commands.command("why")(chunk_why.why)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="chunk")


@commands.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="The document's id, a unique beginning of it, or its uri.")],
    strategy: Annotated[
        Strategy | None, typer.Option(help="Cut it in this way instead; nothing is stored.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=32, max=4000, help="With --strategy: the most tokens of a chunk.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write one page to this file instead of drawing here.")
    ] = None,
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Draw the chunk boundaries over the text, each with its reason."""
    from answerable.ingest.chunk_page import write_page  # keeps --help quick
    from answerable.ingest.describe import describe

    if max_tokens is not None and strategy is None:
        raise typer.BadParameter("--max-tokens needs --strategy")
    section = ChunkingSection(strategy=strategy, max_tokens=max_tokens) if strategy else None
    one, chunks = project.run(_document(config, reference, group or [], section))
    if html is not None:
        write_file(html, write_page(one.title or one.uri, one.text, chunks))
        note(f"written to {html}")
    if format is Format.JSON:
        emit_json(_rows(one.text, chunks))
    elif html is None:
        for line in describe(one.text, chunks):
            say(line)


def _rows(text: str, chunks: Sequence[Chunk]) -> list[dict[str, Any]]:
    from answerable.ingest.boundaries import boundaries
    from answerable.ingest.marks import AUTO, curve_of

    why = {one.chunk.id: one.why for one in boundaries(text, chunks)}
    return [
        {
            "id": chunk.id,
            "start": chunk.start,
            "end": chunk.end,
            "tokens": chunk.tokens,
            "level": chunk.level,
            "parent": chunk.parent,
            "heading": chunk.heading,
            "why": why.get(chunk.id),
            "auto": chunk.meta.get(AUTO),
            "similarity": curve_of(chunk),
            "text": chunk.text,
        }
        for chunk in chunks
    ]


async def _document(
    config: Path | None, reference: str, groups: list[str], section: ChunkingSection | None
) -> tuple[DocumentView, Sequence[Chunk]]:
    async with project.system(config) as system:
        scope = system.scope(groups, status=("published", "draft", "archived"))
        one = await system.documents.document(scope, reference)
        if section is None:
            return one, one.chunks
        from answerable.app.recutting import recut  # parsers and their processes: only where they are needed

        cut = await recut(system, one, section)
        if cut.lost:
            note(cut.lost)
        return one, cut.chunks
