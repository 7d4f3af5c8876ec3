"""POST /v1/answers and what belongs to one answer: read, resume, stop, rate."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from fastapi import Header, Path, Request
from fastapi.responses import JSONResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from answerable.api.access import Caller
from answerable.api.credentials import refuse
from answerable.api.narrowing import narrow
from answerable.api.payer import Payer, payer_of
from answerable.api.problems import ProblemError
from answerable.api.quoted import check_followable, check_readable
from answerable.api.runs import Run, Wish
from answerable.api.schemas import Ask, Opinion
from answerable.api.services import By, Served, Services
from answerable.core.deadline import Deadline
from answerable.core.events import Listener
from answerable.core.identity import sha256_hex
from answerable.core.ports import Feedback
from answerable.core.query import Query, Turn, Way
from answerable.web.markdown import with_nodes

A = TypeVar("A")
AnswerId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
DeadlineMs = Annotated[int | None, Header(alias="X-Deadline-Ms", ge=100, description="Time for the whole answer.")]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{1,200}$", description="Same key, same answer."),
]
Prefer = Annotated[
    str | None,
    Header(alias="Prefer", description="`resume`: the work goes on a moment after a broken line."),
]
LastEventId = Annotated[int | None, Header(alias="Last-Event-ID", ge=0)]


async def ask(
    body: Ask,
    request: Request,
    services: Served,
    caller: By,
    deadline_ms: DeadlineMs = None,
    key: Key = None,
    prefer: Prefer = None,
) -> Response:
    """Ask a question; the checked answer comes as one object, or with `stream: true` as server-sent events."""
    deadline = Deadline.after(_seconds(services, deadline_ms))
    streams = body.stream or _wants_events(request)
    resumes = streams and "resume" in (prefer or "")
    payer = payer_of(request, caller)
    way = services.way_of(request, caller)
    run = start(services, caller, body, deadline, payer=payer, way=way, resumes=resumes, key=key or "")
    if streams:
        return await begun_stream(services, caller, run, request)
    return JSONResponse(await whole_record(services, run, request), headers=run.headers)


def start(
    services: Services,
    caller: Caller,
    body: Ask,
    deadline: Deadline,
    *,
    payer: Payer,
    way: Way,
    resumes: bool = False,
    key: str = "",
) -> Run:
    """Begin to answer, or find the run that the Idempotency-Key already has. Raises Overloaded."""
    headers: dict[str, str] = {}
    query = Query(
        text=body.question,
        tenant=caller.tenant,
        principal=caller.principal,
        filter=narrow(services.system.filter(), body.filters),
        history=tuple(Turn(role=one.role, text=one.text) for one in body.history),
        language=body.language or "",
        conversation=body.conversation,
        key=caller.token_id,
        trial=True,
        deadline=deadline,
        way=way,
    )

    async def work(listen: Listener, waited_s: float) -> object:
        async with services.turnstile.passing(payer, query.text) as passing:
            headers.update(passing.headers)
            asked = replace(query, queued_ms=waited_s * 1000.0, refused=passing.refused)
            return await services.system.asker.ask(asked, listen=passing.hearing(listen))

    said = sha256_hex(body.model_dump_json(exclude={"stream"}))
    wish = Wish(deadline=deadline, resumes=resumes, key=key, body_sha256=said, headers=headers)
    return services.runs.start(caller, work, wish)


def _seconds(services: Services, deadline_ms: int | None) -> float:
    wanted = services.web.deadline_s if deadline_ms is None else deadline_ms / 1000.0
    return min(wanted, services.web.max_deadline_s)


def _wants_events(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")


async def begun_stream(services: Services, caller: Caller, run: Run, request: Request) -> Response:
    """The run's frames once its question is accepted, so that one that is turned away has its status."""
    services.runs.join(run)
    try:
        await _unless_gone(run.begun(), request)
        if run.record is not None:  # made earlier, for the same Idempotency-Key
            await check_followable(services, caller, run)
        response = stream(services, caller, run, after=0)
    finally:
        services.runs.leave(run)
    response.headers.update(run.headers)
    if run.resumes:
        response.headers["Preference-Applied"] = "resume"
    return response


def stream(services: Services, caller: Caller, run: Run, *, after: int) -> EventSourceResponse:
    """The run's frames as server-sent events, from the one after `after`."""
    services.runs.join(run)

    async def frames() -> AsyncIterator[ServerSentEvent]:
        async for frame in run.follow(after):
            data = json.dumps(frame.data, ensure_ascii=False, separators=(",", ":"))
            yield ServerSentEvent(data=data, event=frame.event, id=str(frame.id))

    return _Stream(services, caller, run, frames())


