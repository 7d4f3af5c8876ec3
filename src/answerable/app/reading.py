"""What a question is to the one before it of the same person, and where it lies: figures, made as it is told.

Only the last turn of each person is held, in this process, and for half an hour: the log never has its words.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from answerable.core.answer import Answer
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace
from answerable.monitor.emitting import Reading
from answerable.monitor.followup import TurnFacts, follow_up
from answerable.monitor.need import need_sketch
from answerable.monitor.topics import Topics

_TURNS = 5_000  # persons whose last turn is held
_GAP = timedelta(minutes=30)
_DOCUMENTS = 5
_NOBODY = Principal().id


def _none() -> Topics | None:
    """Nobody has made topics."""
    return None


@dataclass(slots=True, kw_only=True)
class TurnReader:
    """`topics` gives those of now, or None; a vector of another space has no topic in them."""

    topics: Callable[[], Topics | None] = _none
    space: str = ""  # the key of the space that vectors of questions lie in
    _last: OrderedDict[tuple[str, str, str], TurnFacts] = field(default_factory=OrderedDict)

    def read(self, query: Query, trace: Trace, answer: Answer) -> Reading:
        """The class, the sketch and the topic of a question that is answered."""
        facts = TurnFacts(
            text=query.text,
            language=answer.language,
            at=trace.started_at,
            documents=_documents(trace),
            embedding=trace.embedding,
            outcome=answer.outcome.value,
        )
        before = self._before(query, facts)
        found = follow_up(before, facts)
        topics = self.topics()
        placed = topics if topics is not None and topics.model == self.space else None
        vector = trace.embedding
        return Reading(
            follow_up=found.class_,
            similarity=found.similarity if before is not None else None,
            need=need_sketch(query.text, answer.language, vector),
            topic=placed.topic_of(vector) if placed is not None and vector is not None else "",
            novelty=placed.novelty_of(vector) if placed is not None and vector is not None else None,
        )

    def _before(self, query: Query, facts: TurnFacts) -> TurnFacts | None:
        """The turn before: as it is held here, or as the client sent it along."""
        key = (query.tenant, query.principal.id, query.conversation or "")
        before = self._last.pop(key, None)
        if query.conversation or query.principal.id != _NOBODY:  # else the turn before may be anybody's
            self._last[key] = facts
        while len(self._last) > _TURNS:
            self._last.popitem(last=False)
        said = next((one.text for one in reversed(query.history) if one.role == "user"), "")
        if before is not None and facts.at - before.at <= _GAP and said in ("", before.text):
            return before
        return TurnFacts(text=said, language=facts.language, at=facts.at) if said else None


def _documents(trace: Trace) -> tuple[str, ...]:
    steps = {one.name: one.detail for one in trace.steps}
    rows: list[Mapping[str, str]] = steps.get("answerable", {}).get("passages", [])
    return tuple(dict.fromkeys(str(one["document"]) for one in rows))[:_DOCUMENTS]
