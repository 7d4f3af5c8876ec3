"""POST /v1/answers/{id}/events: what a client saw of an answer that is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from answerable.api.answers import AnswerId
from answerable.api.problems import ProblemError
from answerable.api.schemas import Body
from answerable.api.services import By, Served
from answerable.monitor.signals import Signal

_SKEW = timedelta(days=1)  # between the client's clock and ours
_V7 = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"


class SignalObject(Body):
    """One thing that happened. `id` is a version 7 UUID (RFC 9562): the same again is the same event."""

    id: Annotated[str, Field(pattern=_V7)]
    name: Literal[
        "shown",
        "citation_opened",
        "copied",
        "link_followed",
        "followup_clicked",
        "abandoned",
        "person_asked",
        "goal_reached",
    ]
    n: Annotated[int | None, Field(ge=1, le=1000, description="Which citation, link or suggestion.")] = None
    ms: Annotated[int | None, Field(ge=0, le=86_400_000, description="Until shown, or how long open.")] = None
    goal: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{0,50}$", description="Of goal_reached: its name.")] = ""


class Signals(Body):
    """Up to fifty at once."""

    events: Annotated[list[SignalObject], Field(min_length=1, max_length=50)]


async def tell(answer_id: AnswerId, body: Signals, request: Request, services: Served, caller: By) -> Response:
    """Say what was seen of an answer: shown, a source opened, copied, left. Told twice, it is there once."""
    now = datetime.now(UTC)
    told = [Signal(id=UUID(one.id), name=one.name, n=one.n, ms=one.ms, goal=one.goal) for one in body.events]
    if any(abs(one.at - now) > _SKEW for one in told):
        raise ProblemError("invalid_request", detail="an id's time is more than a day from ours")
    journal = services.system.journal
    if services.runs.own(answer_id, caller) is not None:
        await journal.flush()  # the answer may still be on its way into the database
    own = replace(caller.principal, roles=())  # whoever may read all answers was not shown them
    record = await journal.answer(tenant=caller.tenant, answer_id=answer_id, principal=own)
    services.signals.take(caller.tenant, answer_id, len(told))
    way = services.way_of(request, caller)
    services.system.emission.signalled(caller.tenant, caller.principal, way, record, told)
    return Response(status_code=204)
