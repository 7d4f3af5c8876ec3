"""answerable ingest: a folder in, its documents findable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project, syncing
from answerable.cli.console import emit_json
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.config.sources import SourceSection
from answerable.core.errors import ConfigError
from answerable.ingest.report import SyncReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest)


def ingest(
    path: Annotated[
        Path, typer.Argument(help="A folder of md, html, txt, rst, pdf, docx, csv, eml and json files.")
    ],
    source: Annotated[str, typer.Option("--source", help="The source's id; made from the folder's name.")] = "",
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try files again that failed before.")
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Ingest a folder without writing it into the configuration. Again is cheap: only what changed is done.

    Exit 5 when single documents failed; they are named with their cause, and everything else is in.

    Example: `answerable ingest ./docs`
    """
    if str(path).startswith(("http:/", "https:/")):
        raise ConfigError(
            "a page is no folder", hint="run `answerable source add URL`, then `answerable source sync`"
        )
    if not path.is_dir():
        raise ConfigError(f"{path} is not a folder", hint="give the folder that holds the documents")
    section = SourceSection(id=source or source_id(path), uri=str(path.resolve()))
    reports = project.run(_ingest(config, section, retry_failed))
    if format is Format.JSON:
        emit_json(syncing.report_rows(reports)[0])
    raise typer.Exit(syncing.exit_code(reports))


def source_id(path: Path) -> str:
    """A source id from a folder's name."""
    name = re.sub(r"[^a-z0-9]+", "-", path.resolve().name.lower()).strip("-")
    return name[:60] or "documents"


async def _ingest(config: Path | None, section: SourceSection, retry_failed: bool) -> list[SyncReport]:
    async with project.system(config) as system:
        return await syncing.sync_all(system, [section], retry_failed=retry_failed)
