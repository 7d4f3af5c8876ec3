"""Chunks of mails: message by message, with quoted text and signatures apart from what is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from answerable.core.document import Chunk, Document
from answerable.core.ports import Tokenizer
from answerable.ingest.groups import chunks_of, pack
from answerable.ingest.mail_parts import HEADED, QUOTED, SIGNED, SPOKEN, mail_parts
from answerable.ingest.marks import BOUNDARY
from answerable.ingest.parts import Part
from answerable.ingest.ruler import Ruler
from answerable.ingest.splits import Splitter

_APART = {QUOTED: "quoted text", SIGNED: "signature", HEADED: "header"}
_Voice = tuple[str, str, str, str]  # apart or not, who, when, how deep the quotation is


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChunker:
    """What one person wrote in one message, up to `max_tokens`; a quotation of it is another message.

    Meta says from, date and subject as far as they are known, and kind quote, signature or header for what is
    not new. docs/decisions/0090-mail-and-chat.md.
    """

    tokenizer: Tokenizer
    max_tokens: int = 200

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        return f"email-1/{self.max_tokens}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks in order; only blanks lie between them."""
        ruler = Ruler(document.text, self.tokenizer)
        splitter = Splitter(text=document.text, language=document.language, ruler=ruler)
        runs = groupby(mail_parts(document, ruler), key=_voice)
        return [one for voice, parts in runs for one in self._message(document, voice, list(parts), splitter)]

    def _message(
        self, document: Document, voice: _Voice, parts: Sequence[Part], splitter: Splitter
    ) -> Iterator[Chunk]:
        pieces = [piece for part in parts for piece in splitter.fit(part, self.max_tokens)]
        for n, chunk in enumerate(chunks_of(document, pack(pieces, self.max_tokens))):
            why = "size" if n else _APART.get(voice[0], "message")
            own = {key: value for key, value in chunk.meta.items() if key != "time"}  # it is the date
            yield replace(chunk, meta={**_letterhead(document, chunk.meta), BOUNDARY: why, **own})


def _voice(part: Part) -> _Voice:
    meta, kind = part.block.meta, part.kind if part.kind in _APART else ""
    return kind, meta.get(SPOKEN, ""), meta.get("time", meta.get("date", "")), meta.get("depth", "")


def _letterhead(document: Document, own: Mapping[str, str]) -> dict[str, str]:
    """A quotation's author and date are its own; of what is new they are the mail's."""
    if own.get("kind") == QUOTED:
        known = {"from": own.get(SPOKEN, ""), "date": own.get("time", "")}
    else:
        known = {"from": own.get(SPOKEN) or document.meta.get("from", ""),
                 "date": own.get("time") or document.meta.get("date", "")}  # fmt: skip
    return {key: value for key, value in {**known, "subject": document.title}.items() if value}
