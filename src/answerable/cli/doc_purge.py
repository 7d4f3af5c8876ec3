"""answerable doc purge: where a document has been, and taking it out of everything."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.doc import commands
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.purging import Radius, Receipt

_SHOWN = 20  # answers
EXIT_LEFT = 1


def register(app: typer.Typer) -> None:
    """The noun is registered by doc.py; its commands are added when this module is imported."""


@commands.command("purge")
def purge(
    reference: Annotated[str, typer.Argument(help="The id, a unique beginning of it, or the uri.")] = "",
    run: Annotated[str, typer.Option("--run", help="Every document that this sync brought or changed.")] = "",
    blast_radius: Annotated[
        bool,
        typer.Option("--blast-radius", help="Only show where it has been; so it is without --yes."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so; it stands in the audit log.")] = "operator",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Take a document out of everything: versions, chunks, vectors here and outside, caches, what could bring it
    back. First it shows every answer, conversation and case that it touched; only --yes changes anything.

    Answers that used it stay: they say what people were told. A sync does not bring the same text back.

    Example: `answerable doc purge policies/returns.md --blast-radius`
    """
    if bool(reference) == bool(run):
        raise ConfigError("name a document or --run, one of them", hint="answerable doc purge URI")
    if yes and blast_radius:
        raise ConfigError("--blast-radius only shows, --yes does", hint="leave one of them out")
    radii, receipts = project.run(_purge(config, reference, run, by if yes else ""))
    if format is Format.JSON:
        shown: Any = [radius_row(one) for one in radii]
        emit_json([receipt_row(one) for one in receipts] if yes else shown)
    elif yes:
        _tell_receipts(receipts)
    else:
        _tell_radii(radii)
    if any(one.left for one in receipts):
        raise typer.Exit(EXIT_LEFT)


async def _purge(config: Path | None, reference: str, run: str, by: str) -> tuple[list[Radius], list[Receipt]]:
    from answerable.app.purging import blast_radius, documents_of, purge

    async with project.system(config) as system:
        wanted = await documents_of(system, run) if run else [reference]
        radii = [await blast_radius(system, one) for one in wanted]
        return radii, [await purge(system, one, by=by) for one in radii] if by else []


def radius_row(one: Radius) -> dict[str, Any]:
    """As JSON."""
    return {
        "document": one.document,
        "source": one.source,
        "uri": one.uri,
        "version": one.version,
        "trust": one.trust,
        "answers": [{**asdict(use), "at": use.at.isoformat()} for use in one.uses],
        "conversations": one.conversations,
        "people": one.people,
        "cases": list(one.cases),
        "rows": {name: dict(traces.rows) for name, traces in one.rows.items()},
        "written_by": [{**asdict(version), "at": version.at.isoformat()} for version in one.versions],
    }


def receipt_row(one: Receipt) -> dict[str, Any]:
    """As JSON."""
    return {**asdict(one), "at": one.at.isoformat(), "cases": list(one.cases)}


def _tell_radii(radii: list[Radius]) -> None:
    for one in radii:
        say(f"{one.uri} ({one.document}, version {one.version}, {one.trust})")
        cited = sum(use.cited for use in one.uses)
        say(
            f"  {one.answers} answers had it before them, {cited} cite it; "
            f"{one.conversations} conversations, {one.people} people"
        )
        table(
            ["answer", "at", "outcome", "cited", "person", "question"],
            [
                [
                    use.answer,
                    use.at.strftime("%Y-%m-%d %H:%M"),
                    use.outcome,
                    use.cited,
                    use.principal,
                    use.question,
                ]
                for use in one.uses[:_SHOWN]
            ],
        )
        if one.answers > _SHOWN:
            note(f"the newest {_SHOWN} of {one.answers} answers are shown; --format json has all")
        for name, traces in one.rows.items():
            held = ", ".join(f"{count} {table_}" for table_, count in traces.rows.items() if count)
            say(f"  index {name}: {held or 'nothing'}")
        for case in one.cases:
            say(f"  case {case}")
        for version in one.versions:
            say(f"  version {version.version or '-'} {version.what} by {version.run}")
    note("nothing was changed; with --yes it is")


def _tell_receipts(receipts: list[Receipt]) -> None:
    for one in receipts:
        gone = ", ".join(f"{count} {name}" for name, count in one.removed.items() if count)
        say(f"{one.uri} ({one.document}) is gone: {gone or 'nothing was left'}")
        say(f"  left in the database: {one.left} rows; answers kept: {one.answers_kept}")
        say(f"  text sha256 {one.text_sha256}, at {one.at.isoformat(timespec='seconds')}, by {one.by}")
        for case in one.cases:
            say(f"  still named by the case {case}")
