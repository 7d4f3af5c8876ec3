"""Chunks along a document's own structure: headings, sections, paragraphs, lists, tables, sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from answerable.core.document import Chunk, Document
from answerable.core.ports import Tokenizer
from answerable.ingest.groups import chunks_of, joined, pack
from answerable.ingest.parts import Part, parts_of
from answerable.ingest.ruler import Ruler
from answerable.ingest.sections import Section, merge_small, sections_of
from answerable.ingest.splits import Splitter
from answerable.ingest.wiki_headings import with_headings

_WHOLE = frozenset({"table", "code"})  # cut only when longer than the limit by themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureChunker:
    """Sections cut into chunks of even size up to `max_tokens`; docs/decisions/0030-chunking.md has the figures.

    A chunk holds no heading of its own section's level or above after its first text. Tables and code stay whole
    where they fit, quotes (of mails) stay alone, sentences are cut only when longer than the limit. A section
    below `small_tokens` merges with the one it stands under. Chunk.tokens counts a run of more than 64 characters
    without a token as several, so that no chunk is without bounds.
    """

    tokenizer: Tokenizer
    max_tokens: int = 200
    small_tokens: int = 40

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        return f"structure-3/{self.max_tokens}/{self.small_tokens}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks in order; only blanks lie between them."""
        document = with_headings(document)
        ruler = Ruler(document.text, self.tokenizer)
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        sections = sections_of(parts_of(document, ruler))
        merged = merge_small(sections, limit=self.max_tokens, small=self.small_tokens)
        return chunks_of(document, (group for section in merged for group in self._groups(section, splitter)))

    def _groups(self, section: Section, splitter: Splitter) -> Iterator[list[Part]]:
        for run in _runs(section.parts):
            yield from pack(self._units(run, splitter), self.max_tokens)

    def _units(self, run: Sequence[Part], splitter: Splitter) -> list[Part]:
        """Parts that fit, the leading headings joined to the text they announce."""
        lead = list(takewhile(_is_heading, run))
        rest = run[len(lead) :]
        limit = self.max_tokens
        room = limit - (rest[0].first - lead[0].first) if lead and rest else 0
        if not lead or room < max(1, limit // 4) or (rest[0].kind in _WHOLE and room < rest[0].tokens <= limit):
            return [piece for part in run for piece in splitter.fit(part, limit)]
        first, *others = splitter.fit(rest[0], room)
        others.extend(piece for part in rest[1:] for piece in splitter.fit(part, limit))
        return [joined([*lead, first]), *others]


def _is_heading(part: Part) -> bool:
    return part.kind == "heading"


def _runs(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Quotes apart from what they are quoted in; a heading goes with what follows it."""
    run: list[Part] = []
    for part in parts:
        if run and not _is_heading(run[-1]) and (part.kind == "quote") != (run[-1].kind == "quote"):
            yield run
            run = []
        run.append(part)
    if run:
        yield run
