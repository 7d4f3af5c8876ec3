"""An answer as statements: each sentence with what it cites, and whether it claims anything at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from answerable.core.answer import Answer, Citation, Claim
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.text.facts import facts
from answerable.text.sentences import sentences
from answerable.text.stems import stems

_MARK = re.compile(r"(?<!\s)\s*\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3}){0,20}\s*\]")
_NUMBER = re.compile(r"\d{1,3}")
_TRAILING = re.compile(r"([.!?…][\"'”’)]?)((?:\s*\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3}){0,20}\s*\])+)")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_LIMIT = re.compile(
    r"\b(?:i|we) (?:do(?:n['’]t| not) (?:know|have)|could(?:n['’]t| not) (?:find|verify|answer)"
    r"|can(?:not|['’]t) (?:find|answer|help|confirm))\b"
    r"|\b(?:sources?|pages?|documents?|passages?|context) (?:do(?:es)?(?:n['’]t| not)) (?:say|mention|state|tell"
    r"|cover|contain|provide)\b"
    r"|\b(?:wei(?:ß|ss) ich nicht|ich wei(?:ß|ss) (?:es )?nicht|konnte(?:n)? (?:ich|wir)?[^.]{0,40}nicht finden)\b"
    r"|\bno (?:lo )?(?:s[eé]|sabemos|encontr[eéa]\w*|puedo (?:responder|ayudar))\b",
    re.I,
)
_COURTESY = re.compile(
    r"^\W*(?:hello|hi|thanks?|thank you|you['’]re welcome|sorry|i['’]?m sorry|i apologi[sz]e|sure|certainly"
    r"|of course|great question|i hope (?:this|that)|let me know|please (?:contact|let|ask|reach|rephrase)"
    r"|feel free|here (?:is|are) what|hallo|danke|gerne|bitte (?:wende|kontaktier|frag)\w*|entschuldig\w*"
    r"|hola|gracias|lo siento|por favor (?:contact|pregunt)\w*|espero que)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence without its marks. `passages` are those it cites; `broken`: a mark that points nowhere."""

    text: str
    kind: str  # fact | limit | note; only a fact is checked and needs a citation
    passages: tuple[Passage, ...] = ()
    broken: bool = False


def statements(answer: Answer) -> tuple[Statement, ...]:
    """From the answer's claims, or from its text where the target gives none."""
    by_number = _cited(answer)
    if answer.claims:
        return tuple(_of_claim(claim, answer, by_number) for claim in answer.claims if _body_of(claim, answer))
    return tuple(
        _of_text(piece, answer.language, by_number)
        for piece in _pieces(answer.text, answer.language)
        if _body(piece)
    )


@lru_cache(maxsize=64)  # several metrics ask for the statements of one answer
def _pieces(text: str, language: str) -> tuple[str, ...]:
    """The sentences, each with its marks inside: `Sentence. [1]` is read as `Sentence [1].`"""
    text = _TRAILING.sub(lambda match: f"{match.group(2)}{match.group(1)}", text)
    return tuple(text[start:end] for start, end in sentences(text, language))


def wording(answer: Answer) -> str:
    """The text without citation marks, whose numbers are not the answer's."""
    return _MARK.sub("", answer.text)


def claims_of(answer: Answer) -> list[Statement]:
    """The statements that claim something."""
    return [one for one in statements(answer) if one.kind == "fact"]


def evidence(answer: Answer) -> tuple[Passage, ...]:
    """All that the answer may rest on: its context, and what it cites beside it."""
    held = {passage.chunk.id for passage in answer.passages}
    beside = {c.chunk_id: _passage(c) for c in answer.citations if c.chunk_id not in held and c.quote}
    return (*answer.passages, *beside.values())


def _cited(answer: Answer) -> dict[int, Passage]:
    """The passage behind each number; a bare number of a target without citations counts its passages."""
    if not answer.citations:
        return dict(enumerate(answer.passages, start=1))
    held = {passage.chunk.id: passage for passage in answer.passages}
    return {one.n: held.get(one.chunk_id) or _passage(one) for one in answer.citations}


def _passage(citation: Citation) -> Passage:
    """What is known of a cited passage that the target does not show: its quote."""
    chunk = Chunk(document_id=citation.document_id, start=citation.start, end=citation.end, text=citation.quote)
    return Passage(chunk=chunk, score=0.0, title=citation.title, uri=citation.uri, language=citation.language)


def _of_claim(claim: Claim, answer: Answer, by_number: dict[int, Passage]) -> Statement:
    body = _body_of(claim, answer)
    kind = claim.kind if claim.kind != "fact" else _kind(body, answer.language)
    return _made(body, "fact" if claim.citations else kind, claim.citations, by_number)


def _body_of(claim: Claim, answer: Answer) -> str:
    return _body(answer.text[max(0, claim.start) : max(0, claim.end)])


def _of_text(piece: str, language: str, by_number: dict[int, Passage]) -> Statement:
    cited = [int(number) for mark in _MARK.finditer(piece) for number in _NUMBER.findall(mark.group())]
    body = _body(piece)
    return _made(body, "fact" if cited else _kind(body, language), cited, by_number)


def _made(body: str, kind: str, numbers: Sequence[int], by_number: dict[int, Passage]) -> Statement:
    known = [by_number[number] for number in dict.fromkeys(numbers) if number in by_number]
    passages = tuple({passage.chunk.id: passage for passage in known}.values())
    return Statement(text=body, kind=kind, passages=passages, broken=any(one not in by_number for one in numbers))


@lru_cache(maxsize=1024)
def _body(piece: str) -> str:
    body = " ".join(_BULLET.sub("", _MARK.sub("", piece)).split())
    return body if any(char.isalnum() for char in body) else ""


@lru_cache(maxsize=1024)
def _kind(body: str, language: str) -> str:
    if _LIMIT.search(body):
        return "limit"
    bare = body.rstrip(" \"'”’)*_")
    lead_in = bare.endswith(":") and not facts(bare, language).numbers
    if _COURTESY.match(body) or bare.endswith("?") or lead_in or not stems(body, language):
        return "note"
    return "fact"
