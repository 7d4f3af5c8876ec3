"""The ASGI application: routes, errors and wrappers around a running system."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from answerable.adapters.fakes.tolls import MemoryTolls
from answerable.api.access import Gate
from answerable.api.admission import Admission, AdmissionLimits
from answerable.api.alarms import Alarms
from answerable.api.allowance import TARGET
from answerable.api.browser import html
from answerable.api.jobs import Jobs
from answerable.api.lag import LoopLag
from answerable.api.lockout import Lockout
from answerable.api.looks import look_of
from answerable.api.middleware import SECURITY_HEADERS, BodyLimit, Envelope, Hosts
from answerable.api.problems import MEDIA_TYPE, ProblemError, problem_of
from answerable.api.proxied import Proxied
from answerable.api.routes import add_routes
from answerable.api.runs import Runs
from answerable.api.services import Services
from answerable.api.shedding import Shedding
from answerable.api.standing import Followers
from answerable.api.turnstile import Turnstile
from answerable.core.errors import AnswerableError
from answerable.web.pages import create_pages
from answerable.web.settings import WebSettings

if TYPE_CHECKING:
    from answerable.app import System

log = logging.getLogger(__name__)

_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 400: "malformed", 413: "too_large"}


def create_api(system: System, web: WebSettings) -> FastAPI:
    """The application for one system. Opens and closes nothing but its own runs."""
    admission = Admission(
        AdmissionLimits(
            concurrent=web.concurrent,
            tenant_share=web.concurrent_tenant,
            queue=web.queue,
            queue_s=web.queue_s,
            adaptive=web.adaptive,
            own_s=TARGET * web.deadline_s,
        ),
        shed=Shedding(told=system.happenings.write).refused,
    )
    lag = LoopLag()
    turnstile = _turnstile(system, web)
    followers = Followers(tokens=system.tokens)
    runs, jobs = Runs(admission=admission, resume_s=web.resume_s, link_hosts=web.link_hosts), Jobs()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with lag.watched(), system.operations.serving(), system.gateway.probing():
            yield
            await followers.close()
            await runs.close()
            await jobs.close()
            await turnstile.close()

    app = FastAPI(
        title=web.title,
        version=version("answerable"),
        description="Questions in, checked and cited answers out. Offsets count Unicode code points.",
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.services = Services(
        system=system,
        web=web,
        runs=runs,
        admission=admission,
        lag=lag,
        pages=create_pages(web),
        jobs=jobs,
        turnstile=turnstile,
        followers=followers,
    )
    app.state.gate = _gate(system, web)
    add_routes(app)
    _add_errors(app)
    app.add_middleware(BodyLimit, max_bytes=web.body_bytes)
    app.add_middleware(Hosts, allowed=web.allowed_hosts)
    app.add_middleware(Envelope)
    return app


def _turnstile(system: System, web: WebSettings) -> Turnstile:
    def counted(name: str, *labels: str) -> None:
        system.operations.watching.counting.add(name, *labels)

    return Turnstile(
        tolls=system.tolls,
        shelter=MemoryTolls(),
        bounds=web.bounds,
        alarms=Alarms(told=system.happenings.write, counted=counted),
    )


def _gate(system: System, web: WebSettings) -> Gate:
    rules, told = web.sign_in, system.happenings
    return Gate(
        tokens=system.tokens,
        local=web.local,
        lockout=Lockout(
            attempts=system.attempts,
            tenant=web.tenant,
            most=rules.failures,
            window_s=rules.window_s,
            happenings=told,
        ),
        proxied=Proxied(header=rules.header, proxies=rules.proxies, told=told.write),
        rules=rules,
    )


def _add_errors(app: FastAPI) -> None:
    for kind in (ProblemError, AnswerableError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _on_error)
    app.add_exception_handler(Exception, _on_crash)


async def _on_error(request: Request, error: Exception) -> Response:
    problem = _problem(error)
    if problem.status >= 500:
        log.error("%s %s: %s", request.method, problem.code, error)
    return _reply(request, problem)


async def _on_crash(request: Request, error: Exception) -> Response:
    """The server logs the error with its traceback. This reply is sent outside of our wrappers."""
    response = _reply(request, ProblemError("internal"))
    response.headers.update({**SECURITY_HEADERS, "Cache-Control": "no-store"})
    return response


def _problem(error: Exception) -> ProblemError:
    match error:
        case ProblemError():
            return error
        case AnswerableError():
            return problem_of(error)
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return ProblemError(_BY_STATUS.get(error.status_code, "internal"), headers=error.headers)
        case _:
            return ProblemError("internal")


def _invalid(error: RequestValidationError) -> ProblemError:
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return ProblemError("malformed")
    fields = tuple({"field": _field(fault["loc"]), "message": str(fault["msg"])} for fault in faults)
    detail = "; ".join(f"{field['field']}: {field['message']}" for field in fields[:5])
    return ProblemError("invalid_request", detail, fields=fields)


def _field(location: tuple[str | int, ...]) -> str:
    """`("body", "history", 0, "role")` as `history.0.role`."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _reply(request: Request, problem: ProblemError) -> Response:
    """A problem document for programs, a page for people."""
    document = problem.document(request.state.trace_id)
    if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(document, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
    services: Services = request.app.state.services
    look = look_of(request, services)
    if problem.code == "not_authorized":
        return html(request, services, services.pages.signin(look), status=problem.status)
    return html(request, services, services.pages.problem(look, document), status=problem.status)
