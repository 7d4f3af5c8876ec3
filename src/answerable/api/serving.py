"""The HTTP server around a system, on this machine unless told otherwise."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI

from answerable.app.guarding import scope_book
from answerable.app.limiting import bounds_of
from answerable.app.system import System
from answerable.config.access import AccessSection
from answerable.core.errors import ConfigError
from answerable.core.ports.access import ONCE
from answerable.web.settings import LOOPBACK, SignIn, WebSettings

SIGN_IN_S = 3600.0


@dataclass(slots=True, kw_only=True)
class Serving:
    """Starts, tells where, waits, stops. `app` is made from the system by the api."""

    system: System
    app: FastAPI
    host: str = ""
    port: int | None = None
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    @asynccontextmanager
    async def started(self) -> AsyncIterator[str]:
        """Listening; gives the base address. Raises ConfigError when the port is taken."""
        section = self.system.settings.server
        host = self.host or section.host
        listener = _listen(host, self.port if self.port is not None else section.port)
        config = uvicorn.Config(
            self.app,
            server_header=False,
            log_config=None,  # its records go the way of ours
            access_log=False,
            lifespan="on",
            proxy_headers=False,  # whose address counts is decided in one place: api/networks.py
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        self._task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started and not self._task.done():  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            yield f"http://{'localhost' if host in ('127.0.0.1', '::1') else host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await self._task

    async def first_link(self, address: str) -> str:
        """On this machine, a link that signs in once. Beyond it there is no default account: a link only until
        somebody is an administrator, by a credential or by the configuration; else empty."""
        settings = self.system.settings
        if is_local(self.host or settings.server.host):
            return await self.sign_in_link(address)
        tokens = await self.system.tokens.tokens(tenant=settings.project.tenant)
        made = any("admin" in one.principal.roles and (one.kind != "once" or one.used) for one in tokens)
        if made or settings.access.roles.get("admin"):
            return ""
        return await self.sign_in_link(settings.access.public_url or address)

    async def sign_in_link(self, address: str) -> str:
        """A link that signs the person at this machine in, once."""
        _, secret = await self.system.tokens.create(
            tenant=self.system.settings.project.tenant,
            principal=self.system.principal(),
            label="sign-in link",
            ttl_s=SIGN_IN_S,
            terms=ONCE,
        )
        return f"{address}/signin?token={secret}"

    async def wait(self) -> None:
        """Until the server stops."""
        if self._task is not None:
            await asyncio.shield(self._task)


def is_local(host: str) -> bool:
    """Whether nobody but this machine can reach a server that listens there."""
    return host in (*LOOPBACK, "::1")


def stays_here(access: AccessSection, host: str) -> bool:
    """Whether browsers come over plain http from this machine alone. A proxy on this machine that ends https is
    said by `public_url`: then cookies are for https."""
    return is_local(host) and not access.public_url.startswith("https://")


def check_sign_in(system: System, host: str) -> None:
    """Raises ConfigError where others could reach the server and nothing says how they show who they are."""
    settings = system.settings
    if not is_local(host or settings.server.host) and not settings.access.sso:
        raise ConfigError(
            f"serving on {host or settings.server.host} needs a way to sign in",
            hint='[access] sso = "oidc", "header:X-Forwarded-Email", or "link" for links and tokens alone',
        )


def web_settings(system: System, *, host: str = "") -> WebSettings:
    """What the faces need to know of the configuration; `host` is where it will really listen."""
    settings = system.settings
    contact, book = settings.project.contact, scope_book(system.project)
    return WebSettings(
        title=settings.ui.title,
        disclosure=settings.ui.disclosure,
        examples=settings.ui.examples,
        can=book.can,
        cannot=book.cannot,
        contact=f"mailto:{contact}" if "@" in contact and ":" not in contact else contact,
        link_hosts=settings.guard.output.links,
        tenant=settings.project.tenant,
        default_language=settings.project.default_language,
        languages=settings.project.languages,
        input_chars=settings.limits.input_chars,
        deadline_s=settings.answer.deadline,
        concurrent=settings.limits.concurrent,
        concurrent_tenant=settings.limits.concurrent_tenant,
        queue=settings.limits.queue,
        queue_s=settings.limits.queue_time,
        adaptive=settings.limits.adaptive,
        bounds=bounds_of(settings),
        local=stays_here(settings.access, host or settings.server.host),
        allowed_hosts=(*LOOPBACK, *settings.server.allowed_hosts),
        sign_in=_sign_in(settings.access, settings.server.trusted_proxies),
    )


def _sign_in(access: AccessSection, proxies: tuple[str, ...]) -> SignIn:
    return SignIn(
        way=access.sso.partition(":")[0],
        header=access.header,
        proxies=proxies,
        domains=tuple(one.lower() for one in access.domains),
        roles={str(role): people for role, people in access.roles.items()},
        groups=access.groups,
        public_url=access.public_url,
        session_s=access.session,
        idle_s=access.idle,
        failures=access.failures,
        window_s=access.window,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle on and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            hint="choose another with --port, or 0 for a free one",
        ) from error
    return listener
