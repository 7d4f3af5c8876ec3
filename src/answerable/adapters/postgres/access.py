"""A scope as the parameters of `readable`, the one function of the database that decides what may be seen."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from answerable.core.query import Scope


def readable_by(scope: Scope) -> dict[str, Any]:
    """The parameters tenant, groups, statuses, sources, languages, documents and wanted."""
    wanted = scope.filter
    return {
        "tenant": scope.tenant,
        "groups": list(scope.groups),
        "statuses": list(wanted.status),
        "sources": list(wanted.sources),
        "languages": list(wanted.languages),
        "documents": list(wanted.documents),
        "wanted": Jsonb(dict(wanted.meta)),
    }
