"""Letting a sentence out: what the guards say of it and of all that would then be said, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from answerable.answer.composition import Composition, Shown
from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.guarding import Checked, Guards
from answerable.core.answer import Answer
from answerable.core.events import Listener, Revise, Text
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict


@dataclass(slots=True, kw_only=True)
class Release:
    """The one door of an answer: no sentence reaches the listener beside it. `blocked` ends the answer."""

    query: Query
    composition: Composition
    guards: Guards
    listen: Listener
    plan: Plan = SHIPPED
    blocked: Verdict | None = None
    verdicts: tuple[Verdict, ...] = ()

    async def out(self, made: Shown) -> None:
        """Check the composition's last sentence, and let out what the guards leave of it."""
        await self.let(made, await self.check(made))

    async def check(self, made: Shown) -> Checked:
        """What the guards say of the sentence, and of all that would then have been said."""
        checked = await self.guards.answer(self.query, self._as_answer(made.delta), seconds=self._seconds())
        if checked.blocked is not None or made.index == 0:
            return checked
        # A secret may be spread over sentences that are each harmless.
        so_far = self._as_answer(self.composition.text)
        whole = await self.guards.together(self.query, so_far, seconds=self._seconds())
        ended = tuple(one for one in whole.verdicts if one.action == "block" or one.replacement == "")
        return replace(
            checked,
            blocked=whole.blocked,
            text=checked.text if whole.text else "",
            verdicts=(*checked.verdicts, *ended),
        )

    async def let(self, made: Shown, checked: Checked) -> None:
        """Tell the listener of the sentence as the guards left it, or that there is none."""
        self.verdicts += tuple(verdict for verdict in checked.verdicts if verdict.action != "allow")
        if checked.blocked:
            self.blocked = checked.blocked
            self.composition.undo(made, f"guard:{checked.blocked.name}")
        elif not checked.text.strip():  # nothing of it may be said, but what follows may
            last = next(one for one in reversed(checked.verdicts) if one.action == "mask")
            reason = f"guard:{last.name}"
            self.composition.undo(made, reason)
            await self.listen(Revise(claim=None, action="withhold", reason=reason))
        else:
            one = self.composition.amend(made, checked.text) if checked.text != made.delta else made
            await self.listen(Text(delta=one.delta, index=one.index, claim=one.claim, citations=one.new_citations))

    def _seconds(self) -> float:
        return self.plan.seconds("guard_answer", self.query.deadline)

    def _as_answer(self, text: str) -> Answer:
        return Answer(
            id="",
            trace_id="",
            text=text,
            outcome=Outcome.ANSWERED,
            language=self.query.language,
            citations=tuple(self.composition.citations),
            passages=tuple(block.passage for block in self.composition.blocks),
        )
