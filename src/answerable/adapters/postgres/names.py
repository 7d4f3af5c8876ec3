"""The names that follow from the schema's name: the service role and the search path."""

from __future__ import annotations

import re

from answerable.core.errors import ConfigError

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,47}")


def checked_schema(schema: str) -> str:
    """The schema's name, if it is a plain lower-case identifier and not Postgres' own. Raises ConfigError."""
    if not _IDENTIFIER.fullmatch(schema) or schema.startswith("pg_") or schema == "information_schema":
        raise ConfigError(
            f"database.schema {schema!r} is not a usable name",
            hint="use lower-case letters, digits and underscores, at most 48, not starting with pg_",
        )
    return schema


def service_role(schema: str) -> str:
    """The role every request runs as: neither a superuser nor an owner of tables."""
    return f"{schema}_service"


def search_path(schema: str, vector_schema: str) -> str:
    """Ours first; pg_temp last, so that nobody's temporary table stands in front of ours."""
    return f'"{schema}", "{vector_schema}", pg_temp'
