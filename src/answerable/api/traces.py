"""The traces of questions, and POST /v1/traces/{id}/case: a wrong answer becomes a failing case."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from answerable.api.problems import told_to_the_caller
from answerable.api.schemas import Correction
from answerable.api.services import By, Served
from answerable.core.outcome import Outcome
from answerable.evals.diagnosis.freezing import Wanted

TraceId = Annotated[str, Path(pattern=r"^(latest|[A-Za-z0-9_-]{1,64})$")]


async def newest(
    services: Served,
    caller: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    outcome: Outcome | None = None,
) -> dict[str, Any]:
    """The caller's tenant's latest questions with their outcomes."""
    journal = services.system.journal
    found = await journal.traces(tenant=caller.tenant, limit=limit, outcome=outcome.value if outcome else None)
    return {"traces": found}


async def read(trace_id: TraceId, services: Served, caller: By) -> dict[str, Any]:
    """Everything about one question, with the address of the exact prompt where there was one."""
    found = await services.system.journal.trace(tenant=caller.tenant, reference=trace_id)
    prompt = (found.get("answer") or {}).get("prompt") or {}
    sha256 = prompt.get("sha256", "")
    return {**found, "prompt_text": f"/v1/prompt-texts/{sha256}" if sha256 else None}


async def freeze(trace_id: TraceId, body: Correction, services: Served, caller: By) -> dict[str, Any]:
    """Write the failing case on a branch of the project's repository; the same again changes nothing."""
    from answerable.app.freezing import freeze_trace, frozen_record  # the metrics: nobody else waits for them

    wanted = Wanted(
        outcome=body.outcome,
        must=tuple(body.must),
        must_not=tuple(body.must_not),
        cites=tuple(body.cites),
        accept_also=tuple(body.accept_also),
        why=body.why,
        id=body.id,
        reviewer=caller.principal.id,
    )
    # its message names keys of the case, a branch or a file of the project
    with told_to_the_caller():
        made = await freeze_trace(services.system, trace_id, wanted=wanted, tenant=caller.tenant, run=body.run)
    return frozen_record(made)
