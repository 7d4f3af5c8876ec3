"""Neighboring parts put together: packed evenly up to a limit, joined into one, made a chunk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil

from answerable.core.document import SECTIONS, Block, Chunk, Document, sections_value
from answerable.ingest.parts import Part


def pack(parts: Sequence[Part], limit: int) -> list[list[Part]]:
    """Neighbors together up to `limit` tokens, in groups of about equal size; no part may be above the limit."""
    if not parts:
        return []
    total = parts[-1].last - parts[0].first
    if total <= limit:
        return [list(parts)]
    target = total / ceil(total / limit)
    groups, group, begin = list[list[Part]](), [parts[0]], parts[0].first
    for part in parts[1:]:
        size, own = part.last - begin, part.last - part.first
        if size <= limit and size - own / 2 <= target:  # it fits, half of it or more within the even size
            group.append(part)
        else:
            groups.append(group)
            group, begin = [part], part.first
    return [*groups, group]


def joined(group: Sequence[Part]) -> Part:
    """One part from the first's start to the last's end; what it is, is said by the first that is no heading."""
    head, tail = group[0], group[-1]
    if head is tail:
        return head
    return Part(start=head.start, end=tail.end, first=head.first, last=tail.last, block=_joined(group))


def _joined(group: Sequence[Part]) -> Block:
    bodies = [part.block for part in group if part.kind != "heading"] or [group[-1].block]
    body = bodies[0]
    if all(other is body for other in bodies) and body.page == group[0].block.page:
        return body
    kind = body.kind if all(other.kind == body.kind for other in bodies) else "paragraph"
    return replace(body, kind=kind, page=group[0].block.page, meta=_common(bodies))


def _common(blocks: Sequence[Block]) -> Mapping[str, str]:
    """What all say alike: a chunk of two speakers' messages has no speaker."""
    if not any(block.meta for block in blocks):
        return {}
    common = set(blocks[0].meta.items()).intersection(*(block.meta.items() for block in blocks[1:]))
    return {key: value for key, value in blocks[0].meta.items() if (key, value) in common}


def chunks_of(document: Document, groups: Iterable[Sequence[Part]]) -> list[Chunk]:
    """A chunk a group.

    Meta: what all its blocks say, `page` (the first), `kind` where it is not prose, `sections` inside it.
    """
    document_id = document.id  # a hash: once, not per chunk
    inner = [block for block in document.blocks if block.kind == "heading"]
    begins = [block.start for block in inner]
    made = []
    for group in groups:
        whole = joined(group)
        within = inner[bisect_right(begins, whole.start) : bisect_left(begins, whole.end)]
        made.append(_chunk(document, document_id, whole, within))
    return made


def _chunk(document: Document, document_id: str, whole: Part, inner: Sequence[Block]) -> Chunk:
    block = whole.block
    meta = dict(block.meta)
    if below := [one for one in inner if one.headings != block.headings]:
        meta[SECTIONS] = sections_value((one.start - whole.start, one.headings) for one in below)
    if block.page is not None:
        meta["page"] = str(block.page)
    if block.kind != "paragraph":
        meta["kind"] = block.kind
    return Chunk(
        document_id=document_id,
        start=whole.start,
        end=whole.end,
        text=document.text[whole.start : whole.end],
        headings=block.headings,
        tokens=whole.tokens,
        meta=meta,
    )
