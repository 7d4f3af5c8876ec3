"""Options that many commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How results are written to standard output."""

    PRETTY = "pretty"
    JSON = "json"


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The configuration file; the nearest answerable.toml when not given."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="pretty for people, json for programs.")]
GroupsOption = Annotated[
    list[str] | None, typer.Option("--group", help="Ask as a member of this group, besides public. Repeatable.")
]
