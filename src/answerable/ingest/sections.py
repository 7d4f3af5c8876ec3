"""A document's parts by section: what stands under one heading, together with that heading."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.ingest.parts import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Neighboring parts under one heading of `level` (0: under none). Headings without text lead to the next."""

    level: int
    parts: tuple[Part, ...]

    @property
    def tokens(self) -> int:
        """Tokens from its first character to its last."""
        return self.parts[-1].last - self.parts[0].first


def sections_of(parts: list[Part]) -> list[Section]:
    """One section a heading; a heading that nothing stands under is taken into the section that follows."""
    found: list[Section] = []
    level, open_parts = 0, list[Part]()
    for part in parts:
        heading = part.kind == "heading"
        if heading and any(one.kind != "heading" for one in open_parts):
            found.append(Section(level=level, parts=tuple(open_parts)))
            open_parts = []
        if heading:
            level = part.block.level
        open_parts.append(part)
    if open_parts:
        found.append(Section(level=level, parts=tuple(open_parts)))
    return found


def merge_small(sections: list[Section], *, limit: int, small: int) -> list[Section]:
    """A subsection joins the section it stands under when either is below `small` tokens and both fit `limit`.

    Sections of the same level never merge: each is about something else.
    """
    merged: list[Section] = []
    for section in sections:
        if merged and _belongs(merged[-1], section, limit, small):
            merged[-1] = Section(level=merged[-1].level, parts=merged[-1].parts + section.parts)
        else:
            merged.append(section)
    return merged


def _belongs(above: Section, below: Section, limit: int, small: int) -> bool:
    highest = min((part.block.level for part in below.parts if part.kind == "heading"), default=0)
    fits = below.parts[-1].last - above.parts[0].first <= limit
    quoted = any(part.kind == "quote" for part in above.parts + below.parts)  # stays alone
    return highest > above.level and fits and not quoted and min(above.tokens, below.tokens) < small
