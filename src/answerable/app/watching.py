"""Those who hear of every call, answer and happening of a process, and keep what operators ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.app.telemetry import Exporting
from answerable.core.answer import Answer
from answerable.core.call import Observer
from answerable.core.ports import Happening, Happenings
from answerable.core.trace import Trace
from answerable.llm.watch import ModelWatch
from answerable.monitor.board import Board
from answerable.monitor.counting import Counting
from answerable.monitor.event_counting import EventCounts
from answerable.monitor.heard import Hearer
from answerable.monitor.questions import Questions

ROLLOUTS = "answerable_rollout_changes_total"
_SEEN = 200  # newest changes that are read at the start


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Hands out observers; nothing in it waits."""

    happenings: Happenings
    counting: Counting = field(default_factory=Counting)
    board: Board = field(default_factory=Board)
    models: ModelWatch
    exporting: Exporting | None = None  # to a collector, where one is configured

    @property
    def observers(self) -> tuple[Observer, ...]:
        """For the gateway's calls."""
        own = (self._questions.called, self.board.observe, self.models.observe)
        return own if self.exporting is None else (*own, self.exporting.telemetry.called)

    @property
    def hearers(self) -> tuple[Hearer, ...]:
        """For the product's log."""
        own = (EventCounts(counting=self.counting).happened,)
        return own if self.exporting is None else (*own, self.exporting.telemetry.happened)

    def answered(self, trace: Trace, answer: Answer) -> None:
        """For the journal."""
        self._questions.answered(trace, answer)

    def happened(self, happening: Happening) -> None:
        """For whoever has something to tell."""
        self.happenings.write(happening)

    @property
    def _questions(self) -> Questions:
        return Questions(counting=self.counting)


async def open_watching(happenings: Happenings, *, home: str, exporting: Exporting | None = None) -> Watching:
    """The watch of models takes up what earlier processes saw. Raises DatabaseUnreachable."""
    counting = Counting()

    def changed(one: Happening) -> None:
        if one.name == "model.changed":
            what = str(one.props["what"])
            counting.add("answerable_model_changes_total", str(one.props["provider"]), what)
        happenings.write(one)

    models = ModelWatch(write=changed)
    models.restore(
        [
            one
            for name in ("model.resolved", "model.changed")
            for one in await happenings.latest(tenant=home, name=name, limit=_SEEN)
        ]
    )
    return Watching(happenings=happenings, counting=counting, models=models, exporting=exporting)
