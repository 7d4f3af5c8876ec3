"""answerable lab cache: how often a semantic cache would err here, and whether it may be switched on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.app.lab_cache import CacheVerdict

GATE_FAILED = 10


def cache(
    threshold: Annotated[
        float | None, typer.Option(min=0.5, max=1.0, help="Least cosine; else cache.semantic.threshold.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where the page goes.")] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Try near misses and paraphrases, shipped ones and your own questions turned; write cache.lock if it is safe.

    Exit 10 where the upper 95 % bound of the wrong-hit rate is 0.5 % or more. Example: `answerable lab cache`
    """
    from answerable.app.lab_cache import try_cache  # keeps --help quick

    found = project.run(try_cache(project.project(config), threshold=threshold, out=out, say=note))
    if format is Format.JSON:
        emit_json(found.as_json())
    else:
        _print(found)
    if found.lock is None:
        raise typer.Exit(GATE_FAILED)


def _print(found: CacheVerdict) -> None:
    told = found.as_json()
    for same, title in ((False, "near misses: a hit is a wrong reply"), (True, "paraphrases: a hit saves a call")):
        say(title)
        columns = ["kind", "half", "n", "hits", "by likeness alone"]
        rows = [
            [one["kind"], one["half"], one["n"], one["hits"], one["hits_by_likeness"]]
            for one in told["kinds"]
            if one["same"] is same
        ]
        table(columns, rows, right=columns[2:])
        say("")
    columns = ["threshold", "wrong", "wrong by likeness alone", "of", "right", "right by likeness alone", "of "]
    keys = ("wrong", "wrong_by_likeness", "near_misses", "right", "right_by_likeness", "paraphrases")
    table(
        columns,
        [[f"{one['threshold']:g}", *(one[key] for key in keys)] for one in told["thresholds"]],
        right=columns,
    )
    say("")
    say(found.text)
    if found.file:
        say(f"{found.file} written; switch it on: answerable.toml, [cache.semantic] enabled = true")
