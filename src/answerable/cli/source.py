"""answerable source: where documents come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.adapters.sources.web_url import PORTS, parse_url
from answerable.cli import project, syncing
from answerable.cli.console import emit_json, note, table
from answerable.cli.ingest import source_id
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.config.edit import append_source
from answerable.config.sources import SourceSection
from answerable.core.errors import ConfigError
from answerable.ingest.report import SyncReport

commands = typer.Typer(help="Where documents come from.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="source")


@commands.command("add")
def add(
    place: Annotated[str, typer.Argument(metavar="FOLDER|URL", help="A folder of documents, a page, a sitemap.")],
    id: Annotated[str, typer.Option("--id", help="Short and stable; from the place's name.")] = "",  # noqa: A002
    type: Annotated[str, typer.Option("--type", help="url or sitemap; by the URL's ending.")] = "",  # noqa: A002
    host: Annotated[
        list[str] | None, typer.Option("--host", help="May be fetched from besides the URL's own; repeat it.")
    ] = None,
    trust: Annotated[str, typer.Option(help="internal, partner or public; of a URL: public.")] = "",
    owner: Annotated[str, typer.Option(help="Who hears of conflicts and stale pages.")] = "",
    config: ConfigOption = None,
) -> None:
    """Write a source into the configuration file; `source sync` reads it.

    Example: `answerable source add https://docs.example.com/sitemap.xml`
    """
    one = project.project(config)
    if one.config is None:
        raise ConfigError("there is no answerable.toml here", hint="make one with `answerable init .`")
    if "://" in place:
        name, keys = _of_the_web(place, type, host or [])
    else:
        name, keys = _of_folder(Path(place), one.base)
    name = id or name
    append_source(one.config, {"id": name, **keys, "trust": trust or keys["trust"], "owner": owner})
    note(f"added {name}; now run: answerable source sync {name}")


def _of_folder(path: Path, base: Path) -> tuple[str, dict[str, object]]:
    if not path.is_dir():
        raise ConfigError(f"{path} is not a folder", hint="give the folder that holds the documents")
    folder = path.resolve()
    within = folder.is_relative_to(base.resolve())
    uri = folder.relative_to(base.resolve()) if within else folder
    return source_id(path), {"type": "folder", "uri": uri.as_posix(), "trust": "internal"}


def _of_the_web(place: str, kind: str, hosts: list[str]) -> tuple[str, dict[str, object]]:
    url = parse_url(place)
    kind = kind or ("sitemap" if url.path.endswith((".xml", ".xml.gz")) else "url")
    own = url.host if url.port in PORTS else url.authority
    keys: dict[str, object] = {"type": kind, "uri": str(url), "hosts": [own, *hosts], "trust": "public"}
    return source_id(Path(url.host)), keys


@commands.command("list")
def list_sources(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """The configured sources with what is known of them."""
    rows = project.run(_rows(config))
    if format is Format.JSON:
        emit_json(rows)
        return
    if not rows:
        note("no source is configured; add one with: answerable source add FOLDER")
        return
    table(
        ["source", "type", "uri", "trust", "files", "failed"],
        [[row["id"], row["type"], row["uri"], row["trust"], row["files"], row["failed"]] for row in rows],
        right=["files", "failed"],
    )


@commands.command("sync")
def sync(
    ids: Annotated[list[str] | None, typer.Argument(help="Which sources; all of them by default.")] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try files again that failed before.")
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Bring the index in line with the sources: only what changed is done, and what is gone is removed first.

    Interrupted, even by kill -9, it is resumed by running it again. Exit 5 when single documents failed.
    """
    reports = project.run(_sync(config, ids or [], retry_failed))
    if format is Format.JSON:
        emit_json(syncing.report_rows(reports))
    raise typer.Exit(syncing.exit_code(reports))


async def _sync(config: Path | None, ids: list[str], retry_failed: bool) -> list[SyncReport]:
    async with project.system(config) as system:
        return await syncing.sync_all(system, _chosen(system.settings.source, ids), retry_failed=retry_failed)


def _chosen(sources: tuple[SourceSection, ...], ids: list[str]) -> list[SourceSection]:
    known = {one.id: one for one in sources}
    if unknown := [one for one in ids if one not in known]:
        raise ConfigError(f"there is no source {unknown[0]!r}", hint=f"configured: {', '.join(known) or 'none'}")
    if not known:
        raise ConfigError("no source is configured", hint="add one with: answerable source add FOLDER")
    return [known[one] for one in ids] if ids else list(sources)


async def _rows(config: Path | None) -> list[dict[str, object]]:
    async with project.system(config) as system:
        rows: list[dict[str, object]] = []
        for one in system.settings.source:
            files = await system.ledger.files(tenant=system.settings.project.tenant, source=one.id)
            failed = sum(1 for state in files.values() if state.error)
            row = {"id": one.id, "type": one.type, "uri": one.uri, "trust": one.trust, "owner": one.owner}
            rows.append({**row, "files": len(files), "failed": failed})
        return rows
