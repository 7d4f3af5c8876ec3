"""What the routes share: the system, the settings, the runs and the pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from answerable.api.access import Caller, caller_of
from answerable.api.admission import Admission
from answerable.api.jobs import Jobs
from answerable.api.lag import LoopLag
from answerable.api.runs import Runs
from answerable.api.signal_count import SignalCount
from answerable.api.standing import Followers
from answerable.api.turnstile import Turnstile
from answerable.api.ways import way_of
from answerable.core.query import Scope, Way
from answerable.web.pages import Pages
from answerable.web.settings import WebSettings

if TYPE_CHECKING:
    from answerable.app import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One application's; nothing is global."""

    system: System
    web: WebSettings
    runs: Runs
    admission: Admission
    lag: LoopLag
    pages: Pages
    jobs: Jobs
    turnstile: Turnstile
    followers: Followers
    signals: SignalCount = field(default_factory=SignalCount)

    def scope_of(self, caller: Caller) -> Scope:
        """What the caller may read: their groups, under the configured filter."""
        return Scope(tenant=caller.tenant, groups=caller.principal.groups, filter=self.system.filter())

    def way_of(self, request: Request, caller: Caller, *, page: bool = False) -> Way:
        """How the request came in."""
        staff = self.system.settings.telemetry.events.staff_networks
        return way_of(request, caller, staff=staff, page=page)


def services_of(request: Request) -> Services:
    """The application's services."""
    services: Services = request.app.state.services
    return services


Served = Annotated[Services, Depends(services_of)]
By = Annotated[Caller, Depends(caller_of)]
