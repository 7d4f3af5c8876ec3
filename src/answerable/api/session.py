"""The browser's session: a link, a proxy's header or a provider's word becomes a cookie; signing out ends it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from answerable.api.access import Gate
from answerable.api.credentials import cookie_name, refuse, same_origin
from answerable.api.entrance import may_enter, principal_of
from answerable.api.looks import look_of
from answerable.api.networks import network_at
from answerable.api.problems import ProblemError
from answerable.api.services import By, Served, Services
from answerable.core.errors import NotAuthorized, NotFound
from answerable.core.ports import Terms
from answerable.core.query import Principal
from answerable.core.vouching import Errand

LABEL = "browser session"
ERRAND_S = 600  # to sign in at the provider
Told = Annotated[str, Query(max_length=4000)]


async def sign_in(request: Request, services: Served, token: Told = "") -> Response:
    """Open a session: from a link, from the proxy's header, or at the provider."""
    if token:
        if _led_here(request):  # another site may not sign anybody in: a person presses the button
            return HTMLResponse(services.pages.confirm(look_of(request, services), token))
        return await _by_link(request, services, token)
    match services.web.sign_in.way:
        case "header":
            return await _by_header(request, services)
        case "oidc":
            return await _to_provider(request, services)
        case _:
            raise refuse()


async def sign_in_form(request: Request, services: Served) -> Response:
    """The button of the page that a link led to from elsewhere."""
    if not same_origin(request):
        raise ProblemError("cross_site")
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    return await _by_link(request, services, fields.get("token", [""])[0])


def _led_here(request: Request) -> bool:
    """Whether another site, or a browser that looks ahead, made this request, and not a person."""
    headers = request.headers
    site, purpose = headers.get("sec-fetch-site", "none"), headers.get("sec-purpose", "")
    return site not in ("none", "same-origin") or "prefetch" in purpose


async def _by_link(request: Request, services: Services, secret: str) -> Response:
    gate: Gate = request.app.state.gate
    once = await gate.spend(secret, network_at(request, trusted=services.web.sign_in.proxies))
    return await _opened(request, services, once.tenant, once.principal, "link", scopes=once.scopes)


async def _by_header(request: Request, services: Services) -> Response:
    gate: Gate = request.app.state.gate
    person = gate.proxied.person(request)
    if not person or not may_enter(services.web.sign_in, person):
        raise refuse()
    principal = principal_of(services.web.sign_in, person)
    return await _opened(request, services, services.web.tenant, principal, "header")


async def _to_provider(request: Request, services: Services) -> Response:
    provider = services.system.identity
    if provider is None:
        raise refuse()
    errand = Errand.new()
    response = RedirectResponse(await provider.address(errand, returning_to=_returning(services)), status_code=303)
    response.set_cookie(
        _errand_name(services),
        errand.secret,
        max_age=ERRAND_S,
        path="/",
        secure=not services.web.local,
        httponly=True,
        samesite="lax",  # the provider sends the browser back: a Strict cookie would not come along
    )
    return response


async def provider_return(
    request: Request, services: Served, code: Told = "", state: Told = "", iss: Told = "", error: Told = ""
) -> Response:
    """Where the provider sends the browser back to. Everything that is wrong gets the one refusal."""
    provider, kept = services.system.identity, request.cookies.get(_errand_name(services), "")
    gate: Gate = request.app.state.gate
    network = network_at(request, trusted=services.web.sign_in.proxies)
    try:
        if provider is None or error or not code or gate.lockout.stops(network, ""):
            raise NotAuthorized("the provider did not vouch for anybody")
        errand = Errand.kept(kept, state=state)
        voucher = await provider.voucher(code, errand, issuer=iss, returning_to=_returning(services))
        if not may_enter(services.web.sign_in, voucher.person):
            raise NotAuthorized("the person is of no allowed domain")
    except NotAuthorized as refused:
        await gate.lockout.failed(network)
        raise refuse() from refused
    principal = principal_of(services.web.sign_in, voucher.person, voucher.groups)
    response = await _opened(request, services, services.web.tenant, principal, "oidc")
    response.delete_cookie(_errand_name(services), path="/", secure=not services.web.local)
    return response


def _errand_name(services: Services) -> str:
    return "answerable_errand" if services.web.local else "__Host-answerable_errand"


def _returning(services: Services) -> str:
    return f"{services.web.sign_in.public_url}/signin/return"


async def _opened(
    request: Request,
    services: Services,
    tenant: str,
    principal: Principal,
    made_by: str,
    *,
    scopes: tuple[str, ...] = (),
) -> Response:
    """A new session with a new secret, whatever the browser had: nobody can be given one beforehand.

    It is good for no more than what opened it.
    """
    rules = services.web.sign_in
    await _leave(request, services)
    _session, secret = await services.system.tokens.create(
        tenant=tenant,
        principal=principal,
        label=LABEL,
        ttl_s=rules.session_s,
        terms=Terms(kind="session", scopes=scopes, idle_s=rules.idle_s, made_by=made_by, actor=principal.id),
    )
    gate: Gate = request.app.state.gate
    gate.lockout.passed(network_at(request, trusted=rules.proxies), _session.id)
    response = RedirectResponse("/signin/done", status_code=303)
    _set_cookie(response, services, secret)
    return response


async def _leave(request: Request, services: Services) -> None:
    """End the session that the browser comes with, if it is one."""
    secret = request.cookies.get(cookie_name(local=services.web.local), "")
    if not secret:
        return
    tokens = services.system.tokens
    try:
        old = await tokens.check(secret, kind="session")
        await tokens.revoke(tenant=old.tenant, token_id=old.id, actor=old.principal.id)
    except (NotAuthorized, NotFound):
        pass  # it is none, which is what was wanted


def _set_cookie(response: Response, services: Services, secret: str) -> None:
    local = services.web.local
    response.set_cookie(
        cookie_name(local=local),
        secret,
        max_age=int(services.web.sign_in.session_s),
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
        await services.system.tokens.revoke(
            tenant=caller.tenant, token_id=caller.token_id, actor=caller.principal.id
        )
    except NotFound:
        pass  # revoked meanwhile, which is what was wanted
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(cookie_name(local=services.web.local), path="/", secure=not services.web.local)
    return response
