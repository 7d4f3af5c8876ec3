"""Turns out of events: one question each, with all that happened around it, whatever order it was told in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType

from answerable.core.event import Event

DWELT_MS = 5_000  # a citation that was read, not glanced at


@dataclass(slots=True, kw_only=True)
class Turn:
    """Filled while events are folded, and left alone afterwards. A time is None where nothing happened."""

    id: str
    tenant: str
    at: datetime
    asked: bool = False  # whether question.asked was among the events
    person: bytes | None = None
    conversation: str = ""
    follow_up: str = ""
    why_not: str = ""
    need: str = ""  # a sketch, see monitor/need.py
    topic: str = ""
    language: str = ""
    channel: str = ""
    answer: str = ""
    outcome: str = ""  # empty: nobody knows how it ended
    documents: tuple[str, ...] = ()
    margin: float | None = None
    claims: int = 0
    supported: int = 0
    degraded: bool = False
    prompt_id: str = ""
    prompt_version: str = ""
    model: str = ""
    rollout: str = ""
    holdout: bool = False
    cost: Decimal | None = None
    called: Decimal | None = None  # what its calls cost, where the whole was not said
    currency: str = ""
    displayed: bool = False
    opened: int = 0
    dwelt: bool = False
    copied: bool = False
    followed: bool = False
    incident: bool = False
    blocked: bool = False
    vote: str = ""  # up, down
    solved: str = ""  # yes, partly, no
    said_at: datetime | None = None
    goal_at: datetime | None = None
    triggers: list[str] = field(default_factory=list)  # of escalations
    ticket: bool = False
    completed: str = ""  # what a reviewer said of the task: yes, no
    weight: float = 1.0  # of that word: 1 / the chance of having been drawn

    @property
    def known_cost(self) -> Decimal | None:
        """Of the whole turn, or of its calls; None where neither is known."""
        return self.called if self.cost is None else self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Turns by time, and the events that belong to no turn among them: theirs came earlier, or not yet."""

    turns: list[Turn]
    strays: list[Event]


def fold(events: Iterable[Event]) -> Folded:
    """Of events of one tenant, in any order, each once. Those with other names than a turn has are passed over."""
    turns: dict[str, Turn] = {}
    by_answer: dict[str, Turn] = {}
    later: list[Event] = []
    for event in events:
        if event.name in _MAKES:
            turn = _turn(event, turns, by_answer)
            _MAKES[event.name](turn, event)
        elif event.name in _TELLS:
            later.append(event)
    known = list({id(one): one for one in (*turns.values(), *by_answer.values())}.values())
    known.sort(key=attrgetter("at", "id"))
    places = _Places(turns, by_answer, known)
    strays = []
    for event in sorted(later, key=attrgetter("at", "id")):
        if (found := places.of(event)) is None:
            strays.append(event)
        else:
            _TELLS[event.name](found, event)
    return Folded(turns=known, strays=strays)


class _Places:
    """Where an event belongs: to its turn, its answer, or the last turn before it in its conversation."""

    def __init__(self, turns: Mapping[str, Turn], answers: Mapping[str, Turn], known: Iterable[Turn]) -> None:
        self._turns, self._answers = turns, answers
        self._talks: dict[str, list[Turn]] = defaultdict(list)
        for one in known:
            if one.conversation:
                self._talks[one.conversation].append(one)

    def of(self, event: Event) -> Turn | None:
        found = self._turns.get(event.turn) or self._answers.get(event.answer)
        if found is not None or event.answer or event.turn:
            return found
        talk = self._talks.get(event.conversation, ()) if event.conversation else ()
        return next((one for one in reversed(talk) if one.at <= event.at), None)


def _turn(event: Event, turns: dict[str, Turn], by_answer: dict[str, Turn]) -> Turn:
    found = (turns.get(event.turn) if event.turn else None) or by_answer.get(event.answer)
    if found is None:
        name = event.turn or event.answer or str(event.id)
        found = Turn(id=name, tenant=event.tenant, at=event.at)
    if event.turn:
        turns[event.turn] = found
    if event.answer:
        by_answer[event.answer] = found
        found.answer = event.answer
    if not event.turn and not event.answer:
        turns[found.id] = found
    return found


