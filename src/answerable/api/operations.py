"""What operators read: the figures of the process for Prometheus, and the page of its providers."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from answerable.api.admission import Admission
from answerable.api.browser import html
from answerable.api.lag import LoopLag
from answerable.api.looks import look_of
from answerable.api.services import By, Served
from answerable.core.figures import Sample


def own_samples(admission: Admission, lag: LoopLag) -> list[Sample]:
    """What the server itself knows: who waits, who was turned away, and how late its loop is."""
    now = admission.snapshot()
    values = {
        "answerable_admission_allowed": now.allowed,
        "answerable_admission_under_way": now.under_way,
        "answerable_admission_waiting": now.waiting,
        "answerable_admission_admitted_total": now.admitted,
        "answerable_admission_left_total": now.left,
        "answerable_event_loop_lag_seconds": lag.worst_s,
    }
    refused = [
        Sample(name="answerable_admission_refused_total", labels=(reason,), value=float(count))
        for reason, count in now.refused.items()
    ]
    return [*(Sample(name=name, value=float(value)) for name, value in values.items()), *refused]


async def metrics(services: Served) -> Response:
    """Counts of this process; several processes are scraped one by one."""
    own = own_samples(services.admission, services.lag)
    text, media_type = await services.system.operations.scrape(own)
    return Response(text, media_type=media_type)


async def providers(request: Request, services: Served, caller: By) -> Response:
    """Each route with its endpoints, and what happened lately to the caller's tenant."""
    view = await services.system.operations.providers(tenant=caller.tenant)
    return html(request, services, services.pages.providers(look_of(request, services), view))


async def jobs(request: Request, services: Served, caller: By) -> Response:
    """What is done again and again for the project's own tenant: names, times and counts, nobody's words."""
    view = await services.system.operations.job_rows()
    return html(request, services, services.pages.jobs(look_of(request, services), view))
