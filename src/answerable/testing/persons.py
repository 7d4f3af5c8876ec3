"""The contracts of Persons and Attempts: subclass, give the fixtures, and every test here must pass."""

from __future__ import annotations

import pytest

from answerable.core.errors import NotAuthorized, NotFound
from answerable.core.ports import Attempts, Audit, Persons, Terms, Tokens
from answerable.core.ports.access import ONCE
from answerable.core.query import Principal
from answerable.testing.tokens import ANN


class PersonsContract:
    """What every Persons keeps, together with its Tokens and its Audit."""

    @pytest.fixture
    def tokens(self) -> Tokens:
        """Whose credentials."""
        raise NotImplementedError("the subclass gives the tokens")

    @pytest.fixture
    def persons(self) -> Persons:
        """The people under test."""
        raise NotImplementedError("the subclass gives the persons")

    @pytest.fixture
    def audit(self) -> Audit:
        """Where changes are written down."""
        raise NotImplementedError("the subclass gives the audit log")

    async def test_a_suspended_person_is_refused_on_each_kind_until_restored(
        self, tokens: Tokens, persons: Persons
    ) -> None:
        made = {
            kind: (await tokens.create(tenant="acme", principal=ANN, label=kind, terms=Terms(kind=kind)))[1]
            for kind in ("api", "session", "once")
        }
        await tokens.create(tenant="other", principal=ANN, label="x")
        await persons.suspend(tenant="acme", person="ann", by="root")
        for kind, secret in made.items():
            with pytest.raises(NotAuthorized):
                await tokens.check(secret, kind=kind)
        assert [one.suspended_at is None for one in await persons.persons(tenant="other")] == [True]
        await persons.suspend(tenant="acme", person="ann", by="root", suspended=False)
        for kind, secret in made.items():
            assert (await tokens.check(secret, kind=kind)).principal == ANN

    async def test_what_a_person_may_bounds_every_credential_at_once(
        self, tokens: Tokens, persons: Persons
    ) -> None:
        _, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
        await persons.bound(tenant="acme", person="ann", by="root", roles=["user", "admin"], groups=["board"])
        found = (await tokens.check(secret)).principal
        assert (found.roles, found.groups) == (("user",), ("public",))
        await persons.bound(tenant="acme", person="ann", by="root")
        assert (await tokens.check(secret)).principal == ANN

    async def test_signing_out_ends_sessions_and_links_and_no_tokens(
        self, tokens: Tokens, persons: Persons
    ) -> None:
        _, api = await tokens.create(tenant="acme", principal=ANN, label="x")
        _, session = await tokens.create(tenant="acme", principal=ANN, label="x", terms=Terms(kind="session"))
        _, link = await tokens.create(tenant="acme", principal=ANN, label="x", terms=ONCE)
        _, bob = await tokens.create(
            tenant="acme", principal=Principal(id="bob"), label="x", terms=Terms(kind="session")
        )
        assert await persons.sign_out(tenant="acme", person="ann", by="root") == 2
        for secret, kind in ((session, "session"), (link, "once")):
            with pytest.raises(NotAuthorized):
                await tokens.check(secret, kind=kind)
        assert (await tokens.check(api)).principal == ANN
        assert (await tokens.check(bob, kind="session")).principal.id == "bob"

    async def test_people_are_listed_by_id_with_what_they_hold(self, tokens: Tokens, persons: Persons) -> None:
        await tokens.create(tenant="acme", principal=ANN, label="x")
        await tokens.create(tenant="acme", principal=Principal(id="aaron"), label="x", ttl_s=-1.0)
        await tokens.create(tenant="other", principal=Principal(id="zoe"), label="x")
        found = await persons.persons(tenant="acme")
        assert [(one.id, one.credentials) for one in found] == [("aaron", 0), ("ann", 1)]

    async def test_changes_are_in_the_audit_log_with_who_made_them(
        self, tokens: Tokens, persons: Persons, audit: Audit
    ) -> None:
        await tokens.create(tenant="acme", principal=ANN, label="x")
        await persons.suspend(tenant="acme", person="ann", by="root")
        await persons.suspend(tenant="acme", person="ann", by="root", suspended=False)
        await persons.bound(tenant="acme", person="ann", by="root", groups=[])
        with pytest.raises(NotFound):
            await persons.suspend(tenant="other", person="ann", by="root")
        found = [(row.actor, row.action, row.subject) for row in await audit.rows(tenant="acme")][1:]
        assert found == [("root", f"person.{what}", "ann") for what in ("suspend", "restore", "bound")]
        assert await audit.rows(tenant="other") == []


class AttemptsContract:
    """What every Attempts keeps."""

    @pytest.fixture
    def attempts(self) -> Attempts:
        """The counts under test."""
        raise NotImplementedError("the subclass gives the attempts")

    async def test_failures_are_counted_for_each_and_apart(self, attempts: Attempts) -> None:
        for expected in (1, 2):
            assert await attempts.failed(tenant="acme", who="network:192.0.2.0", window_s=300) == expected
        assert await attempts.failed(tenant="acme", who="network:192.0.2.1", window_s=300) == 1
        assert await attempts.failed(tenant="other", who="network:192.0.2.0", window_s=300) == 1
        assert await attempts.count(tenant="acme", who="network:192.0.2.0", window_s=300) == 2
        assert await attempts.count(tenant="acme", who="nobody", window_s=300) == 0
