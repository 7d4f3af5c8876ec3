"""Running the guards: over the question before anything, over each sentence before it is shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from answerable.answer.deadlines import within
from answerable.core.answer import Answer
from answerable.core.degraded import UNGUARDED
from answerable.core.outcome import Outcome
from answerable.core.ports import Guard, SecretGuard
from answerable.core.prompt import Rendered
from answerable.core.query import Query, Turn
from answerable.core.trace import skip
from answerable.core.verdict import Verdict

_KEPT = 4000  # characters of a blocked question: what is refused for its length is not worked through
_UNHURRIED_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the guards made of a text. `blocked` is the verdict that ended it."""

    text: str
    verdicts: tuple[Verdict, ...] = ()
    blocked: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """All guards of a system, in order; each sees the text as the one before left it.

    One that does not answer in time goes on or stops as the guard itself says. It may take half of the time that
    is left to all of them, so that one that hangs leaves the others theirs. `tenants` have guards of their own
    instead of the members. Those that are named `outside` ask somebody: never about a question that another one
    stopped, and about each sentence, not about all of them again.
    """

    members: tuple[Guard, ...] = ()
    tenants: Mapping[str, tuple[Guard, ...]] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()

    def bound_to(self, rendered: Rendered) -> Guards:
        """The guards for one request: those that watch for secrets know this request's."""
        return replace(
            self,
            members=_bound(self.members, rendered),
            tenants={name: _bound(guards, rendered) for name, guards in self.tenants.items()},
        )

    def after(self, first: Guard) -> Guards:
        """With another one before them all, for every tenant."""
        return replace(
            self,
            members=(first, *self.members),
            tenants={name: (first, *guards) for name, guards in self.tenants.items()},
        )

    def of(self, tenant: str) -> tuple[Guard, ...]:
        """The guards of a tenant."""
        return self.tenants.get(tenant, self.members)

    async def question(self, query: Query, *, seconds: float = _UNHURRIED_S) -> Checked:
        """Over the question. The first block decides; the guards after it still mask, for the text is kept."""
        round_ = _OverQuestion(
            waiting=deque(self._of("question", query.tenant)), query=query, outside=self.outside
        )
        await _run(round_, seconds)
        return Checked(text=round_.query.text, verdicts=tuple(round_.verdicts), blocked=round_.blocked)

    async def earlier(self, query: Query, *, seconds: float = _UNHURRIED_S) -> tuple[Turn, ...]:
        """The conversation as the guards leave it: a caller can write anything into it, so what no question may
        say is not in it either. Nobody outside is asked about it again."""
        guards = [one for one in self._of("question", query.tenant) if one.name not in self.outside]
        kept = []
        for left, turn in zip(range(len(query.history), 0, -1), query.history, strict=True):
            begun = time.monotonic()
            round_ = _OverQuestion(waiting=deque(guards), query=replace(query, text=turn.text, history=()))
            await _run(round_, max(0.0, seconds) / left)
            seconds -= time.monotonic() - begun
            if round_.blocked is None:
                kept.append(replace(turn, text=round_.query.text))
        return tuple(kept)

    async def answer(self, query: Query, answer: Answer, *, seconds: float = _UNHURRIED_S) -> Checked:
        """Over the text of an answer or of one of its sentences; stops at the first block."""
        return await self._over_answer(self._of("answer", query.tenant), query, answer, seconds)

    async def together(self, query: Query, answer: Answer, *, seconds: float = _UNHURRIED_S) -> Checked:
        """Over sentences that each passed: what is harmless in parts may be none as a whole."""
        waiting = [guard for guard in self._of("answer", query.tenant) if guard.name not in self.outside]
        return await self._over_answer(waiting, query, answer, seconds)

    async def _over_answer(
        self, waiting: Sequence[Guard], query: Query, answer: Answer, seconds: float
    ) -> Checked:
        round_ = _OverAnswer(waiting=deque(waiting), query=query, answer=answer)
        await _run(round_, seconds)
        return Checked(text=round_.answer.text, verdicts=tuple(round_.verdicts), blocked=round_.blocked)

    def _of(self, stage: str, tenant: str) -> Sequence[Guard]:
        return [guard for guard in self.of(tenant) if guard.stage in (stage, "both")]


@dataclass(slots=True, kw_only=True)
class _OverQuestion:
    """One round over a question: who has still to look, and what was said so far."""

    waiting: deque[Guard]
    query: Query
    outside: frozenset[str] = frozenset()
    verdicts: list[Verdict] = field(default_factory=list)
    blocked: Verdict | None = None

    async def look(self, guard: Guard) -> Verdict:
        if self.blocked is not None and guard.name in self.outside:
            return Verdict(name=guard.name)
        return await guard.check(self.query, None)

    def take(self, verdict: Verdict) -> None:
        if verdict.action == "mask" and verdict.replacement is not None:
            self.query = replace(self.query, text=verdict.replacement)
        if self.blocked is None or verdict.action == "mask":
            self.verdicts.append(verdict)
        if self.blocked is None and verdict.action == "block":
            self.blocked = verdict
            self.query = replace(self.query, text=self.query.text[:_KEPT])


@dataclass(slots=True, kw_only=True)
class _OverAnswer:
    """One round over an answer's text."""

    waiting: deque[Guard]
    query: Query
    answer: Answer
    verdicts: list[Verdict] = field(default_factory=list)
    blocked: Verdict | None = None

    async def look(self, guard: Guard) -> Verdict:
        return await guard.check(self.query, self.answer)

    def take(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        if verdict.action == "block":
            self.blocked = verdict
            self.waiting.clear()
        elif verdict.action == "mask" and verdict.replacement is not None:
            self.answer = replace(self.answer, text=verdict.replacement)


async def _run(round_: _OverQuestion | _OverAnswer, seconds: float) -> None:
    left_s = seconds
    while round_.waiting:
        left_s /= 2.0
        try:
            await within(left_s, _ask_all(round_, time.monotonic() + left_s))
        except TimeoutError:
            round_.take(_too_slow(round_.waiting.popleft()))


async def _ask_all(round_: _OverQuestion | _OverAnswer, until: float) -> None:
    """Each in turn. A guard that answers after its time is not heard: another's turn has come, or comes now."""
    while round_.waiting:
        guard = round_.waiting[0]
        verdict = await round_.look(guard)
        if time.monotonic() >= until:
            raise TimeoutError
        round_.waiting.popleft()
        round_.take(verdict)


def _too_slow(guard: Guard) -> Verdict:
    closed = guard.fails == "closed"
    if not closed:
        skip(UNGUARDED)
    return Verdict(
        name=guard.name,
        passed=None,
        action="block" if closed else "allow",
        outcome=Outcome.FAILED if closed else None,
        rule="guard_time",
        reason="the guard took too long",
    )


def _bound(guards: Sequence[Guard], rendered: Rendered) -> tuple[Guard, ...]:
    return tuple(_bind(guard, rendered) for guard in guards)


def _bind(guard: Guard, rendered: Rendered) -> Guard:
    if isinstance(guard, SecretGuard):
        return guard.with_secrets(canary=rendered.canary, system=rendered.system)
    return guard


def outcome_of(verdict: Verdict) -> Outcome:
    """What a block turns the answer into."""
    return verdict.outcome or Outcome.BLOCKED
