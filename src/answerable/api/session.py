"""The browser's session: a sign-in link becomes a cookie, and signing out ends it."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from answerable.api.access import cookie_name, refuse
from answerable.api.looks import look_of
from answerable.api.services import By, Served, Services
from answerable.core.errors import NotFound
from answerable.core.ports import Terms

LABEL = "browser session"


async def sign_in(request: Request, services: Served, token: str = "") -> Response:
    """Exchange a one-time token for a session, and send the browser on so that the secret leaves the URL."""
    if not 20 <= len(token) <= 400:
        raise refuse()
    once = await services.system.tokens.check(token, kind="once")
    _session, secret = await services.system.tokens.create(
        tenant=once.tenant,
        principal=once.principal,
        label=LABEL,
        ttl_s=services.web.session_s,
        terms=Terms(kind="session", made_by="link", actor=once.principal.id),
    )
    response = RedirectResponse("/signin/done", status_code=303)
    _set_cookie(response, services, secret)
    return response


def _set_cookie(response: Response, services: Services, secret: str) -> None:
    local = services.web.local
    response.set_cookie(
        cookie_name(local=local),
        secret,
        max_age=int(services.web.session_s),
        path="/",
        secure=not local,
        httponly=True,
        samesite="strict",
    )


async def signed_in(request: Request, services: Served) -> Response:
    """A page of this site that goes on to the chat.

    A Strict cookie is not sent along a redirect that began on another site (a mail, a ticket); it is sent when
    this page leads on.
    """
    return HTMLResponse(services.pages.signed_in(look_of(request, services)))


async def sign_out(services: Served, caller: By) -> Response:
    """Revoke the credential that came with the request."""
    try:
        await services.system.tokens.revoke(tenant=caller.tenant, token_id=caller.token_id)
    except NotFound:
        pass  # revoked meanwhile, which is what was wanted
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(cookie_name(local=services.web.local), path="/", secure=not services.web.local)
    return response
