"""What happens while a question is answered, for whoever is watching (the SSE stream, the terminal)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from answerable.core.answer import Answer, Citation, Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The question is taken."""

    id: str
    trace_id: str
    deadline_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step begins: guarding, retrieving, reranking, generating, verifying."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The passages the answer will be made from, before any text. n here is the context's number."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One whole sentence that passed every check, with its claim and the citations it is the first to use."""

    delta: str
    index: int  # of the claim
    claim: Claim
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revise:
    """A shown sentence is taken back, or a sentence was withheld before it was shown (claim is None)."""

    claim: int | None
    action: str  # withdraw | withhold
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The whole answer; always the last."""

    answer: Answer


Event = Accepted | Stage | Sources | Text | Revise | Done
Listener = Callable[[Event], Awaitable[None]]


async def ignore(event: Event) -> None:
    """The listener of those who only want the answer."""
