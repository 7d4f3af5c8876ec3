"""What a foreign target says, as our Answer. What it does not say stays empty: not applicable, never wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from answerable.adapters.targets.refusal import GUESSED, guess_outcome
from answerable.core.answer import Answer, Citation, Claim
from answerable.core.completion import Usage
from answerable.core.document import Chunk
from answerable.core.evaluation import EvalCase
from answerable.core.identity import content_id, random_id
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.text.sentences import sentences

_MARK = re.compile(r"\[(\d{1,3})\]")


class Cited(BaseModel):
    """One thing that a reply points at."""

    model_config = ConfigDict(extra="forbid")

    uri: str = ""
    title: str = ""
    section: str = ""
    quote: str = ""


class Found(BaseModel):
    """One passage that a reply was made from."""

    model_config = ConfigDict(extra="forbid")

    text: str
    uri: str = ""
    title: str = ""
    section: str = ""
    score: float = 0.0


class Reply(BaseModel):
    """A reply of a Python function. Only `text` is needed; an unknown key is an error, for it would be lost."""

    model_config = ConfigDict(extra="forbid")

    text: str
    outcome: Outcome | None = None  # None: guessed from the text
    language: str | None = None
    citations: list[Cited | str] = Field(default_factory=list)  # a plain string is a uri
    passages: list[Found | str] = Field(default_factory=list)  # a plain string is a text
    model: str = ""
    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    cost: Decimal | None = Field(None, ge=0)


def answer_of(reply: Reply, case: EvalCase) -> Answer:
    """The Answer. A guessed outcome is marked in `degraded`; claims are sentences, unchecked."""
    citations = tuple(_citation(n, one) for n, one in enumerate(reply.citations, 1))
    guessed = reply.outcome is None
    return Answer(
        id=random_id("an"),
        trace_id="",
        text=reply.text,
        outcome=reply.outcome or guess_outcome(reply.text),
        language=reply.language or case.language,
        claims=claims_of(reply.text, known=len(citations)),
        citations=citations,
        passages=passages_of(reply.passages),
        degraded=(GUESSED,) if guessed else (),
        usage=Usage(input=reply.input_tokens, output=reply.output_tokens, cost=reply.cost),
        model=reply.model,
    )


def claims_of(text: str, *, known: int) -> tuple[Claim, ...]:
    """Sentences with the numbers in brackets that name one of the `known` citations; nobody checked them."""
    return tuple(
        Claim(start=start, end=end, support="not_applicable", citations=_numbers(text[start:end], known))
        for start, end in sentences(text)
    )


def passages_of(found: Sequence[Found | str]) -> tuple[Passage, ...]:
    """Passages in their order; a document for each uri."""
    return tuple(_passage(one if isinstance(one, Found) else Found(text=one)) for one in found)


def _numbers(sentence: str, known: int) -> tuple[int, ...]:
    numbers = (int(one) for one in _MARK.findall(sentence))
    return tuple(dict.fromkeys(n for n in numbers if 1 <= n <= known))


def _citation(n: int, one: Cited | str) -> Citation:
    cited = Cited(uri=one) if isinstance(one, str) else one
    uri, _, fragment = cited.uri.partition("#")
    return Citation(
        n=n,
        chunk_id="",
        document_id=content_id("doc", uri),
        quote=cited.quote,
        start=0,
        end=len(cited.quote),
        title=cited.title,
        section=cited.section or fragment,
        uri=uri,
    )


def _passage(found: Found) -> Passage:
    chunk = Chunk(document_id=content_id("doc", found.uri), start=0, end=len(found.text), text=found.text)
    headings = (found.title, found.section) if found.section else ()
    return Passage(
        chunk=Chunk(document_id=chunk.document_id, start=0, end=chunk.end, text=chunk.text, headings=headings),
        score=found.score,
        title=found.title,
        uri=found.uri,
    )
