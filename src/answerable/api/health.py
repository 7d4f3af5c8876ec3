"""Whether the process lives, whether it can serve, and what the assistant is."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from answerable.api.problems import ProblemError
from answerable.api.services import Served


async def alive() -> dict[str, Any]:
    """The process answers. Asks nothing of anybody."""
    return {"status": "ok", "checks": {}}


async def ready(services: Served) -> dict[str, Any]:
    """The database answers and there is something to search. Says no figures: anybody may ask."""
    counts = await services.system.documents.counts(tenant=services.web.tenant)
    if not counts.get("chunks"):
        raise ProblemError("index_empty")
    return {"status": "ok", "checks": {"database": "ok", "index": "ok"}}


async def status(services: Served) -> dict[str, Any]:
    """What the assistant is and what it takes."""
    web = services.web
    return {
        "title": web.title,
        "disclosure": services.pages.disclosure(web.default_language),
        "languages": list(web.languages),
        "default_language": web.default_language,
        "input_chars": web.input_chars,
        "deadline_ms": int(web.deadline_s * 1000),
        "contact": web.contact,
    }


async def suggestions(services: Served) -> dict[str, Any]:
    """Questions to begin with."""
    shown = await services.system.incidents.shown(services.web.tenant, services.web.examples)
    return {"suggestions": shown}


async def openapi(request: Request) -> Response:
    """This API's OpenAPI 3.1 document."""
    return JSONResponse(request.app.openapi())
