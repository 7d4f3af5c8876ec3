"""What a vector index is told of a document so that every field of a scope can be decided inside its search.

A facet is one short word such as `source=handbook`. Values that a service's tokenizer, case rule or size limit
could change stand as a hash, so that equality is all that is ever asked of the service and all that it can answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from answerable.core.identity import sha256_hex
from answerable.core.query import Scope

_PLAIN = re.compile(r"[A-Za-z0-9_.:/@-]{1,64}")


def facet(field: str, value: str) -> str:
    """`field=value`, or `field#hash` where the value is long, blank or not plain ASCII."""
    return f"{field}={value}" if _PLAIN.fullmatch(value) else f"{field}#{sha256_hex(value)[:32]}"


def facets(
    *, document: str, source: str, status: str, language: str, acl: Sequence[str], meta: Mapping[str, str]
) -> list[str]:
    """Of one document, each once, in a fixed order."""
    plain = {"document": document, "source": source, "status": status, "language": language}
    groups = [facet("acl", group) for group in sorted(set(acl))]
    return [*(facet(field, value) for field, value in plain.items()), *groups, *_pairs(meta)]


def conditions(scope: Scope) -> list[list[str]]:
    """What a point must share a facet with, each of them: the whole scope but its tenant, which is the space's."""
    wanted = scope.filter
    fields = (
        ("status", wanted.status),
        ("source", wanted.sources),
        ("language", wanted.languages),
        ("document", wanted.documents),
    )
    narrowing = [[facet(field, value) for value in values] for field, values in fields if values]
    return [[facet("acl", group) for group in scope.groups], *narrowing, *([one] for one in _pairs(wanted.meta))]


def _pairs(meta: Mapping[str, str]) -> list[str]:
    # A key is free text as well: a pair is one value.
    return [facet("meta", f"{key}:{value}") for key, value in sorted(meta.items())]
