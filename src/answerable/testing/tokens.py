"""The contract of the Tokens port: subclass it, give a `tokens` fixture, and every test here must pass."""

from __future__ import annotations

import asyncio

import pytest

from answerable.core.errors import NotAuthorized, NotFound
from answerable.core.ports import Terms, Token, Tokens
from answerable.core.ports.access import ONCE
from answerable.core.query import Principal

ANN = Principal(id="ann", groups=("public", "staff"), roles=("user", "engineer"))


class TokensContract:
    """What every Tokens keeps."""

    @pytest.fixture
    def tokens(self) -> Tokens:
        """The tokens under test."""
        raise NotImplementedError("the subclass gives the tokens")

    async def refuses(self, tokens: Tokens, secret: str, kind: str = "api") -> tuple[str, str]:
        """Asserts a refusal; returns its words."""
        with pytest.raises(NotAuthorized) as caught:
            await tokens.check(secret, kind=kind)
        return str(caught.value), caught.value.hint

    async def test_a_secret_opens_what_its_token_says(self, tokens: Tokens) -> None:
        made, secret = await tokens.create(tenant="acme", principal=ANN, label="laptop", ttl_s=3600)
        found = await tokens.check(secret)
        assert found == made
        assert (found.tenant, found.principal, found.label, found.kind) == ("acme", ANN, "laptop", "api")
        assert found.revoked_at is None
        assert found.expires_at is not None
        assert 3599 < (found.expires_at - found.created_at).total_seconds() < 3601

    async def test_it_opens_again_and_again_and_has_no_end_unless_one_is_given(self, tokens: Tokens) -> None:
        made, secret = await tokens.create(tenant="acme", principal=ANN, label="ci")
        assert made.expires_at is None
        assert await tokens.check(secret) == await tokens.check(secret) == made

    async def test_secrets_are_long_random_and_marked_as_ours(self, tokens: Tokens) -> None:
        made = [await tokens.create(tenant="acme", principal=ANN, label="x") for _ in range(20)]
        secrets = {secret for _, secret in made}
        assert len(secrets) == len({token.id for token, _ in made}) == 20
        assert all(secret.startswith("ans_") and len(secret) == 47 for secret in secrets)
        assert all(token.id not in secret for token, secret in made)

    async def test_every_refusal_has_the_same_words(self, tokens: Tokens) -> None:
        _, expired = await tokens.create(tenant="acme", principal=ANN, label="x", ttl_s=0)
        gone, revoked = await tokens.create(tenant="acme", principal=ANN, label="x")
        await tokens.revoke(tenant="acme", token_id=gone.id)
        _, used = await tokens.create(tenant="acme", principal=ANN, label="x", terms=ONCE)
        await tokens.check(used, kind="once")
        unknown = "ans_" + "A" * 43
        odd = [
            "",
            "x",
            "ans_",
            "Bearer " + unknown,
            unknown + "\n",
            "ans_" + "é" * 43,
            "\ud800",
            "ans_" + "A" * 10**6,
        ]
        _, idle = await tokens.create(tenant="acme", principal=ANN, label="x", terms=Terms(idle_s=0.0))
        refused = (expired, revoked, idle, unknown, *odd)
        words = {await self.refuses(tokens, secret) for secret in refused}
        words |= {await self.refuses(tokens, secret, "once") for secret in (used, *refused)}
        assert len(words) == 1

    async def test_a_changed_secret_opens_nothing(self, tokens: Tokens) -> None:
        _, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
        for wrong in (secret[:-1], secret + "A", secret.swapcase(), secret[4:]):
            await self.refuses(tokens, wrong)

    async def test_of_many_at_once_a_once_token_lets_one_in(self, tokens: Tokens) -> None:
        made, secret = await tokens.create(tenant="acme", principal=ANN, label="sign-in", terms=ONCE)
        results = await asyncio.gather(
            *(tokens.check(secret, kind="once") for _ in range(8)), return_exceptions=True
        )
        assert [one for one in results if isinstance(one, Token)] == [made]
        assert sum(isinstance(one, NotAuthorized) for one in results) == 7

    async def test_a_revoked_token_is_dead_at_once_and_for_good(self, tokens: Tokens) -> None:
        made, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
        _, other = await tokens.create(tenant="acme", principal=ANN, label="y")
        await tokens.revoke(tenant="acme", token_id=made.id)
        await self.refuses(tokens, secret)
        assert (await tokens.check(other)).label == "y"
        first = next(one for one in await tokens.tokens(tenant="acme") if one.id == made.id).revoked_at
        await tokens.revoke(tenant="acme", token_id=made.id)
        again = next(one for one in await tokens.tokens(tenant="acme") if one.id == made.id).revoked_at
        assert first is not None
        assert first == again

    async def test_another_tenant_can_neither_revoke_nor_list_it(self, tokens: Tokens) -> None:
        made, secret = await tokens.create(tenant="acme", principal=ANN, label="x")
        for tenant, token_id in (("other", made.id), ("acme", "tk_none")):
            with pytest.raises(NotFound):
                await tokens.revoke(tenant=tenant, token_id=token_id)
        assert await tokens.check(secret) == made
        assert await tokens.tokens(tenant="other") == []

    async def test_the_list_has_all_of_a_tenants_oldest_first_and_no_secrets(self, tokens: Tokens) -> None:
        made = [await tokens.create(tenant="acme", principal=ANN, label=label) for label in ("a", "b", "c")]
        await tokens.create(tenant="other", principal=ANN, label="d")
        found = await tokens.tokens(tenant="acme")
        assert found == [token for token, _ in made]
        assert all(secret not in repr(found) for _, secret in made)

    async def test_each_kind_opens_only_its_own_door_and_is_not_used_up_at_another(self, tokens: Tokens) -> None:
        kinds = ("api", "session", "once")
        for kind in kinds:
            made, secret = await tokens.create(tenant="acme", principal=ANN, label="x", terms=Terms(kind=kind))
            for other in kinds:
                if other != kind:
                    await self.refuses(tokens, secret, other)
            assert (await tokens.check(secret, kind=kind)).id == made.id

    async def test_scopes_and_how_it_was_made_are_kept(self, tokens: Tokens) -> None:
        terms = Terms(kind="session", scopes=("answers", "search"), idle_s=3600.0, made_by="oidc")
        made, secret = await tokens.create(tenant="acme", principal=ANN, label="x", terms=terms)
        found = await tokens.check(secret, kind="session")
        assert (made.scopes, made.idle_s, made.made_by) == (terms.scopes, 3600.0, "oidc")
        assert (found.scopes, found.idle_s, found.made_by) == (terms.scopes, 3600.0, "oidc")

    async def test_which_of_several_still_open_something_can_be_asked_at_once(self, tokens: Tokens) -> None:
        good, _ = await tokens.create(tenant="acme", principal=ANN, label="x")
        gone, _ = await tokens.create(tenant="acme", principal=ANN, label="y")
        old, _ = await tokens.create(tenant="acme", principal=ANN, label="z", ttl_s=-1.0)
        theirs, _ = await tokens.create(tenant="other", principal=ANN, label="x")
        await tokens.revoke(tenant="acme", token_id=gone.id)
        ids = [one.id for one in (good, gone, old, theirs)]
        assert await tokens.live(tenant="acme", token_ids=ids) == {good.id: ANN}
