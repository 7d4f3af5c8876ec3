"""Chunks of chats: exchange by exchange, with who spoke and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from answerable.core.document import Chunk, Document
from answerable.core.ports import Tokenizer
from answerable.ingest.chat_parts import MESSAGE, chat_parts
from answerable.ingest.exchanges import Exchange, exchanges
from answerable.ingest.groups import chunks_of, pack
from answerable.ingest.marks import BOUNDARY
from answerable.ingest.parts import Part
from answerable.ingest.ruler import Ruler
from answerable.ingest.splits import Splitter

_NAMES = 8  # so many speakers are named


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChunker:
    """A question with its replies, up to `max_tokens`; a longer exchange is cut evenly between messages.

    Meta: `speaker` (all of them, first to speak first), `time` of the first message, `until` of the last.
    docs/decisions/0090-mail-and-chat.md.
    """

    tokenizer: Tokenizer
    max_tokens: int = 200
    pause_minutes: int = 30

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        return f"chat-1/{self.max_tokens}/{self.pause_minutes}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks in order; only blanks lie between them."""
        ruler = Ruler(document.text, self.tokenizer)
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        messages = chat_parts(document, ruler)
        pause = timedelta(minutes=self.pause_minutes)
        found = exchanges(messages, document.text, pause=pause)
        return [one for exchange in found for one in self._chunks(document, exchange, splitter)]

    def _chunks(self, document: Document, exchange: Exchange, splitter: Splitter) -> Iterator[Chunk]:
        pieces = [piece for part in exchange.messages for piece in splitter.fit(part, self.max_tokens)]
        groups = pack(pieces, self.max_tokens)
        for n, (group, chunk) in enumerate(zip(groups, chunks_of(document, groups), strict=True)):
            meta = {**chunk.meta, **_spoken(group), BOUNDARY: "size" if n else exchange.why}
            yield replace(chunk, meta=meta)


def _spoken(group: Sequence[Part]) -> dict[str, str]:
    said = [part.block.meta for part in group if part.kind == MESSAGE]
    who = list(dict.fromkeys(meta["speaker"] for meta in said if meta.get("speaker")))
    times = [meta["time"] for meta in said if meta.get("time")]
    more = f" and {len(who) - _NAMES} more" if len(who) > _NAMES else ""
    known = {"speaker": ", ".join(who[:_NAMES]) + more}
    if times:
        known |= {"time": times[0], "until": times[-1] if times[-1] != times[0] else ""}
    return {key: value for key, value in known.items() if value}
