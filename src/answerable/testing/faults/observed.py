"""What came of a question that was asked with a fault in the way, and where it is not what the matrix says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from answerable.core.answer import Answer
from answerable.core.events import Event, Text
from answerable.testing.faults.cell import Cell, Gets
from answerable.testing.faults.foreign import MARK

GRACE_S = 0.25  # beyond the deadline: what is left to do when it is over; a busy machine is no fault


@dataclass(slots=True, kw_only=True)
class Watcher:
    """A listener that keeps all that a person would have seen."""

    events: list[Event] = field(default_factory=list)

    async def __call__(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)

    @property
    def shown(self) -> str:
        """The text, sentence by sentence."""
        return "".join(one.delta for one in self.events if isinstance(one, Text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One question. `recorded`: how many traces of it are in the journal, its memory or its spool."""

    answer: Answer | None  # None: `ask` raised
    events: tuple[Event, ...] = ()
    seconds: float = 0.0
    deadline_s: float = 4.0
    recorded: int = 1
    raised: str = ""
    trace: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The text that went out, sentence by sentence."""
        return "".join(one.delta for one in self.events if isinstance(one, Text))


def differences(cell: Cell, observed: Observed, *, healthy: Answer) -> tuple[str, ...]:
    """What is not as documented, in words; nothing when all is. `healthy` is the answer without a fault."""
    answer = observed.answer
    if answer is None:
        return (f"asking raised {observed.raised}",)
    return tuple(_differences(cell, observed, answer, healthy))


def _differences(cell: Cell, observed: Observed, answer: Answer, healthy: Answer) -> Iterator[str]:
    if answer.outcome is not cell.outcome:
        yield f"the outcome is {answer.outcome}, not {cell.outcome}"
    wanted, got = {*healthy.degraded, *cell.degraded}, set(answer.degraded)
    if cell.outcome.answers and wanted != got:
        yield f"degraded is {_listed(got)}, not {_listed(wanted)}"
    if observed.seconds > observed.deadline_s + GRACE_S:
        yield f"it took {observed.seconds:.2f} s of {observed.deadline_s:g}"
    if observed.recorded < 1:
        yield "its trace is lost"
    if not answer.outcome.answers and len(answer.next_steps) < 2:
        yield "there are fewer than two ways on"
    yield from _unfit(cell, observed, answer)


def _unfit(cell: Cell, observed: Observed, answer: Answer) -> Iterator[str]:
    """What was shown and must not have been."""
    if MARK in told(observed):
        yield "text came out that is not the asker's"
    if observed.shown != (answer.text if answer.outcome.answers else ""):
        yield "what was streamed is not the answer"
    if cell.gets is Gets.QUOTES and not is_quoted(answer):
        yield "a sentence is no quote"
    yield from _unsupported(answer)


def _unsupported(answer: Answer) -> Iterator[str]:
    """Every claim of an answer has a citation, and every citation says what its passage says."""
    held = {one.chunk.id: one.chunk.text for one in answer.passages}
    for claim in answer.claims:
        if claim.kind == "fact" and not claim.citations:
            yield f"a sentence cites nothing: {answer.text[claim.start : claim.end]!r}"
    for citation in answer.citations:
        if citation.quote not in held.get(citation.chunk_id, ""):
            yield f"a citation is of no passage: {citation.quote!r}"


def is_quoted(answer: Answer) -> bool:
    """Whether each sentence stands word for word in a passage."""
    texts = [" ".join(one.chunk.text.split()) for one in answer.passages]
    quotes = [" ".join(one.quote.split()).rstrip(".!?") for one in answer.citations]
    said = " ".join(answer.text.split())
    return all(any(one in text for text in texts) and one in said for one in quotes)


def told(observed: Observed) -> str:
    """Everything that went out or was written down, as one text to look for words in."""
    return repr(observed.answer) + repr(observed.events) + json.dumps(observed.trace, default=str)


def _listed(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"
