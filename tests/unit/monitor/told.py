"""Events of turns, as the log has them, for tests of what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from answerable.core.event import Event, event_id_of

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
DISPLAYED = {"answer.displayed": {}}


@dataclass(kw_only=True)
class Log:
    """What happened, in the order in which it was told."""

    events: list[Event] = field(default_factory=list)

    def turn(
        self,
        turn: str,
        at: float,
        *,
        conversation: str = "c1",
        person: bytes | None = b"ann",
        follow_up: str = "first",
        need: str = "",
        outcome: str = "answered",
        claims: tuple[int, int] = (2, 2),
        why_not: str = "",
        documents: tuple[str, ...] = (),
        cost: str | None = "0.01",
        seen: bool = True,
        **columns: Any,
    ) -> Log:
        """A question `at` seconds after the start, and what came of it (claims shown, and supported)."""
        where = {"conversation": conversation, "person": person, "channel": "web", **columns}
        asked = {"follow_up": follow_up, "need": need, "why_not": why_not}
        self.tell("question.asked", at, turn=turn, props=asked, **where)
        if outcome:
            name = "answer.shown" if outcome in ("answered", "partial", "conflict") else "answer.abstained"
            shown = {"claims": claims[0], "claims_supported": claims[1]} if name == "answer.shown" else {}
            self.tell(name, at + 2, turn=turn, answer=f"an-{turn}", outcome=outcome, currency="EUR",
                      cost=None if cost is None else Decimal(cost), props={**shown, "documents": list(documents)},
                      **where)  # fmt: skip
        if seen:
            self.tell("answer.displayed", at + 2.1, answer=f"an-{turn}", turn=turn)
        return self

    def tell(self, name: str, at: float, *, props: dict[str, Any] | None = None, **columns: Any) -> Log:
        """One event."""
        moment = START + timedelta(seconds=at)
        name_of_it = event_id_of(moment, name, str(sorted(columns.items(), key=str)), str(props))
        self.events.append(Event(name=name, tenant="t", at=moment, id=name_of_it, props=props or {}, **columns))
        return self


def after(seconds: float) -> datetime:
    """A moment so long after the start."""
    return START + timedelta(seconds=seconds)
