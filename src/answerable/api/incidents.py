"""Incidents over HTTP: what is out of use, taking something out and putting it back, and who saw it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from answerable.api.services import By, Served
from answerable.core.errors import NotFound
from answerable.core.incident import Blocked, Exposure, Incident

IncidentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Language = Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")]
Message = Annotated[str, Field(min_length=1, max_length=500)]


class Opening(BaseModel):
    """What to take out of use."""

    model_config = ConfigDict(extra="forbid")

    block: Literal["topic", "doc", "answer"]
    value: str = Field(
        min_length=1,
        max_length=2000,
        description="Phrases with | between them (a word may end in *), a document's id or uri, an answer's id.",
    )
    reason: str = Field(default="", max_length=1000)
    message: dict[Language, Message] = Field(default={}, description="What people read, by language; '' for all.")


class IncidentObject(BaseModel):
    """One incident."""

    id: str
    block: str
    value: str
    reason: str
    message: dict[str, str]
    opened: str
    opened_by: str
    closed: str | None = Field(description="null: it stands.")
    closed_by: str


class IncidentsObject(BaseModel):
    """Newest first."""

    incidents: list[IncidentObject]


class ExposureObject(BaseModel):
    """An answer that somebody got before it was stopped."""

    answer: str
    conversation: str
    person: str
    at: str
    outcome: str
    language: str
    how: str = Field(description="cited, context, said, asked or answer.")


class ExposuresObject(BaseModel):
    """Newest first."""

    incident: IncidentObject
    answers: int
    conversations: int
    people: int
    seen: list[ExposureObject]


async def every(
    services: Served, caller: By, closed: Annotated[bool, Query(description="Closed ones, too.")] = False
) -> dict[str, Any]:
    """Incidents that stand."""
    found = await services.system.incidents.listed(tenant=caller.tenant, every=closed)
    return {"incidents": [incident_row(one) for one in found]}


async def begin(body: Opening, services: Served, caller: By) -> dict[str, Any]:
    """Take a topic, a document or an answer out of use, everywhere, within seconds."""
    one = await services.system.incidents.open(
        tenant=caller.tenant,
        kind=Blocked(body.block),
        value=body.value,
        reason=body.reason,
        message=body.message,
        by=caller.principal.id,
    )
    return incident_row(one)


async def end(incident_id: IncidentId, services: Served, caller: By) -> dict[str, Any]:
    """Put it back into use."""
    one = await services.system.incidents.close(
        tenant=caller.tenant, reference=await _whole(services, caller, incident_id), by=caller.principal.id
    )
    return incident_row(one)


async def seen(incident_id: IncidentId, services: Served, caller: By) -> dict[str, Any]:
    """Every answer that somebody got with it, for those who must be told."""
    found = await services.system.incidents.listed(tenant=caller.tenant, every=True)
    one = next((each for each in found if each.id == incident_id), None)
    if one is None:
        raise NotFound("there is no such incident")
    return exposure_report(one, await services.system.incidents.seen(tenant=caller.tenant, incident=one))


async def _whole(services: Served, caller: By, incident_id: str) -> str:
    """The id itself: a program never closes by the beginning of one."""
    found = await services.system.incidents.listed(tenant=caller.tenant, every=True)
    if incident_id not in {one.id for one in found}:
        raise NotFound("there is no such incident")
    return incident_id


def incident_row(one: Incident) -> dict[str, Any]:
    """As the API and the command line say it."""
    return {
        "id": one.id,
        "block": one.kind.value,
        "value": one.value,
        "reason": one.reason,
        "message": dict(one.message),
        "opened": one.opened_at.isoformat() if one.opened_at else "",
        "opened_by": one.opened_by,
        "closed": one.closed_at.isoformat() if one.closed_at else None,
        "closed_by": one.closed_by,
    }


def exposure_report(one: Incident, found: list[Exposure]) -> dict[str, Any]:
    """Who saw it, with the counts."""
    return {
        "incident": incident_row(one),
        "answers": len(found),
        "conversations": len({each.conversation for each in found if each.conversation}),
        "people": len({each.principal for each in found}),
        "seen": [exposure_row(each) for each in found],
    }


def exposure_row(one: Exposure) -> dict[str, Any]:
    """One line of the list."""
    return {
        "answer": one.answer_id,
        "conversation": one.conversation,
        "person": one.principal,
        "at": one.at.isoformat(),
        "outcome": one.outcome,
        "language": one.language,
        "how": one.how,
    }
