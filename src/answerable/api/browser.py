"""The browser's pages: the chat, the source page, the table of errors, and the static files."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from answerable.api.answers import start, whole_record
from answerable.api.knowledge import Reference, document
from answerable.api.looks import LANGUAGE_COOKIE, look_of
from answerable.api.payer import payer_of
from answerable.api.problems import KINDS, ProblemError
from answerable.api.schemas import Ask
from answerable.api.services import By, Served, Services
from answerable.core.deadline import Deadline
from answerable.web.reading import valid_span

FOREVER = "public, max-age=31536000, immutable"


def html(request: Request, services: Services, text: str, *, status: int = 200) -> Response:
    """A page; a language chosen by `?lang=` is remembered."""
    response = HTMLResponse(text, status)
    wanted = request.query_params.get("lang")
    if wanted in services.pages.catalogs:
        response.set_cookie(
            LANGUAGE_COOKIE, str(wanted), max_age=31_536_000, samesite="lax", secure=not services.web.local
        )
    return response


async def chat(request: Request, services: Served, caller: By) -> Response:
    """The chat page."""
    examples = await services.system.incidents.shown(caller.tenant, services.web.examples)
    return html(request, services, services.pages.chat(look_of(request, services), examples=examples))


async def chat_form(request: Request, services: Served, caller: By) -> Response:
    """The chat without scripts: a form's question, and the page with its answer."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    question = fields.get("question", [""])[0].strip()
    look = look_of(request, services)
    if not question:
        examples = await services.system.incidents.shown(caller.tenant, services.web.examples)
        return html(request, services, services.pages.chat(look, examples=examples))
    try:
        body = Ask(question=question)
    except ValidationError as error:
        raise ProblemError("invalid_request") from error
    deadline = Deadline.after(services.web.deadline_s)
    run = start(
        services,
        caller,
        body,
        deadline,
        payer=payer_of(request, caller),
        way=services.way_of(request, caller, page=True),
    )
    record = await whole_record(services, run, request)
    return html(request, services, services.pages.chat(look, question=question, record=record))


async def source_page(
    doc: Reference,
    request: Request,
    services: Served,
    caller: By,
    v: Annotated[int | None, Query(ge=1)] = None,
    c: Annotated[str | None, Query(max_length=100)] = None,
    start: Annotated[int | None, Query(ge=0)] = None,
    end: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """A document with the passage marked. In another version than the link's, only a chunk that is still the
    same (its id comes from its text and place) may be marked: old offsets point at anything."""
    view = await services.system.documents.document(services.scope_of(caller), doc)
    await services.turnstile.opened(payer_of(request, caller), view)
    chunk = next((one for one in view.chunks if one.id == c), None)
    span = valid_span(view.text, start, end)
    unchanged = v in (None, view.version) or chunk is not None
    if chunk is not None and span is None:
        span = chunk.start, chunk.end
    text = services.pages.source(
        look_of(request, services), document(view, chunk=chunk, version=v), span if unchanged else None
    )
    return html(request, services, text)


async def errors_page(request: Request, services: Served) -> Response:
    """What each error code means."""
    return html(request, services, services.pages.errors(look_of(request, services), KINDS))


async def static_file(version: str, name: str, request: Request, services: Served) -> Response:
    """A script, a style or the icon, by its exact name."""
    assets = services.pages.assets
    asset = assets.files.get(name)
    if asset is None:
        raise ProblemError("not_found")
    headers = {"Cache-Control": FOREVER if version == assets.version else "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.gzipped, headers=headers, media_type=asset.media_type)
    return Response(asset.data, headers=headers, media_type=asset.media_type)
