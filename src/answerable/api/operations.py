"""What operators read: the figures of the process for Prometheus, and the page of its providers."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from answerable.api.browser import html
from answerable.api.looks import look_of
from answerable.api.services import By, Served


async def metrics(services: Served) -> Response:
    """Counts of this process; several processes are scraped one by one."""
    text, media_type = await services.system.operations.scrape()
    return Response(text, media_type=media_type)


async def providers(request: Request, services: Served, caller: By) -> Response:
    """Each route with its endpoints, and what happened lately to the caller's tenant."""
    view = await services.system.operations.providers(tenant=caller.tenant)
    return html(request, services, services.pages.providers(look_of(request, services), view))
