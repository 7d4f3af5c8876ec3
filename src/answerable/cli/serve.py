"""answerable serve and up: the API and the web page."""

from __future__ import annotations

import signal
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.app.project import Project
from answerable.cli import project, syncing
from answerable.cli.abstain import warn_if_void
from answerable.cli.console import note, say
from answerable.cli.options import ConfigOption

if TYPE_CHECKING:
    from answerable.app import System

HostOption = Annotated[str, typer.Option(help="Listen here; loopback by default.")]
PortOption = Annotated[int, typer.Option(min=-1, max=65535, help="0 takes a free one; -1: the configured one.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("serve")(serve)


def serve(host: HostOption = "", port: PortOption = -1, config: ConfigOption = None) -> None:
    """Serve the API and the web page; documents are ingested elsewhere."""
    project.run(_serve(project.project(config), host, port, sync=False, browse=False))


def up(
    host: HostOption = "",
    port: PortOption = -1,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = False,
    config: ConfigOption = None,
) -> None:
    """Sync the configured sources, then serve the API and the web page on this machine.

    Prints a sign-in link that works once.
    """
    project.run(_serve(project.project(config), host, port, sync=True, browse=browse))


async def _serve(one: Project, host: str, port: int, *, sync: bool, browse: bool) -> None:
    from answerable.app import open_system  # keeps --help quick

    async with open_system(one) as system:
        warn_if_void(system)
        if sync and system.settings.source:
            await syncing.sync_all(system, system.settings.source)
        await run_server(system, host=host, port=port if port >= 0 else None, browse=browse)


async def run_server(system: System, *, host: str, port: int | None, browse: bool = False) -> None:
    """Serve until interrupted; prints where, and a link that signs in once."""
    from answerable.api.app import create_api  # keeps --help quick
    from answerable.api.serving import Serving, check_sign_in, web_settings
    from answerable.app.jobs.working import working
    from answerable.app.metrics.deploy_marks import mark_deploy
    from answerable.cli.logs import tell_logs

    tell_logs(system.settings.server.log)
    signal.signal(signal.SIGTERM, _terminated)
    check_sign_in(system, host)
    await system.warm()
    await mark_deploy(system)
    serving = Serving(system=system, app=create_api(system, web_settings(system, host=host)), host=host, port=port)
    async with working(system), serving.started() as address:
        link = await serving.first_link(address)
        say(f"serving on {address}")
        if link:
            say(f"sign in once: {link}")
        note("stop with Ctrl-C")
        if browse:
            webbrowser.open(link or address)
        await serving.wait()


def _terminated(number: int, frame: object) -> None:
    """The web server raises the signal again when it has answered what it was asked: the rest is closed, too."""
    raise SystemExit(128 + number)
