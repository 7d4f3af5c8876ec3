"""Chunks on three levels: sentences to find, the paragraphs and sections they stand in to answer from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from answerable.core.document import Chunk, Document
from answerable.core.ports import Tokenizer
from answerable.ingest.groups import chunks_of, joined, pack
from answerable.ingest.marks import SIBLINGS, marked
from answerable.ingest.parts import Part, parts_of
from answerable.ingest.ruler import Ruler
from answerable.ingest.sections import Section, merge_small, sections_of
from answerable.ingest.splits import Splitter
from answerable.ingest.wiki_headings import with_headings

SENTENCE, PARAGRAPH, SECTION = 0, 1, 2  # Chunk.level


@dataclass(frozen=True, slots=True, kw_only=True)
class HierarchicalChunker:
    """Level 0 is searched; `parent` leads to the next level, and meta `siblings` says how many share that parent.

    A section is what stands under one heading, up to `max_tokens`; a paragraph a block of it, up to a quarter of
    that; a sentence a sentence, together with its neighbors while they are below `sentence_tokens`. Each level
    holds the whole text. docs/decisions/0089-hierarchical-chunks.md has the figures.
    """

    tokenizer: Tokenizer
    max_tokens: int = 800
    small_tokens: int = 40
    sentence_tokens: int = 24

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        return f"hierarchical-1/{self.max_tokens}/{self.small_tokens}/{self.sentence_tokens}"

    def chunk(self, document: Document) -> list[Chunk]:
        """By level, the searched one first; within a level in order, and only blanks between them."""
        document = with_headings(document)
        ruler = Ruler(document.text, self.tokenizer)
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        sections = sections_of(parts_of(document, ruler))
        merged = merge_small(sections, limit=self._paragraph, small=self.small_tokens)
        levels: tuple[list[Chunk], ...] = ([], [], [])
        for group in (group for section in merged for group in self._sections(section, splitter)):
            (section,) = _chunks(document, [group], level=SECTION)
            levels[SECTION].append(section)
            paragraphs = _chunks(document, [[one] for one in group], level=PARAGRAPH, parent=section)
            levels[PARAGRAPH].extend(paragraphs)
            for paragraph, part in zip(paragraphs, group, strict=True):
                sentences = [[one] for one in self._sentences(part, splitter)]
                levels[SENTENCE].extend(_chunks(document, sentences, level=SENTENCE, parent=paragraph))
        return [chunk for level in levels for chunk in level]

    @property
    def _paragraph(self) -> int:
        return max(1, self.max_tokens // 4)

    def _sections(self, section: Section, splitter: Splitter) -> list[list[Part]]:
        return pack(list(self._paragraphs(section, splitter)), self.max_tokens)

    def _paragraphs(self, section: Section, splitter: Splitter) -> Iterator[Part]:
        """Blocks that fit; headings go with the block they announce where both fit."""
        lead = list[Part]()
        for part in section.parts:
            if part.kind == "heading" and part.tokens <= self._paragraph:
                if lead and part.last - lead[0].first > self._paragraph:
                    yield joined(lead)
                    lead = []
                lead.append(part)
                continue
            first, *rest = splitter.fit(part, self._paragraph)
            if lead and first.last - lead[0].first <= self._paragraph:
                yield joined([*lead, first])
            else:
                yield from [*([joined(lead)] if lead else []), first]
            yield from rest
            lead = []
        if lead:
            yield joined(lead)

    def _sentences(self, paragraph: Part, splitter: Splitter) -> list[Part]:
        groups = list[list[Part]]()
        for one in splitter.sentences(paragraph, self._paragraph):
            if groups and groups[-1][-1].last - groups[-1][0].first < self.sentence_tokens:
                groups[-1].append(one)
            else:
                groups.append([one])
        return [joined(group) for group in groups]


def _chunks(
    document: Document, groups: Sequence[Sequence[Part]], *, level: int, parent: Chunk | None = None
) -> list[Chunk]:
    """The groups as chunks of a level; with a parent, each knows it and how many children it has."""
    above = {SIBLINGS: str(len(groups))} if parent else {}
    leads_to = parent.id if parent else None
    return [marked(replace(one, level=level, parent=leads_to), above) for one in chunks_of(document, groups)]
