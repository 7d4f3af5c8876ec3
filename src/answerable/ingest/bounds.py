"""What one document, and all in flight, may cost the syncing process; parsers have limits of their own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from answerable.core.document import Document
from answerable.core.errors import ParseError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """For one document; docs/decisions/0236-bounds-of-a-document.md has the figures behind the defaults."""

    chars: int = 5_000_000  # of text
    chunks: int = 10_000
    cpu_s: float = 120.0  # of cutting it and looking it over

    def check_text(self, document: Document) -> None:
        """Raises ParseError, `too_large`."""
        if len(document.text) > self.chars:
            raise _too_large(
                document, f"{len(document.text):,} characters of text", f"{self.chars:,}", "max_chars"
            )

    def check_chunks(self, document: Document, chunks: int) -> None:
        """Raises ParseError, `too_large`."""
        if chunks > self.chunks:
            raise _too_large(document, f"cut into {chunks:,} chunks", f"{self.chunks:,}", "max_chunks")

    def took_too_long(self, document: Document) -> ParseError:
        """What is said of a document that was given up."""
        return ParseError(
            f"{document.uri}: cutting it and looking it over takes more than {self.cpu_s:g} s of CPU",
            hint="Split the file, or raise guard.ingest.max_cpu and sync again with --retry-failed.",
            reason="timeout",
        )


def _too_large(document: Document, what: str, limit: str, key: str) -> ParseError:
    return ParseError(
        f"{document.uri}: {what}, more than {limit}",
        hint=f"Split the file, or raise guard.ingest.{key} and sync again with --retry-failed.",
        reason="too_large",
    )


@dataclass(slots=True, kw_only=True)
class Room:
    """Characters of documents that are cut or wait to be embedded. One that is larger than the room goes alone."""

    chars: int
    _taken: int = field(default=0, init=False)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition, init=False)

    async def take(self, chars: int) -> None:
        """Waits until there is room."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._taken or self._taken + chars <= self.chars)
            self._taken += chars

    async def give(self, chars: int) -> None:
        """Back, by whoever has the document now."""
        self._taken -= chars  # at once: a cancelled task gives back too
        async with self._changed:
            self._changed.notify_all()
