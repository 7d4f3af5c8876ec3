"""What somebody gets who was vouched for by a provider or a proxy: roles and groups from the configuration."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from answerable.core.document import PUBLIC
from answerable.core.query import Principal
from answerable.web.settings import SignIn

VOUCHED = frozenset({"header", "oidc"})  # ways in which somebody else says who a person is


def may_enter(rules: SignIn, person: str) -> bool:
    """Whether the person is of an allowed domain, where there are any."""
    _, at, domain = person.rpartition("@")
    return not rules.domains or (bool(at) and (domain.lower() if domain.isascii() else domain) in rules.domains)


def principal_of(rules: SignIn, person: str, groups: Collection[str] = ()) -> Principal:
    """Whoever signs in is a user; other roles are those that the configuration names for them."""
    mapped = {ours for name in groups for ours in rules.groups.get(name, ())}
    return Principal(id=person, roles=_roles(rules, person), groups=tuple(sorted({PUBLIC, *mapped})))


def bounded(rules: SignIn, principal: Principal, made_by: str) -> Principal:
    """What a session gives under the rules of now: a role that the configuration took away is gone from it."""
    if made_by not in VOUCHED:
        return principal
    now = _roles(rules, principal.id) if may_enter(rules, principal.id) else ()
    return replace(principal, roles=tuple(one for one in principal.roles if one in now))


def _as_vouched(rules: SignIn, name: str) -> str:
    """Addresses, and all that a proxy says, come in lower case; a provider's other names are case-sensitive."""
    return name.lower() if "@" in name or rules.way == "header" else name


def _roles(rules: SignIn, person: str) -> tuple[str, ...]:
    named = [role for role, people in rules.roles.items() if person in {_as_vouched(rules, one) for one in people}]
    return tuple(dict.fromkeys(["user", *named]))
