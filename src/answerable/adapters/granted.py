"""What a credential gives now: what it was made with, within what its person may at most."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from answerable.core.document import PUBLIC
from answerable.core.ports import Token


def granted(token: Token, *, roles: Collection[str] | None, groups: Collection[str] | None) -> Token:
    """The token with its roles and groups cut to the bounds; None bounds nothing. Everybody stays in `public`."""
    principal = token.principal
    if roles is not None:
        principal = replace(principal, roles=tuple(one for one in principal.roles if one in roles))
    if groups is not None:
        kept = tuple(one for one in principal.groups if one in groups or one == PUBLIC)
        principal = replace(principal, groups=kept)
    return replace(token, principal=principal)
