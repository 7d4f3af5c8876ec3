"""A person's own sessions, and the audit log for those who may read it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.responses import Response

from answerable.api.services import By, Served
from answerable.core.errors import NotFound
from answerable.core.ports import Token

TokenId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


async def sessions(services: Served, caller: By) -> dict[str, Any]:
    """The caller's own sessions that are still good, oldest first."""
    mine = await _own(services, caller)
    return {"sessions": [_session(one, current=one.id == caller.token_id) for one in mine]}


async def end_session(session_id: TokenId, services: Served, caller: By) -> Response:
    """Sign one of the caller's own sessions out, wherever it is."""
    if session_id not in {one.id for one in await _own(services, caller)}:
        raise NotFound("there is no such session")
    await services.system.tokens.revoke(tenant=caller.tenant, token_id=session_id, actor=caller.principal.id)
    return Response(status_code=204)


async def audit(
    services: Served,
    caller: By,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Who did what, oldest first, from the row after `after` on; hashes as docs/security/access.md explains."""
    rows = await services.system.audit.rows(tenant=caller.tenant, after=after, limit=limit)
    shown = [
        {
            "n": row.n,
            "at": row.at.isoformat(),
            "actor": row.actor,
            "action": row.action,
            "subject": row.subject,
            "detail": json.loads(row.detail),
            "previous": row.previous,
            "hash": row.hash,
        }
        for row in rows
    ]
    return {"rows": shown, "next": rows[-1].n if len(rows) == limit else None}


async def _own(services: Served, caller: By) -> list[Token]:
    """Looked for by tenant and person, so that no id of somebody else's is ever among them."""
    everybody = await services.system.tokens.tokens(tenant=caller.tenant)
    mine = [one for one in everybody if one.principal.id == caller.principal.id and one.kind == "session"]
    live = await services.system.tokens.live(tenant=caller.tenant, token_ids=[one.id for one in mine])
    return [one for one in mine if one.id in live]


def _session(one: Token, *, current: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "made_by": one.made_by,
        "created": one.created_at.isoformat(),
        "seen": one.seen_at.isoformat() if one.seen_at else None,
        "expires": one.expires_at.isoformat() if one.expires_at else None,
        "current": current,
    }
