"""How credentials are shown: never with their secrets."""

from __future__ import annotations

from datetime import datetime

from answerable.core.ports import Token


def moment(at: datetime | None) -> str:
    """To the second; empty for never."""
    return str(at)[:19] if at else ""


def credential_row(token: Token) -> dict[str, object]:
    """For programs."""
    return {
        "id": token.id,
        "kind": token.kind,
        "label": token.label,
        "for": token.principal.id,
        "roles": list(token.principal.roles),
        "groups": list(token.principal.groups),
        "scopes": list(token.scopes),
        "made_by": token.made_by,
        "created": token.created_at,
        "seen": token.seen_at,
        "expires": token.expires_at,
        "revoked": token.revoked_at,
    }
