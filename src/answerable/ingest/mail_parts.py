"""A mail as parts: new words, quotes, signatures, headers; by its blocks, or by its lines where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from answerable.core.document import Block, Document
from answerable.ingest.parts import Part, part_of, parts_of
from answerable.ingest.ruler import Ruler

QUOTED, SIGNED, HEADED = "quote", "signature", "header"  # Block.kind
SPOKEN = "speaker"  # Block.meta, as the parsers give it
_LINE = re.compile(r"[^\n]*\n?")
_HEADER = re.compile(
    r"[*_]*(?P<name>From|Von|De|To|An|Para|Cc|Bcc|Date|Sent|Datum|Gesendet|Fecha|Enviado|Subject|Betreff|Asunto|Reply-To"
    r"|Message-ID)[*_]*[ \t]*:[ \t]*[*_]*(?P<value>\S.*)"
)
_NAMES = {
    "from": ("From", "Von", "De"),
    "date": ("Date", "Sent", "Datum", "Gesendet", "Fecha", "Enviado"),
    "subject": ("Subject", "Betreff", "Asunto"),
}
_MEANS = {name: key for key, names in _NAMES.items() for name in names}
_MARKED = re.compile(r"[ \t]*(?:>[ \t]?)+")
_ATTRIBUTION = re.compile(r"(?=.*\d).{4,160}\b(?:wrote|schrieb|escribió|a écrit)\b.{0,60}:[ \t]*$")
_DASHES = re.compile(r"--[ \t]*$")
_FORWARDED = re.compile(
    r"[ \t]*-{3,}[ \t]*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Mensaje original)", re.I
)


def is_marked(document: Document) -> bool:
    """Whether the parser told the parts of the mail apart."""
    return any(one.kind in (QUOTED, SIGNED) or SPOKEN in one.meta for one in document.blocks)


def header_runs(text: str) -> int:
    """How many times two or more header lines follow each other, one of them saying who wrote."""
    runs, here = 0, list[str]()
    for line in [*text.splitlines(), ""]:
        if found := _HEADER.match(line):
            here.append(_MEANS.get(found["name"], ""))
            continue
        runs += len(here) > 1 and "from" in here
        here = []
    return runs


def mail_parts(document: Document, ruler: Ruler) -> list[Part]:
    """Every non-blank character in exactly one part, quoted text, signatures and headers in parts of their own."""
    parts = parts_of(document, ruler)
    return parts if is_marked(document) else list(_by_lines(document.text, parts, ruler))


@dataclass(slots=True)
class _Voice:
    """Whose words the lines are that come next."""

    kind: str = ""  # empty: new words, of the kind the block has
    letterhead: Mapping[str, str] = field(default_factory=dict)  # of the last header that was read

    @property
    def meta(self) -> Mapping[str, str]:
        """A quotation has another author than the mail it stands in, whom the header does not name."""
        if self.kind in (QUOTED, HEADED) or "from" not in self.letterhead:
            return {} if self.kind == QUOTED else self.letterhead
        return {**self.letterhead, SPOKEN: self.letterhead["from"]}


def _by_lines(text: str, parts: Iterable[Part], ruler: Ruler) -> Iterator[Part]:
    voice = _Voice()
    for part in parts:
        at, start, kind, meta = part.start, part.start, voice.kind, voice.meta
        for line in _LINE.findall(text[part.start : part.end]):
            _hear(voice, line.rstrip("\n"))
            if voice.kind != kind and line.strip():
                yield from _piece(text, start, at, part.block, kind, meta, ruler)
                start, kind = at, voice.kind
            meta = voice.meta
            at += len(line)
        yield from _piece(text, start, part.end, part.block, kind, meta, ruler)


def _hear(voice: _Voice, line: str) -> None:
    """What the line says of itself and of what follows."""
    if found := _HEADER.match(line):
        key = _MEANS.get(found["name"], "")
        known = voice.letterhead if voice.kind == HEADED else {}
        voice.kind = HEADED
        voice.letterhead = {**known, **({key: found["value"].strip()} if key else {})}
    elif _MARKED.match(line) or _ATTRIBUTION.match(line) or _FORWARDED.match(line):
        voice.kind = QUOTED
    elif _DASHES.match(line):
        voice.kind = SIGNED
    elif line.strip() and voice.kind != SIGNED:
        voice.kind = ""


def _piece(
    text: str, start: int, end: int, block: Block, kind: str, meta: Mapping[str, str], ruler: Ruler
) -> Iterator[Part]:
    own = replace(block, kind=kind or block.kind, meta={**block.meta, **meta})
    if part := part_of(text, start, end, block=own, ruler=ruler):
        yield part
