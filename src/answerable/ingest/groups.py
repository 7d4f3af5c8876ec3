"""Neighboring parts put together: packed evenly up to a limit, joined into one, made a chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from answerable.core.document import NO_META, Chunk, Document
from answerable.ingest.parts import Part


def pack(parts: Sequence[Part], limit: int) -> list[list[Part]]:
    """Neighbors together up to `limit` tokens, in groups of about equal size; no part may be above the limit."""
    if not parts:
        return []
    total = parts[-1].last - parts[0].first
    target = total / ceil(max(total, 1) / limit)
    groups: list[list[Part]] = []
    for part in parts:
        if groups and _has_room(groups[-1], part, limit, target):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _has_room(group: Sequence[Part], part: Part, limit: int, target: float) -> bool:
    """Whether the part fits, and at least half of it lies within the even size."""
    size = part.last - group[0].first
    return size <= limit and size - part.tokens / 2 <= target


def joined(group: Sequence[Part]) -> Part:
    """One part from the first's start to the last's end; what it is, is said by the first that is no heading."""
    if len(group) == 1:
        return group[0]
    bodies = [part for part in group if part.kind != "heading"] or [group[-1]]
    kind = bodies[0].kind if len({part.kind for part in bodies}) == 1 else "paragraph"
    return replace(
        bodies[0], kind=kind, start=group[0].start, first=group[0].first, end=group[-1].end, last=group[-1].last,
        page=group[0].page, meta=_common(bodies),
    )  # fmt: skip


def _common(parts: Sequence[Part]) -> Mapping[str, str]:
    """What all say alike: a chunk of two speakers' messages has no speaker."""
    if not any(part.meta for part in parts):
        return NO_META
    common = set(parts[0].meta.items()).intersection(*(part.meta.items() for part in parts[1:]))
    return {key: value for key, value in parts[0].meta.items() if (key, value) in common}


def chunk_of(document: Document, group: Sequence[Part]) -> Chunk:
    """The chunk of neighboring parts. Meta: what all say, `page` (the first), `kind` where it is not prose."""
    whole = joined(group)
    meta = dict(whole.meta)
    if whole.page is not None:
        meta["page"] = str(whole.page)
    if whole.kind != "paragraph":
        meta["kind"] = whole.kind
    return Chunk(
        document_id=document.id, start=whole.start, end=whole.end, text=document.text[whole.start : whole.end],
        headings=whole.headings, tokens=whole.tokens, meta=meta or NO_META,
    )  # fmt: skip
