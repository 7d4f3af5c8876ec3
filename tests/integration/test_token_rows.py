"""Credentials as rows: what is stored, who may read it, what suspends them, what is written down."""

import asyncio

import psycopg
import pytest

from answerable.adapters.postgres.tokens import PostgresTokens
from answerable.core.errors import NotAuthorized
from answerable.core.identity import sha256_hex
from answerable.core.ports.access import ONCE
from answerable.testing.tokens import ANN


@pytest.fixture
def tokens(database):
    return PostgresTokens(database)


async def test_the_secret_is_nowhere_in_the_database(tokens, clone):
    _, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
    with psycopg.connect(clone.owner_url) as conn:
        row = conn.execute("SELECT api_token::text FROM answerable.api_token").fetchone()[0]
    assert sha256_hex(secret) in row
    assert secret not in row
    assert secret.removeprefix("ans_") not in row


async def test_a_suspended_person_is_refused_on_every_credential_at_once(tokens, database):
    made = [await tokens.create(tenant="acme", principal=ANN, label=label) for label in ("a", "b")]
    async with database.tenant("acme") as conn:
        await conn.execute("UPDATE principal SET disabled_at = now() WHERE id = 'ann'")
    for _, secret in made:
        with pytest.raises(NotAuthorized):
            await tokens.check(secret)


async def test_suspending_somebody_of_the_same_name_elsewhere_changes_nothing(tokens, database):
    _, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
    await tokens.create(tenant="other", principal=ANN, label="x")
    async with database.tenant("other") as conn:
        await conn.execute("UPDATE principal SET disabled_at = now()")
    assert (await tokens.check(secret)).tenant == "acme"


async def test_who_knows_a_hash_sees_that_row_and_can_change_nothing(tokens, database):
    _, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
    await tokens.create(tenant="acme", principal=ANN, label="y")
    async with database.nobody() as conn:
        await conn.execute("SELECT set_config('answerable.secret_sha256', %s, true)", (sha256_hex(secret),))
        seen = await (await conn.execute("SELECT label FROM api_token")).fetchall()
        changed = await conn.execute("UPDATE api_token SET revoked_at = now()")
        assert changed.rowcount == 0
    assert seen == [{"label": "x"}]


async def test_no_setting_shows_no_token(database, tokens):
    await tokens.create(tenant="acme", principal=ANN, label="x")
    async with database.nobody() as conn:
        assert await (await conn.execute("SELECT * FROM api_token")).fetchall() == []


async def test_making_and_revoking_are_in_the_audit_log(tokens, database):
    made, _ = await tokens.create(tenant="acme", principal=ANN, label="x")
    await tokens.revoke(tenant="acme", token_id=made.id)
    async with database.tenant("acme") as conn:
        rows = await (await conn.execute("SELECT action, subject, detail FROM audit ORDER BY id")).fetchall()
    assert rows == [
        {
            "action": "token.create",
            "subject": made.id,
            "detail": {"principal": "ann", "label": "x", "roles": ["user", "engineer"]},
        },
        {"action": "token.revoke", "subject": made.id, "detail": {}},
    ]


async def test_of_those_who_all_saw_a_once_token_unused_one_gets_in(tokens, clone):
    _, secret = await tokens.create(tenant="acme", principal=ANN, label="sign-in", terms=ONCE)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(clone.owner_url, autocommit=True) as watch, psycopg.connect(clone.owner_url) as holder:
        holder.execute("SELECT FROM answerable.api_token FOR UPDATE")
        checks = [asyncio.create_task(tokens.check(secret, kind="once")) for _ in range(3)]
        async with asyncio.timeout(30):
            while watch.execute(waiting).fetchone() != (3,):
                await asyncio.sleep(0.01)
        holder.rollback()
        results = await asyncio.gather(*checks, return_exceptions=True)
    assert sum(isinstance(one, NotAuthorized) for one in results) == 2
