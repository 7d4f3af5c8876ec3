"""Incidents in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from answerable.core.errors import NotFound
from answerable.core.incident import Blocked, Exposure, Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer that was given: what it says and what it was made from."""

    exposure: Exposure
    text: str
    question: str = ""
    documents: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class MemoryIncidents:
    """Incidents that end with the process. `answers`: what people got; `documents`: those that are known."""

    answers: Sequence[Told] = ()
    documents: Sequence[str] = ()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _all: dict[str, list[Incident]] = field(default_factory=dict)

    async def open(self, *, tenant: str, incident: Incident, by: str) -> Incident:
        """Begin it."""
        incident = self._known(incident)
        rows = self._all.setdefault(tenant, [])
        for n, one in enumerate(rows):
            if one.standing and (one.kind, one.value) == (incident.kind, incident.value):
                message = {**one.message, **incident.message}
                rows[n] = replace(one, reason=incident.reason or one.reason, message=message)
                return rows[n]
        made = replace(incident, opened_at=self.now(), opened_by=by)
        rows.insert(0, made)
        return made

    async def close(self, *, tenant: str, reference: str, by: str) -> Incident:
        """End it."""
        rows = self._all.get(tenant, [])
        found = [n for n, one in enumerate(rows) if reference and one.id.startswith(reference)]
        if len(found) != 1:
            raise NotFound(f"there is no incident {reference!r}")
        one = rows[found[0]]
        if one.standing:
            one = rows[found[0]] = replace(one, closed_at=self.now(), closed_by=by)
        return one

    async def listed(self, *, tenant: str, every: bool = False) -> list[Incident]:
        """Newest first."""
        return [one for one in self._all.get(tenant, []) if every or one.standing]

    async def seen(self, *, tenant: str, incident: Incident, matches: Callable[[str], bool]) -> list[Exposure]:
        """Of the answers it was given."""
        found = [(one, self._how(one, incident, matches)) for one in self.answers]
        return [replace(one.exposure, how=how) for one, how in found if how]

    def _known(self, incident: Incident) -> Incident:
        if incident.kind is Blocked.DOC and incident.value not in self.documents:
            raise NotFound(f"there is no document {incident.value!r}")
        if incident.kind is Blocked.ANSWER:
            told = next((one for one in self.answers if one.exposure.answer_id == incident.value), None)
            if told is None:
                raise NotFound(f"there is no answer {incident.value!r}")
            return replace(incident, question=told.question)
        return incident

    def _how(self, one: Told, incident: Incident, matches: Callable[[str], bool]) -> str:
        if incident.kind is Blocked.DOC:
            return "cited" if incident.value in one.documents else ""
        if incident.kind is Blocked.ANSWER:
            blocked = next((told.text for told in self.answers if told.exposure.answer_id == incident.value), None)
            return "answer" if one.text == blocked else ""
        return "said" if matches(one.text) else "asked" if matches(one.question) else ""