def _common(turn: Turn, event: Event) -> None:
    turn.person = turn.person or event.person
    turn.conversation = turn.conversation or event.conversation
    turn.topic = event.topic or turn.topic
    turn.language = event.language or turn.language
    turn.channel = event.channel or turn.channel
    turn.rollout = event.rollout or turn.rollout
    turn.holdout = turn.holdout or event.holdout


def _asked(turn: Turn, event: Event) -> None:
    _common(turn, event)
    props = event.props
    turn.at, turn.asked = event.at, True
    turn.follow_up = props.get("follow_up", "") or turn.follow_up
    turn.why_not = props.get("why_not", "")
    turn.need = props.get("need", "")


def _replied(turn: Turn, event: Event) -> None:
    _common(turn, event)
    if not turn.asked:
        turn.at = min(turn.at, event.at)
    props = event.props
    turn.outcome = event.outcome or ("answered" if event.name == "answer.shown" else "abstained")
    turn.documents = tuple(props.get("documents", ())) or turn.documents
    turn.claims, turn.supported = props.get("claims", 0), props.get("claims_supported", 0)
    turn.degraded = turn.degraded or bool(event.degraded)
    turn.prompt_id, turn.prompt_version, turn.model = event.prompt_id, event.prompt_version, event.model
    turn.cost, turn.currency = event.cost, event.currency or turn.currency


def _classified(turn: Turn, event: Event) -> None:
    turn.follow_up = event.props.get("class", "") or turn.follow_up


def _retrieved(turn: Turn, event: Event) -> None:
    turn.margin = event.props.get("margin", turn.margin)
    turn.documents = turn.documents or tuple(event.props.get("documents", ()))


def _called(turn: Turn, event: Event) -> None:
    if event.cost is not None:
        turn.called = (turn.called or Decimal(0)) + event.cost
        turn.currency = turn.currency or event.currency


def _displayed(turn: Turn, event: Event) -> None:
    turn.displayed = True


def _guarded(turn: Turn, event: Event) -> None:
    turn.incident = turn.incident or event.props.get("guard") == "incident"
    turn.blocked = turn.blocked or event.props.get("action") == "block"


def _opened(turn: Turn, event: Event) -> None:
    turn.displayed = True
    turn.opened += 1
    turn.dwelt = turn.dwelt or event.props.get("dwell_ms", 0) >= DWELT_MS


def _copied(turn: Turn, event: Event) -> None:
    turn.displayed = turn.copied = True


def _followed(turn: Turn, event: Event) -> None:
    turn.displayed = turn.followed = True


def _rated(turn: Turn, event: Event) -> None:
    turn.displayed = True
    turn.vote, turn.solved = event.props.get("value", ""), event.props.get("solved", "")
    turn.said_at = event.at


def _escalated(turn: Turn, event: Event) -> None:
    turn.triggers.append(event.props.get("trigger", ""))


def _ticketed(turn: Turn, event: Event) -> None:
    turn.ticket = turn.ticket or (
        bool(event.props.get("same_need", True)) and event.props.get("hours_after", 0.0) <= 72.0
    )


def _reached(turn: Turn, event: Event) -> None:
    turn.goal_at = max(turn.goal_at, event.at) if turn.goal_at else event.at


def _reviewed(turn: Turn, event: Event) -> None:
    if (said := event.props.get("completed", "")) in ("yes", "no"):
        turn.completed, turn.weight = said, event.props.get("inclusion_weight", 1.0)


_Fold = Callable[[Turn, Event], None]
_MAKES: Mapping[str, _Fold] = MappingProxyType(
    {"question.asked": _asked, "answer.shown": _replied, "answer.abstained": _replied}
)
_TELLS: Mapping[str, _Fold] = MappingProxyType(
    {
        "followup.classified": _classified,
        "retrieval.done": _retrieved,
        "model.called": _called,
        "answer.displayed": _displayed,
        "guard.hit": _guarded,
        "citation.opened": _opened,
        "answer.copied": _copied,
        "link.followed": _followed,
        "feedback.given": _rated,
        "escalation.requested": _escalated,
        "ticket.linked": _ticketed,
        "goal.reached": _reached,
        "review.completed": _reviewed,
    }
)
REVIEWED = "review.completed"
READ = tuple(name for name in (*_MAKES, *_TELLS) if name != REVIEWED)  # the names of events that a task is made of
SIGNALS = ("feedback.given", "escalation.requested", "ticket.linked", "goal.reached")  # that may come weeks later
