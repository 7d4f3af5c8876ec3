"""The way of cutting chosen document by document: mails as mails, chats as chats, the rest along its structure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from answerable.core.document import Chunk, Document
from answerable.core.ports import Chunker
from answerable.ingest.chat_parts import chat_share, is_chat
from answerable.ingest.mail_parts import header_runs, is_marked
from answerable.ingest.marks import AUTO, marked

_MAIL = "message/rfc822"
_SURE = 0.7  # below it, what looks a little like a mail or a chat is cut along its structure
_FEWEST = 4  # messages
_LISTED = ("heading", "table", "list", "quote")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way of cutting, how sure the choice is in [0, 1], and what spoke for it."""

    strategy: Literal["structure", "email", "chat"]
    confidence: float
    why: str

    def __str__(self) -> str:
        return f"{self.strategy} {self.confidence:.2f}: {self.why}"


def choose(document: Document) -> Choice:
    """By media type and blocks where they tell, else by how the lines look."""
    if document.media_type == _MAIL and (is_marked(document) or "from" in document.meta):
        return Choice(strategy="email", confidence=1.0, why="a mail by its media type")
    if is_chat(document):
        return Choice(strategy="chat", confidence=1.0, why="its parser found messages")
    if not document.media_type.startswith("text/") or document.media_type == "text/html":
        return Choice(strategy="structure", confidence=1.0, why=_structure(document))
    likely = max((_mail(document), _chat(document)), key=lambda one: one.confidence)
    if likely.confidence >= _SURE:
        return likely
    return Choice(strategy="structure", confidence=1.0 - likely.confidence, why=_structure(document))


def _mail(document: Document) -> Choice:
    runs = header_runs(document.text)
    at_once = header_runs("\n".join(document.text.lstrip().splitlines()[:8])) > 0
    confidence = 0.95 if runs > 1 and at_once else 0.9 if at_once else 0.75 if runs > 1 else 0.4 if runs else 0.0
    why = f"{runs} {'mail header' if runs == 1 else 'mail headers'}{' at its beginning' if at_once else ''}"
    return Choice(strategy="email", confidence=confidence, why=why)


def _chat(document: Document) -> Choice:
    share, opened, turns = chat_share(document.text)
    told = opened >= _FEWEST and turns >= 2
    why = f"{opened} lines open a message, {turns} speakers come back"
    return Choice(strategy="chat", confidence=min(0.95, 0.3 + share) if told else 0.0, why=why)


def _structure(document: Document) -> str:
    counts = Counter(block.kind for block in document.blocks if block.kind in _LISTED)
    named = [f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in _LISTED if counts[kind]]
    return ", ".join(named) or "plain text without headings"


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoChunker:
    """One of three chunkers for each document; meta `auto` of every chunk says which, how sure, and why."""

    structure: Chunker
    email: Chunker
    chat: Chunker

    @property
    def key(self) -> str:
        """What shapes the chunks besides the text: equal keys give equal chunks."""
        return f"auto-1/{self.structure.key}/{self.email.key}/{self.chat.key}"

    def chunk(self, document: Document) -> list[Chunk]:
        """The document's chunks as the chosen chunker gives them."""
        choice = choose(document)
        chosen = {"structure": self.structure, "email": self.email, "chat": self.chat}[choice.strategy]
        return [marked(chunk, {AUTO: str(choice)}) for chunk in chosen.chunk(document)]
