"""Messages of a chat grouped into exchanges: a question with what was said to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.ingest.parts import Part

_ASSISTANTS = frozenset({"assistant", "agent", "bot", "support", "ai", "system"})
_FEWEST_WORDS = 4  # `Really?` and `And then?` belong to what was said before


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Neighboring messages and why they begin an exchange."""

    why: str
    messages: tuple[Part, ...]


def exchanges(messages: Sequence[Part], text: str, *, pause: timedelta) -> Iterator[Exchange]:
    """A new one begins after a pause, and with a question once the one before has had a reply.

    A reply is what somebody else than the exchange's first speaker says; who has replied asks back, and begins
    nothing. Where one side is an assistant, whatever the other side says after a reply begins a new one.
    """
    spoken = [(part.block.meta.get("speaker", ""), _moment(part.block.meta.get("time", ""))) for part in messages]
    served = not _ASSISTANTS.isdisjoint(who.casefold() for who, _ in spoken)
    start, why, repliers = 0, "start", set[str]()
    for n in range(1, len(messages)):
        who, time = spoken[n]
        said = text[messages[n].start : messages[n].end]
        asks = _asks(said, who) or (served and who.casefold() not in _ASSISTANTS and bool(who))
        reason = _reason(spoken[n - 1], (who, time), pause, bool(repliers) and asks and who not in repliers)
        if reason:
            yield Exchange(why=why, messages=tuple(messages[start:n]))
            start, why, repliers = n, reason, set()
        repliers |= {who} - {spoken[start][0]}
    if messages:
        yield Exchange(why=why, messages=tuple(messages[start:]))


_Spoken = tuple[str, datetime | None]


def _reason(before: _Spoken, here: _Spoken, pause: timedelta, question: bool) -> str:
    if before[1] and here[1] and here[1] - before[1] > pause:
        minutes = (here[1] - before[1]).total_seconds() / 60
        return f"pause of {minutes:.0f} minutes"
    return "question after a reply" if question else ""


def _asks(said: str, who: str) -> bool:
    words = said.removeprefix(f"{who}:")
    return "?" in words and len(words.split()) >= _FEWEST_WORDS


def _moment(time: str) -> datetime | None:
    """Without its zone, which two messages of one chat have in common; a bare clock will do."""
    for full in (time, f"2000-01-01T{time}"):
        try:
            return datetime.fromisoformat(full).replace(tzinfo=None)
        except ValueError:
            continue
    return None
