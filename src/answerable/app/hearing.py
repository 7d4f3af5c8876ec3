"""Who hears of a question as it is written: figures, the watch of rollouts, the log of events, the exporter."""

from __future__ import annotations

from answerable.adapters.entry import Hearer
from answerable.app.emitting import Emission
from answerable.app.rollouts.watch import RolloutWatch
from answerable.app.watching import Watching
from answerable.core.answer import Answer
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import Trace


def hearing(watching: Watching, guarded: RolloutWatch, emission: Emission) -> Hearer:
    """All of them, in this order; none of them waits."""

    def told(trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        watching.answered(trace, answer)
        guarded.answered(trace, answer)
        emission.asked(trace, query, answer)
        if watching.exporting is not None:
            watching.exporting.telemetry.answered(trace, query, answer, rendered)

    return told