def _heartbeat() -> ServerSentEvent:
    return ServerSentEvent(comment="still here")


class _Stream(EventSourceResponse):
    """Leaves its run however it ends; a generator that was never begun has no `finally` to do it."""

    def __init__(
        self, services: Services, caller: Caller, run: Run, frames: AsyncIterator[ServerSentEvent]
    ) -> None:
        super().__init__(
            frames,
            ping=services.web.heartbeat_s,
            ping_message_factory=_heartbeat,
        )
        self._services, self._caller, self._run = services, caller, run

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Ends with the stream, or as soon as its reader may not read it any more."""
        try:
            with self._services.followers.follows(self._caller) as reader:
                streaming = asyncio.create_task(super().__call__(scope, receive, send))
                leaving = asyncio.create_task(reader.gone.wait())
                await _first(streaming, leaving)
                if streaming.cancelled():  # the one refusal, as the last event
                    problem = refuse().document(self._run.trace_id)
                    last = ServerSentEvent(data=json.dumps(problem), event="error").encode()
                    await send({"type": "http.response.body", "body": last, "more_body": False})
        finally:
            self._services.runs.leave(self._run)


async def _first(work: asyncio.Task[Any], other: asyncio.Task[Any]) -> None:
    """Wait for one of the two, and end both. Raises what the work raises."""
    try:
        await asyncio.wait({work, other}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        for task in (work, other):
            task.cancel()
        await asyncio.gather(work, other, return_exceptions=True)


async def whole_record(services: Services, run: Run, request: Request) -> dict[str, Any]:
    """The answer object when it is done; a client that goes away stops the work."""
    services.runs.join(run)
    try:
        record = await _unless_gone(run.result(), request)
        return await services.system.incidents.stored(run.owner.tenant, record)
    finally:
        services.runs.leave(run)


async def _unless_gone(work: Coroutine[Any, Any, A], request: Request) -> A:
    """What the work gives. Raises ProblemError cancelled when the client goes away before."""
    result, gone = asyncio.create_task(work), asyncio.create_task(_until_gone(request))
    try:
        await asyncio.wait({result, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not result.done():
            raise ProblemError("cancelled")
        return result.result()
    finally:
        for task in (result, gone):
            task.cancel()


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def read(
    answer_id: AnswerId, request: Request, services: Served, caller: By, last_event_id: LastEventId = None
) -> Response:
    """The stored answer object. With `Accept: text/event-stream`, its stream from `Last-Event-ID` on."""
    run = services.runs.own(answer_id, caller)
    if _wants_events(request):
        if run is None:
            raise ProblemError("not_found")
        await check_followable(services, caller, run)
        return stream(services, caller, run, after=last_event_id or 0)
    record = run.record if run is not None else None
    if record is None:
        stored = await services.system.journal.answer(
            tenant=caller.tenant, answer_id=answer_id, principal=caller.principal
        )
        record = with_nodes(stored, services.web.link_hosts)
    record = await services.system.incidents.stored(caller.tenant, record)
    await check_readable(services, caller, record)
    return JSONResponse(record)


async def stop(answer_id: AnswerId, request: Request, services: Served, caller: By) -> Response:
    """Stop the work on an answer at once. Nothing happens to a finished one."""
    run = services.runs.own(answer_id, caller)
    if run is None:
        raise ProblemError("not_found")
    if run.record is None:
        way = services.way_of(request, caller)
        services.system.emission.stopped(caller.tenant, caller.principal, way, answer_id)
    services.runs.stop(run)
    return Response(status_code=204)


async def rate(answer_id: AnswerId, body: Opinion, request: Request, services: Served, caller: By) -> Response:
    """Say whether an answer helped. Repeatable: the last one wins, the history is kept."""
    journal = services.system.journal
    if services.runs.own(answer_id, caller) is not None:
        await journal.flush()  # the answer may still be on its way into the database
    feedback = Feedback(
        answer_id=answer_id,
        value=body.value,
        reasons=tuple(body.reasons),
        comment=body.comment,
        solved=body.solved,
    )
    await journal.feedback(tenant=caller.tenant, principal=caller.principal, feedback=feedback)
    record = await journal.answer(tenant=caller.tenant, answer_id=answer_id, principal=caller.principal)
    way = services.way_of(request, caller)
    services.system.emission.rated(caller.tenant, caller.principal, way, feedback, record)
    return Response(status_code=204)
