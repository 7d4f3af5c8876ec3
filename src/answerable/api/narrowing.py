"""What a request may see: the configured filter, and what the client takes away from it."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.api.schemas import Filters
from answerable.core.query import Filter

NOTHING = ("",)  # no source, language or document has an empty name; an empty tuple would mean any


def narrow(always: Filter, wanted: Filters) -> Filter:
    """Both at once. The status, and every configured meta key, stay what the configuration says."""
    return Filter(
        status=always.status,
        sources=_both(always.sources, wanted.sources),
        languages=_both(always.languages, wanted.languages),
        documents=_both(always.documents, wanted.documents),
        meta={**wanted.meta, **always.meta},
    )


def _both(always: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    if not always or not wanted:
        return tuple(always or wanted)
    return tuple(one for one in wanted if one in always) or NOTHING
