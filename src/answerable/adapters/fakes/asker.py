"""An asker that says what it was told to: for tests of the faces, and for trying them without an index."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from answerable.core.answer import Answer
from answerable.core.events import Accepted, Done, Event, Listener, Revise, Sources, Stage, Text, ignore
from answerable.core.identity import random_id
from answerable.core.passage import Passage
from answerable.core.ports import Journal
from answerable.core.query import Query
from answerable.core.trace import Trace


def events_of(answer: Answer, *, deadline_ms: int = 4000) -> list[Event]:
    """The events that end in `answer`, in the order the real asker has: sources before text, done last."""
    told: list[Event] = [
        Accepted(id=answer.id, trace_id=answer.trace_id, deadline_ms=deadline_ms),
        Stage(name="guarding"),
        Stage(name="retrieving"),
    ]
    if answer.citations:
        told.append(Sources(citations=answer.citations))
    if answer.outcome.answers:
        told.append(Stage(name="generating"))
        told.extend(_sentences(answer))
        told.extend(Revise(claim=None, action="withhold", reason=one.reason) for one in answer.withheld)
    told.append(Done(answer=answer))
    return told


def _sentences(answer: Answer) -> Iterable[Text]:
    """Each with the space or line break before it, and the citations that it is the first to use."""
    by_number = {citation.n: citation for citation in answer.citations}
    end = 0
    for index, claim in enumerate(answer.claims):
        first = tuple(by_number.pop(n) for n in claim.citations if n in by_number)
        yield Text(delta=answer.text[end : claim.end], index=index, claim=claim, citations=first)
        end = claim.end


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeAsker:
    """Answers with `answer_for(query)`, event by event, `pause_s` apart; finds `passages` for every search.

    Each answer gets a fresh id and trace id, and is written to the journal where there is one.
    """

    answer_for: Callable[[Query], Answer]
    passages: Sequence[Passage] = ()
    journal: Journal | None = None
    pause_s: float = 0.0
    tell: Callable[[Answer], Iterable[Event]] = events_of

    async def ask(self, query: Query, *, listen: Listener = ignore) -> Answer:
        """The prepared answer."""
        trace = Trace(tenant=query.tenant)
        answer = replace(
            self.answer_for(query),
            id=random_id("an"),
            trace_id=trace.id,
            conversation=query.conversation,
        )
        for event in self.tell(answer):
            if isinstance(event, Done) and self.journal is not None:
                self.journal.write(trace, query, answer, None)
            await listen(event)
            await asyncio.sleep(self.pause_s)
        return answer

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        """The first of the prepared passages."""
        return list(self.passages[:limit])
