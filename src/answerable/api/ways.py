"""How a request came in, for the log of the product: from which face, and whether its person may be followed."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from answerable.api.access import Caller
from answerable.api.networks import within
from answerable.core.query import Way

PAGE = "x-answerable-channel"  # what our own page says of itself


def way_of(request: HTTPConnection, caller: Caller, *, staff: tuple[str, ...] = (), page: bool = False) -> Way:
    """Do Not Track and Global Privacy Control are both heeded. `staff`: networks; `page`: a form of ours."""
    headers = request.headers
    refused = headers.get("dnt") == "1" or headers.get("sec-gpc") == "1"
    ours = page or headers.get(PAGE) == "page"
    return Way(channel="page" if ours else "api", tracked=not refused, inside=within(caller.network, staff))
