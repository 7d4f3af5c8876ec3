"""One question on its way through the turnstile: what it was charged, and what it showed."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.api.payer import Payer
from answerable.api.rate_headers import rate_headers
from answerable.core.canary import MARK
from answerable.core.completion import Usage
from answerable.core.events import Done, Event, Listener, Sources, Text
from answerable.core.toll import UNCHARGED, Toll


@dataclass(slots=True, kw_only=True)
class Passing:
    """`refused` says why it is not to be answered: passages, sweep, or nothing."""

    payer: Payer
    shape: str = ""  # of the question; empty: none was asked
    questions: float = 1.0  # as how many it counts
    toll: Toll = UNCHARGED
    refused: str = ""
    held: float = 0.0  # tokens
    used: float | None = None  # tokens; None: nobody knows, and what was held stays charged
    marks: list[str] = field(default_factory=list)  # of canaries, in what the person was told
    shown: dict[str, None] = field(default_factory=dict)  # ids of passages, in order

    def show(self, *chunk_ids: str) -> None:
        """The person is shown these passages."""
        self.shown.update(dict.fromkeys(chunk_ids))

    def spend(self, usage: Usage) -> None:
        """What the answer took."""
        self.used = float(usage.input + usage.output)

    def hearing(self, listen: Listener) -> Listener:
        """The listener, which also notes what the person is shown: all of it, also of a stream that is left."""

        async def heard(event: Event) -> None:
            match event:
                case Sources() | Text():
                    self.show(*(one.chunk_id for one in event.citations))
                case Done():
                    self.show(*(one.chunk_id for one in event.answer.citations))
                    self.spend(event.answer.usage)
                    self.marks += MARK.findall(event.answer.text)
                case _:
                    pass
            await listen(event)

        return heard

    @property
    def headers(self) -> dict[str, str]:
        """The tightest limit, for the response."""
        room = self.toll.tightest
        return {} if room is None else rate_headers(room)
