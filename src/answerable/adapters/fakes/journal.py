"""A journal in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from answerable.adapters.entry import Entry, Keeping, Record, make_entry, plain, with_scores
from answerable.core.answer import Answer
from answerable.core.errors import NotFound
from answerable.core.ports import Feedback
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace

_SEES_ALL = frozenset({"engineer", "admin"})


def bare_record(answer: Answer) -> dict[str, Any]:
    """As much of the answer object as a test needs; give `answer_record` for all of it."""
    return {
        "id": answer.id,
        "trace": answer.trace_id,
        "outcome": answer.outcome.value,
        "text": answer.text,
        "language": answer.language,
        "conversation": answer.conversation,
    }


class MemoryJournal:
    """A Journal that is forgotten with the process."""

    def __init__(self, record: Record = bare_record, *, keeping: Keeping = Keeping()) -> None:  # noqa: B008
        self._record, self._keeping = record, keeping
        self._entries: list[Entry] = []
        self._said: dict[tuple[str, str], list[dict[str, Any]]] = {}  # by tenant and answer

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """Keep it."""
        self._keeping.told(trace, query, answer, rendered)
        entry = make_entry(trace, query, answer, rendered, self._record, self._keeping)
        if self._keeping.measure is not None:
            entry = with_scores(entry, self._keeping.measure(query, answer))
        self._entries.append(entry)

    async def flush(self) -> None:
        """Nothing waits."""

    async def trace(self, *, tenant: str, reference: str) -> dict[str, Any]:
        """By id, unique prefix or `latest`, as JSON-able values. Raises NotFound."""
        own = self._newest_first(tenant)
        if reference == "latest":
            found = own[:1]
        else:
            exact = [entry for entry in own if entry.trace_id == reference]
            found = exact or [entry for entry in own if entry.trace_id.startswith(reference)]
        if not found:
            raise NotFound(f"there is no trace {reference}")
        if len(found) > 1:
            raise NotFound(f"several traces begin with {reference}", hint="give more of the id")
        return self._whole(found[0])

    async def traces(self, *, tenant: str, limit: int = 20, outcome: str | None = None) -> list[dict[str, Any]]:
        """The newest first, without their steps."""
        own = [entry for entry in self._newest_first(tenant) if outcome in (None, entry.outcome)]
        return [_line(entry) for entry in own[:limit]]

    async def answer(self, *, tenant: str, answer_id: str, principal: Principal) -> dict[str, Any]:
        """The stored answer object; only the asker's own unless the principal is an engineer. Raises NotFound."""
        entry = self._answered(tenant, answer_id)
        if entry.principal != principal.id and _SEES_ALL.isdisjoint(principal.roles):
            raise NotFound(f"there is no answer {answer_id}")
        return dict(entry.record)

    async def feedback(self, *, tenant: str, principal: Principal, feedback: Feedback) -> None:
        """Add to the history. Raises NotFound for an answer that is not the principal's own."""
        if self._answered(tenant, feedback.answer_id).principal != principal.id:
            raise NotFound(f"there is no answer {feedback.answer_id}")
        said = {
            "created_at": datetime.now(UTC),
            "principal": principal.id,
            "value": feedback.value,
            "reasons": feedback.reasons,
            "comment": feedback.comment,
            "solved": feedback.solved,
        }
        self._said.setdefault((tenant, feedback.answer_id), []).append(plain(said))

    def _newest_first(self, tenant: str) -> list[Entry]:
        own = [entry for entry in self._entries if entry.tenant == tenant]
        return sorted(own, key=lambda entry: (entry.started_at, entry.trace_id), reverse=True)

    def _answered(self, tenant: str, answer_id: str) -> Entry:
        for entry in self._entries:
            if (entry.tenant, entry.answer_id) == (tenant, answer_id):
                return entry
        raise NotFound(f"there is no answer {answer_id}")

    def _whole(self, entry: Entry) -> dict[str, Any]:
        return {
            **_line(entry),
            **entry.detail,
            "tenant": entry.tenant,
            "conversation": entry.conversation,
            "answer": dict(entry.record),
            "attempts": [one for step in entry.steps for one in step["detail"].get("attempts", ())],
            "steps": list(entry.steps),
            "feedback": list(self._said.get((entry.tenant, entry.answer_id), ())),
        }


def _line(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.trace_id,
        "started_at": entry.started_at,
        "outcome": entry.outcome,
        "total_ms": entry.duration_ms,
        "question": entry.query,
        "principal": entry.principal,
        "language": entry.language,
        "model": entry.model,
        "answer_id": entry.answer_id,
        "degraded": list(entry.degraded),
    }
