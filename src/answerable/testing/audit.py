"""The contract of the Audit port: subclass it, give an `audit` fixture, and every test here must pass."""

from __future__ import annotations

import asyncio
import json

import pytest

from answerable.core.audit import BEGINNING, checked_chain, row_hash
from answerable.core.ports import Audit

ODD = 'a "quoted"\n\tline \\ with \x7f, \u2028, ü, 📦 and \x01'


class AuditContract:
    """What every Audit keeps."""

    @pytest.fixture
    def audit(self) -> Audit:
        """The log under test."""
        raise NotImplementedError("the subclass gives the log")

    async def test_each_row_follows_the_one_before_it(self, audit: Audit) -> None:
        made = [
            await audit.record(
                tenant="acme", actor="ann", action="token.create", subject=f"tk_{n}", detail={"n": n}
            )
            for n in range(3)
        ]
        assert [row.n for row in made] == [1, 2, 3]
        assert [row.previous for row in made] == [BEGINNING, made[0].hash, made[1].hash]
        assert await audit.rows(tenant="acme") == made
        assert await audit.rows(tenant="acme", after=1, limit=1) == made[1:2]

    async def test_anybody_can_compute_a_hash_again(self, audit: Audit) -> None:
        row = await audit.record(
            tenant="acme", actor=ODD, action="a.b", subject=ODD, detail={"z": 1, "aa": [1.50, None, ODD], "b": {}}
        )
        assert (row.actor, row.subject) == (ODD, ODD)
        assert json.loads(row.detail) == {"z": 1, "aa": [1.5, None, ODD], "b": {}}
        assert row.hash == row_hash(row)
        assert checked_chain(await audit.rows(tenant="acme")).head == row.hash

    async def test_tenants_have_chains_of_their_own(self, audit: Audit) -> None:
        for tenant in ("acme", "other", "acme"):
            await audit.record(tenant=tenant, actor="ann", action="a.b", subject="x")
        assert [row.n for row in await audit.rows(tenant="acme")] == [1, 2]
        assert [row.n for row in await audit.rows(tenant="other")] == [1]
        assert (await audit.verify(tenant="other")).rows == 1

    async def test_writers_at_the_same_time_make_one_chain(self, audit: Audit) -> None:
        jobs = (audit.record(tenant="acme", actor="a", action="a.b", subject=str(n)) for n in range(8))
        await asyncio.gather(*jobs)
        chain = await audit.verify(tenant="acme")
        assert (chain.holds, chain.rows) == (True, 8)

    async def test_the_newest_can_be_asked_for_by_action_and_subject(self, audit: Audit) -> None:
        for action, subject in (("token.create", "a"), ("person.suspend", "a"), ("token.revoke", "b")):
            await audit.record(tenant="acme", actor="ann", action=action, subject=subject)
        assert [row.action for row in await audit.latest(tenant="acme")] == [
            "token.revoke",
            "person.suspend",
            "token.create",
        ]
        assert [row.subject for row in await audit.latest(tenant="acme", action="token.")] == ["b", "a"]
        assert [row.action for row in await audit.latest(tenant="acme", subject="a", limit=1)] == [
            "person.suspend"
        ]

    async def test_a_head_noted_elsewhere_shows_what_was_cut_off(self, audit: Audit) -> None:
        empty = await audit.verify(tenant="acme")
        assert (empty.holds, empty.rows, empty.head) == (True, 0, BEGINNING)
        row = await audit.record(tenant="acme", actor="ann", action="a.b", subject="x")
        assert (await audit.verify(tenant="acme", n=1, head=row.hash)).holds
        gone = await audit.verify(tenant="acme", n=2, head=row.hash)
        assert (gone.broken, gone.why) == (2, "it is gone")
        assert (await audit.verify(tenant="acme", n=1, head="0" * 64)).broken == 1
