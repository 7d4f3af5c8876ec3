"""`uri#section`: where something stands, in the words of a case, and whether a passage stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from answerable.text.words import fold

_NOT_SLUG = re.compile(r"[^\w]+|_+")


def slug(heading: str) -> str:
    """A heading as an address: `How long can I return an item?` is `how-long-can-i-return-an-item`."""
    return _NOT_SLUG.sub("-", fold(heading)).strip("-")


def is_at(place: str, *, uri: str, source: str, headings: Iterable[str]) -> bool:
    """Whether a text of this document and these headings stands at `uri`, `source/uri` or `uri#section`."""
    document, _, section = place.partition("#")
    if document not in (uri, f"{source}/{uri}"):
        return False
    return not section or slug(section) in {slug(one) for one in headings}
