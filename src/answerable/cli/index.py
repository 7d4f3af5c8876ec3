"""answerable index: what the index holds, and a second one beside it."""

from __future__ import annotations

from pathlib import Path

import typer

from answerable.cli import index_building, index_repair, project
from answerable.cli.console import emit_json, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption

commands = typer.Typer(help="What the index holds, and a second one beside it.", no_args_is_help=True)
index_building.register(commands)
index_repair.register(commands)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="index")


@commands.command("status")
def status(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Documents, chunks, failures and the embedding model; and every index there is."""
    found, indexes = project.run(_status(config))
    if format is Format.JSON:
        emit_json({**found, "indexes": indexes})
        return
    for key, value in found.items():
        say(f"{key:<12} {value}")
    if len(indexes) > 1:
        say("")
        table(list(indexes[0]), [list(one.values()) for one in indexes], right=["documents", "chunks"])


async def _status(config: Path | None) -> tuple[dict[str, object], list[dict[str, object]]]:
    from answerable.app.indexing import generations_of  # brings parsers and tokenizer

    async with project.system(config) as system:
        counts = await system.documents.counts(tenant=system.settings.project.tenant)
        every = await generations_of(system)
        indexes: list[dict[str, object]] = [
            {
                "index": one.name,
                "state": one.state,
                "documents": one.documents,
                "chunks": one.chunks,
                "embedding": one.embedding or "",
                "begun": f"{one.created_at:%Y-%m-%d %H:%M}" if one.created_at else "",
                "note": one.note,
            }
            for one in every
        ]
        return {**counts, "embedding": system.embedder.model.key}, indexes
