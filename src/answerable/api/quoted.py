"""Stored answers show what they quote, so they are shown as long as all of it may still be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from answerable.api.access import Caller, Policy
from answerable.api.runs import Run
from answerable.api.services import Services
from answerable.core.errors import NotFound
from answerable.core.query import Filter, Scope


async def check_readable(services: Services, caller: Caller, record: Mapping[str, Any]) -> None:
    """Raises NotFound where the answer quotes a document that is gone or that its reader may not read any more.

    Engineers see whole traces; nothing is gained by keeping answers from them.
    """
    await _check(services, caller, _documents(record.get("sources", ())))


async def check_followable(services: Services, caller: Caller, run: Run) -> None:
    """The same for a stream that is taken up again. Raises NotFound."""
    if (
        run.record is not None
        and await services.system.incidents.stored(caller.tenant, run.record) is not run.record
    ):
        raise NotFound("there is no such answer")
    shown = [frame.data for frame in run.frames if frame.event in ("sources", "done")]
    await _check(services, caller, {one for data in shown for one in _documents(data.get("sources", ()))})


def _documents(sources: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(one["document"]) for one in sources}


async def _check(services: Services, caller: Caller, wanted: set[str]) -> None:
    if not wanted or Policy.ENGINEER.admits(caller.principal.roles):
        return
    scope = Scope(
        tenant=caller.tenant,
        groups=caller.principal.groups,
        filter=Filter(status=(), documents=tuple(sorted(wanted))),
    )
    readable = await services.system.documents.documents(scope, limit=len(wanted))
    if {one.id for one in readable} != wanted:
        raise NotFound("there is no such answer")
