"""Who pays a toll: a person, with a key, from a network."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from answerable.api.access import Caller
from answerable.core.identity import sha256_hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Names of the four scopes. `network` is a hash: no address is kept."""

    tenant: str
    person: str
    key: str
    network: str

    def name(self, scope: str) -> str:
        """The payer's name in a scope."""
        return {"key": self.key, "user": self.person, "network": self.network, "tenant": self.tenant}[scope]


def payer_of(request: Request, caller: Caller) -> Payer:
    """The payer of a request by a caller."""
    return Payer(
        tenant=caller.tenant,
        person=caller.principal.id,
        key=caller.token_id,
        network="net_" + sha256_hex(f"{caller.tenant} {caller.network}")[:32],
    )
