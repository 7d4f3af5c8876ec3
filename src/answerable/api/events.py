"""The SSE events of one answer: what the asker tells its listener, as (name, JSON object) pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from answerable.answer.record import answer_record
from answerable.core.answer import Answer, Citation
from answerable.core.events import Accepted, Done, Event, Revise, Sources, Stage, Text
from answerable.core.outcome import Outcome
from answerable.web.markdown import links, nodes, with_nodes

_MARK = re.compile(r"\[(\d{1,3})\]")

Named = tuple[str, dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class Encoder:
    """The events of one answer as those that a client gets. `hosts`: where links of a sentence may lead."""

    hosts: tuple[str, ...] = ()
    cited: dict[int, dict[str, Any]] = field(default_factory=dict)  # the sources so far, by number

    def encode(self, event: Event) -> list[Named]:
        """One event of the asker as the events a client gets, in order."""
        match event:
            case Accepted():
                return [("accepted", {"id": event.id, "deadline_ms": event.deadline_ms, "trace": event.trace_id})]
            case Stage():
                return [("stage", {"name": event.name})]
            case Sources():
                return [("sources", {"sources": sources_of(event.citations)})]
            case Text():
                self.cited.update((one["n"], one) for one in sources_of(event.citations))
                return [*_sentence(event), ("claim", self._claim(event))]
            case Revise():
                return [("revise", {"claim": event.claim, "action": event.action, "reason": event.reason})]
            case Done():
                return [("done", with_nodes(answer_record(event.answer), self.hosts))]

    def _claim(self, event: Text) -> dict[str, Any]:
        """What the check said, and the sentence as a page may draw it."""
        allowed = links(self.hosts, self.cited.values())
        drawn = nodes(event.delta.strip().removeprefix("- "), known=self.cited, allowed=allowed)
        return {"i": event.index, "support": event.claim.support, "kind": event.claim.kind, "nodes": drawn}


def sources_of(citations: tuple[Citation, ...]) -> list[dict[str, Any]]:
    """Citations in the very shape that they have in the answer object."""
    bare = Answer(id="", trace_id="", text="", outcome=Outcome.ANSWERED, citations=citations)
    sources: list[dict[str, Any]] = answer_record(bare)["sources"]
    return sources


def _sentence(event: Text) -> Iterator[Named]:
    """A whole guarded sentence, and its citations (offsets into the answer's text)."""
    yield "text", {"delta": event.delta, "claim": event.index}
    first = {one.n: one for one in event.citations}
    begin = event.claim.start - (len(event.delta) - len(event.delta.lstrip()))  # of the delta, in the answer
    for mark in _MARK.finditer(event.delta):
        n = int(mark.group(1))
        if n not in event.claim.citations:
            continue
        cited: dict[str, Any] = {
            "n": n,
            "claim": event.index,
            "span": [begin + mark.start(), begin + mark.end()],
        }
        if n in first:
            cited["source"] = sources_of((first.pop(n),))[0]
        yield "citation", cited
