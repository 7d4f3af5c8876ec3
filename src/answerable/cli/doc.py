"""answerable doc: what is in the index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.ports import DocumentView

commands = typer.Typer(help="What is in the index.", no_args_is_help=True)
_ANY = ("published", "draft", "archived")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="doc")


@commands.command("list")
def list_documents(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10000, help="How many.")] = 100,
    after: Annotated[str, typer.Option(help="Start after this uri.")] = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """List the documents, drafts and archived ones included."""
    found = project.run(_list(config, limit, after, group or []))
    if format is Format.JSON:
        emit_json([_row(one) for one in found])
        return
    if not found:
        note("the index is empty; fill it with: answerable ingest FOLDER")
        return
    table(
        ["id", "uri", "title", "status", "language", "updated", "review by", "version"],
        [
            [
                one.id[:12],
                one.uri,
                one.title,
                one.status,
                one.language,
                one.updated_at or "",
                one.review_by or "",
                one.version,
            ]
            for one in found
        ],
        right=["version"],
    )


@commands.command("show")
def show(
    reference: Annotated[str, typer.Argument(help="The id, a unique beginning of it, or the uri.")],
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """One document as it was read: its metadata and the text that citations point into."""
    one = project.run(_show(config, reference, group or []))
    if format is Format.JSON:
        emit_json({**_row(one), "text": one.text, "meta": dict(one.meta)})
        return
    for key, value in _row(one).items():
        if value not in (None, ""):
            say(f"{key:<10} {value}")
    say("")
    say(one.text)


async def _list(config: Path | None, limit: int, after: str, groups: list[str]) -> list[DocumentView]:
    async with project.system(config) as system:
        return await system.documents.documents(system.scope(groups, status=_ANY), limit=limit, after=after)


async def _show(config: Path | None, reference: str, groups: list[str]) -> DocumentView:
    async with project.system(config) as system:
        return await system.documents.document(system.scope(groups, status=_ANY), reference)


def _row(one: DocumentView) -> dict[str, object]:
    return {
        "id": one.id,
        "uri": one.uri,
        "source": one.source,
        "title": one.title,
        "status": one.status,
        "language": one.language,
        "trust": one.trust,
        "owner": one.owner,
        "updated": one.updated_at,
        "review_by": one.review_by,
        "version": one.version,
        "type": one.media_type,
        "chunks": len(one.chunks) or None,
        "cut_as": next((chunk.meta["auto"] for chunk in one.chunks if "auto" in chunk.meta), None),
    }
