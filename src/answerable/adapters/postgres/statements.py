"""Named SQL statements, read from the files in sql/. Python passes values; it never builds SQL from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import LiteralString, cast

from psycopg import sql

_HEADER = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


def sql_folder() -> Traversable:
    """Where the SQL files lie."""
    return resources.files(__package__) / "sql"


@cache
def statements(name: str) -> Mapping[str, LiteralString]:
    """The statements of `sql/queries_<name>.sql` by name.

    Each begins with `-- name: verb_noun` and a comment that describes it; raises ValueError where one lacks that,
    or where a name comes twice.
    """
    text = (sql_folder() / f"queries_{name}.sql").read_text("utf-8")
    return MappingProxyType(parse(text))


def composed(statement: LiteralString, names: Mapping[str, str]) -> sql.Composed:
    """A statement with its `{place}`s filled by quoted identifiers."""
    return sql.SQL(statement).format(**{place: sql.Identifier(name) for place, name in names.items()})


def parse(text: str) -> dict[str, LiteralString]:
    """Cut a file of named statements apart."""
    parts = _HEADER.split(text)[1:]
    found: dict[str, LiteralString] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in found:
            raise ValueError(f"two statements are named {name}")
        if not body.lstrip().startswith("--"):
            raise ValueError(f"statement {name} has no description")
        # The text is a file of this package: as literal as if it stood in the module.
        found[name] = cast(LiteralString, body.strip().rstrip(";"))
    return found
