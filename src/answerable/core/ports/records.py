"""After: what is kept of questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from answerable.core.answer import Answer
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person said of an answer. The last one wins; the history is kept."""

    answer_id: str
    value: str | None = None  # up | down
    reasons: tuple[str, ...] = ()
    comment: str = ""
    solved: str | None = None  # yes | no | partly


class Journal(Protocol):
    """Traces, answers and feedback. Writing never blocks an answer; reading is by tenant."""

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """Queue; returns at once. A full queue drops nothing: it spills to disk and says so in the log."""
        ...

    async def flush(self) -> None:
        """Wait until what was queued is written."""
        ...

    async def trace(self, *, tenant: str, reference: str) -> dict[str, Any]:
        """By id, unique prefix or `latest`, as JSON-able values. Raises NotFound."""
        ...

    async def traces(
        self, *, tenant: str, limit: int = 20, outcome: str | None = None
    ) -> list[dict[str, Any]]: ...

    async def answer(self, *, tenant: str, answer_id: str, principal: Principal) -> dict[str, Any]:
        """The stored answer object; only the asker's own unless the principal is an engineer. Raises NotFound."""
        ...

    async def feedback(self, *, tenant: str, principal: Principal, feedback: Feedback) -> None:
        """Raises NotFound for an answer that is not the principal's own."""
        ...
