"""GET /v1/metrics/{name}: a metric of production, with n, interval and definition, for the caller's tenant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime

from answerable.api.problems import told_to_the_caller
from answerable.api.services import By, Served
from answerable.core.errors import ConfigError

Name = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]
_USUAL = timedelta(days=28)
_LONGEST = timedelta(days=400)


async def show(
    name: Name,
    services: Served,
    caller: By,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    by: Annotated[str, Query(max_length=200)] = "",
    ci: Literal[95] = 95,
) -> dict[str, Any]:
    """As `answerable metric show --format json` has it. `by`: dimensions with commas; 28 days when not said."""
    from answerable.app.metrics.measuring import measured, sources_of  # the statistics: nobody else waits for them
    from answerable.monitor.records import definition_record, table_record

    end = until or datetime.now(UTC)
    start = since or end - _USUAL
    with told_to_the_caller():
        if not timedelta(0) < end - start <= _LONGEST:
            raise ConfigError("from is not before to, or more than 400 days before it")
        sources = sources_of(services.system.project, services.system.database)
        span = replace(sources.span(start, end), tenant=caller.tenant)
        found = await measured(sources, name, span, [one.strip() for one in by.split(",") if one.strip()])
    return {**table_record(found), "ci": ci, "definition": definition_record(found.definition)}
