"""The provider page's cost of today is the book's, of all processes, and waits for nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from answerable.adapters.fakes.calls import MemoryCalls
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.app.budget_figures import spent_today
from answerable.app.operations import Operations
from answerable.app.watching import open_watching
from answerable.config import Settings
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.llm.meter import Meter
from answerable.monitor.refreshed import Refreshed


async def test_the_page_has_what_all_processes_spent_once_it_was_read() -> None:
    calls, settings = MemoryCalls(), Settings()
    used, now = Usage(input=9, cost=Decimal("0.25")), datetime.now(UTC)
    paid = Call(use="answer", provider="p", model="m", outcome="ok", at=now, usage=used)
    for one in (paid, replace(paid, id="other"), replace(paid, id="unknown", usage=Usage(input=9))):
        calls.write(one)

    async def read():
        return await spent_today(calls, settings)

    spent = Refreshed(read=read)
    home = settings.project.tenant
    watching = await open_watching(MemoryHappenings(home=home), home=home)
    operations = Operations(settings=settings, watching=watching, meter=Meter(), spent=spent)
    assert (await operations.providers(tenant=home))["spent"] is None
    await asyncio.sleep(0.01)
    assert (await operations.providers(tenant=home))["spent"] == {
        "cost": "0.5",
        "currency": "USD",
        "unpriced": "1",
    }
    assert (await operations.providers(tenant="another"))["spent"] is None
