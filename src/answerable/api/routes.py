"""Every route of the application in one table, each with its access policy. There is no other way to add one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from answerable.api import (
    accounts,
    alerts,
    answers,
    browser,
    health,
    incidents,
    knowledge,
    metrics,
    operations,
    prompts,
    sandbox,
    session,
    signals,
    traces,
)
from answerable.api.access import POLICY_KEY, PolicedRoute, Policy
from answerable.api.account_schemas import AuditObject, SessionsObject
from answerable.api.alerts import AlertObject, AlertsObject, SilenceObject
from answerable.api.incidents import ExposuresObject, IncidentObject, IncidentsObject
from answerable.api.metric_schemas import MetricObject
from answerable.api.problems import MEDIA_TYPE
from answerable.api.prompt_schemas import (
    BranchObject,
    JobObject,
    PromptCheckObject,
    PromptObject,
    PromptsObject,
    PromptTextObject,
    PromptTryObject,
)
from answerable.api.schemas import (
    AnswerObject,
    CaseObject,
    DocumentObject,
    HealthObject,
    ProblemObject,
    SearchObject,
    StatusObject,
    SuggestionsObject,
    TracesObject,
)

PUBLIC, USER, REVIEWER = Policy.PUBLIC, Policy.USER, Policy.REVIEWER
OPS, EDITOR, ENGINEER, AUDITOR = Policy.OPS, Policy.EDITOR, Policy.ENGINEER, Policy.AUDITOR
ADMIN = Policy.ADMIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row. A route without `gives` is for browsers and stays out of the OpenAPI document."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    access: Policy
    gives: type | None = None
    status: int = 200
    listed: bool = True


ROUTES: tuple[Route, ...] = (
    Route(method="POST", path="/v1/answers", endpoint=answers.ask, access=USER, gives=AnswerObject),
    Route(method="GET", path="/v1/answers/{answer_id}", endpoint=answers.read, access=USER, gives=AnswerObject),
    Route(method="POST", path="/v1/answers/{answer_id}/stop", endpoint=answers.stop, access=USER, status=204),
    Route(method="POST", path="/v1/answers/{answer_id}/feedback", endpoint=answers.rate, access=USER, status=204),
    Route(method="POST", path="/v1/answers/{answer_id}/events", endpoint=signals.tell, access=USER, status=204),
    Route(method="POST", path="/v1/search", endpoint=knowledge.search, access=USER, gives=SearchObject),
    Route(
        method="GET", path="/v1/sources/{doc:path}", endpoint=knowledge.source, access=USER, gives=DocumentObject
    ),
    Route(method="GET", path="/v1/traces", endpoint=traces.newest, access=ENGINEER, gives=TracesObject),
    Route(method="GET", path="/v1/traces/{trace_id}", endpoint=traces.read, access=ENGINEER),
    Route(
        method="POST",
        path="/v1/traces/{trace_id}/case",
        endpoint=traces.freeze,
        access=REVIEWER,
        gives=CaseObject,
        status=201,
    ),
    Route(method="GET", path="/v1/prompts", endpoint=prompts.every, access=EDITOR, gives=PromptsObject),
    Route(
        method="GET",
        path="/v1/prompts/{prompt_id}/versions",
        endpoint=prompts.versions,
        access=EDITOR,
        gives=PromptObject,
    ),
    Route(
        method="POST",
        path="/v1/prompts/{prompt_id}/check",
        endpoint=sandbox.check,
        access=EDITOR,
        gives=PromptCheckObject,
    ),
    Route(
        method="POST",
        path="/v1/prompts/{prompt_id}/tries",
        endpoint=sandbox.attempt,
        access=EDITOR,
        gives=PromptTryObject,
    ),
    Route(
        method="POST",
        path="/v1/prompts/{prompt_id}/runs",
        endpoint=sandbox.run,
        access=EDITOR,
        gives=JobObject,
        status=202,
    ),
    Route(
        method="GET",
        path="/v1/prompts/{prompt_id}/runs/{job_id}",
        endpoint=sandbox.state,
        access=EDITOR,
        gives=JobObject,
    ),
    Route(
        method="POST",
        path="/v1/prompts/{prompt_id}/runs/{job_id}/stop",
        endpoint=sandbox.stop,
        access=EDITOR,
        status=204,
    ),
    Route(
        method="POST",
        path="/v1/prompts/{prompt_id}/proposals",
        endpoint=sandbox.propose,
        access=EDITOR,
        gives=BranchObject,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/prompt-texts/{reference}",
        endpoint=prompts.text,
        access=EDITOR,
        gives=PromptTextObject,
    ),
    Route(method="GET", path="/v1/sessions", endpoint=accounts.sessions, access=USER, gives=SessionsObject),
    Route(
        method="POST", path="/v1/sessions/{session_id}/end", endpoint=accounts.end_session, access=USER, status=204
    ),
    Route(method="GET", path="/v1/incidents", endpoint=incidents.every, access=REVIEWER, gives=IncidentsObject),
    Route(
        method="POST",
        path="/v1/incidents",
        endpoint=incidents.begin,
        access=REVIEWER,
        gives=IncidentObject,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/incidents/{incident_id}/close",
        endpoint=incidents.end,
        access=REVIEWER,
        gives=IncidentObject,
    ),
    Route(
        method="GET",
        path="/v1/incidents/{incident_id}/seen",
        endpoint=incidents.seen,
        access=REVIEWER,
        gives=ExposuresObject,
    ),
    Route(method="GET", path="/v1/alerts", endpoint=alerts.every, access=OPS, gives=AlertsObject),
    Route(method="POST", path="/v1/alerts/{alert_id}/ack", endpoint=alerts.ack, access=OPS, gives=AlertObject),
    Route(
        method="POST",
        path="/v1/alert-silences",
        endpoint=alerts.silence,
        access=OPS,
        gives=SilenceObject,
        status=201,
    ),
    Route(method="GET", path="/v1/metrics/{name}", endpoint=metrics.show, access=ADMIN, gives=MetricObject),
    Route(method="GET", path="/v1/audit", endpoint=accounts.audit, access=AUDITOR, gives=AuditObject),
    Route(method="GET", path="/v1/status", endpoint=health.status, access=PUBLIC, gives=StatusObject),
    Route(
        method="GET", path="/v1/suggestions", endpoint=health.suggestions, access=PUBLIC, gives=SuggestionsObject
    ),
    Route(method="GET", path="/healthz", endpoint=health.alive, access=PUBLIC, gives=HealthObject),
    Route(method="GET", path="/readyz", endpoint=health.ready, access=PUBLIC, gives=HealthObject),
    Route(method="GET", path="/metrics", endpoint=operations.metrics, access=OPS, listed=False),
    Route(method="GET", path="/providers", endpoint=operations.providers, access=OPS, listed=False),
    Route(method="GET", path="/jobs", endpoint=operations.jobs, access=OPS, listed=False),
    Route(method="GET", path="/alerts", endpoint=alerts.page, access=OPS, listed=False),
    Route(method="POST", path="/alerts/{alert_id}/ack", endpoint=alerts.ack_form, access=OPS, listed=False),
    Route(
        method="POST", path="/alerts/{alert_id}/silence", endpoint=alerts.silence_form, access=OPS, listed=False
    ),
    Route(method="GET", path="/prompts", endpoint=prompts.board_page, access=EDITOR, listed=False),
    Route(method="GET", path="/prompts/{prompt_id}", endpoint=prompts.prompt, access=EDITOR, listed=False),
    Route(method="GET", path="/prompts/{prompt_id}/sandbox", endpoint=sandbox.page, access=EDITOR, listed=False),
    Route(method="GET", path="/prompt-texts/{reference}", endpoint=prompts.text_page, access=EDITOR, listed=False),
    Route(method="GET", path="/openapi.json", endpoint=health.openapi, access=PUBLIC, listed=False),
    Route(method="GET", path="/", endpoint=browser.chat, access=USER, listed=False),
    Route(method="POST", path="/", endpoint=browser.chat_form, access=USER, listed=False),
    Route(method="GET", path="/sources/{doc:path}", endpoint=browser.source_page, access=USER, listed=False),
    Route(method="GET", path="/signin", endpoint=session.sign_in, access=PUBLIC, listed=False),
    Route(method="POST", path="/signin", endpoint=session.sign_in_form, access=PUBLIC, listed=False),
    Route(method="GET", path="/signin/return", endpoint=session.provider_return, access=PUBLIC, listed=False),
    Route(method="GET", path="/signin/done", endpoint=session.signed_in, access=PUBLIC, listed=False),
    Route(method="POST", path="/signout", endpoint=session.sign_out, access=USER, listed=False),
    Route(method="GET", path="/errors", endpoint=browser.errors_page, access=PUBLIC, listed=False),
    Route(
        method="GET",
        path="/static/{version}/{name}",
        endpoint=browser.static_file,
        access=PUBLIC,
        listed=False,
    ),
)

_PROBLEM = {
    "description": "Problem details (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemObject"}}},
}


def add_routes(app: FastAPI) -> None:
    """Register the table; a row without a policy cannot be made."""
    app.router.route_class = PolicedRoute
    for route in ROUTES:
        app.router.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            response_model=route.gives,
            status_code=route.status,
            responses={"default": {"model": ProblemObject, **_PROBLEM}} if route.listed else None,
            openapi_extra={POLICY_KEY: route.access.value},
            include_in_schema=route.listed,
        )
