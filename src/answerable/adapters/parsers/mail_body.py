"""The text of an e-mail, cut into what is new, what is quoted, and the signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from answerable.adapters.parsers.pieces import Pieces
from answerable.adapters.parsers.prose import write_prose
from answerable.adapters.parsers.sheet import Sheet

_QUOTED = re.compile(r"((?:>[ \t]?)+)(.*)")
# `On 4 June 2026, Ann wrote:`, `Ann wrote on 4 June:`, `Am 4. Juni schrieb Ann:`, `El 4 de junio Ann escribió:`
_ATTRIBUTION = re.compile(
    r"(?:(?:On|Am|El|Le)\s(?P<on>\S.{2,120}?),?\s"
    r"(?:schrieb\s(?P<who_de>.{1,80})|(?P<who_on>[^,\d][^,]{0,80}?)\s(?:wrote|escribió|a écrit))"
    r"|(?P<who>[^:>]{1,80}?)\s(?:wrote|schrieb|escribió)(?:\son|\sam|\sel)?\s?(?P<when>[^>]{0,60}?))\s?:\s*\Z"
)
_FORWARDED = re.compile(
    r"\s*-{3,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Mensaje original)\b", re.I
)
_HEADER_BLOCK = re.compile(r"(?:From|Von|De):\s.+")
_HEADER_NEXT = re.compile(r"(?:Sent|Date|To|Gesendet|Datum|An|Enviado|Fecha|Para):\s")
_DASHES = re.compile(r"--\s*\Z")
_CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many)?\s*(?:regards|wishes)|(?:yours )?sincerely|thanks(?: and regards)?|cheers"
    r"|(?:mit )?(?:freundlichen|besten|vielen|herzlichen) grüßen?|(?:viele|beste|liebe|schöne|freundliche) grüße"
    r"|(?:un )?saludos?(?: cordial(?:es)?)?|atentamente|cordialement)[\s,.!]*\Z",
    re.IGNORECASE,
)
_MAX_CLOSING_LINES = 8


@dataclass(slots=True)
class _Part:
    kind: str  # new | quote | signature
    depth: int
    lines: list[str]
    attribution: str = ""


def write_mail(text: str, sheet: Sheet, *, speaker: str, time: str) -> None:
    """New text becomes paragraphs and lists, quoted text blocks of kind quote (meta depth 1.., history = 1)."""
    own = {key: value for key, value in (("speaker", speaker), ("time", time)) if value}
    for part in _parts(text.replace("\r\n", "\n").split("\n")):
        body = "\n".join(part.lines).strip("\n")
        if part.kind == "signature":
            sheet.add("signature", "\n".join(line.strip() for line in part.lines if line.strip()), meta=own)
            continue
        pieces = Pieces()
        write_prose(body, pieces, headings=False)
        if part.kind == "new":
            for piece in pieces.items:
                sheet.add(piece.kind, piece.text, meta=own)
        else:
            quoted = "\n".join([part.attribution, pieces.lines]).strip()
            sheet.add("quote", quoted, meta={"depth": str(part.depth), "history": "1", **_who(part.attribution)})


def _parts(lines: list[str]) -> Iterator[_Part]:
    """Runs of lines of one kind. An attribution line belongs to the quotation below it."""
    part = _Part("new", 0, [])
    history = 0  # depth of an unmarked history: everything below `Original Message`
    for at, line in enumerate(lines):
        depth, body = _depth(line)
        starts, depth = _opens(lines, at, depth, history)
        history = max(history, starts)
        depth = max(depth, history)
        kind = "quote" if depth else _kind(lines, at, part)
        if (kind, depth) != (part.kind, part.depth) and (body.strip() or kind == "signature"):
            yield part
            part = _Part(kind, depth, [])
        if depth and not part.lines and not part.attribution and _ATTRIBUTION.match(body.strip()):
            part.attribution = body.strip()
        elif not _DASHES.match(body):
            part.lines.append(body)
    yield part


def _depth(line: str) -> tuple[int, str]:
    match = _QUOTED.match(line)
    return (match.group(1).count(">"), match.group(2)) if match else (0, line)


def _opens(lines: list[str], at: int, depth: int, history: int) -> tuple[int, int]:
    """(1 where an unmarked history starts, the line's depth with an attribution counted to what it introduces)."""
    body = _depth(lines[at])[1].strip()
    following = [_depth(line) for line in lines[at + 1 : at + 4] if _depth(line)[1].strip()]
    if _ATTRIBUTION.match(body) and following and following[0][0] > depth:
        return 0, following[0][0]
    if depth or history:
        return 0, depth
    header = _HEADER_BLOCK.match(body) and any(_HEADER_NEXT.match(text) for _, text in following)
    return (1, 1) if header or _FORWARDED.match(body) else (0, depth)


def _kind(lines: list[str], at: int, part: _Part) -> str:
    line = lines[at].strip()
    if _DASHES.match(lines[at]):
        return "signature"
    if part.kind == "signature" and part.depth == 0:
        return "signature"
    if _CLOSING.match(line) and len(_until_quote(lines[at + 1 :])) <= _MAX_CLOSING_LINES:
        return "signature"
    return "new"


def _until_quote(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if (
            line.startswith(">")
            or _ATTRIBUTION.match(line.strip())
            or _FORWARDED.match(line)
            or _DASHES.match(line)
        ):
            break
        if line.strip():
            found.append(line)
    return found


def _who(attribution: str) -> dict[str, str]:
    match = _ATTRIBUTION.match(attribution)
    if match is None:
        return {}
    who = match.group("who") or match.group("who_on") or match.group("who_de") or ""
    when = match.group("when") or match.group("on") or ""
    return {key: value.strip(" ,") for key, value in (("speaker", who), ("time", when)) if value.strip(" ,")}
