"""Signing in at an OpenID provider that may lie: over a real socket, with real keys."""

import pytest
import pytest_asyncio

from answerable.adapters.oidc import OidcProvider, Registration, open_client
from answerable.core.errors import ConfigError, NotAuthorized
from answerable.core.vouching import Errand, Voucher
from answerable.testing.oidc_server import CLIENT_ID, CLIENT_SECRET, FORGERIES, LIES, oidc_server

HOME = "http://127.0.0.1:1/signin/return"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async with oidc_server() as one:
        yield one


def provider_of(server, client, **fields):
    known = {"issuer": server.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return OidcProvider(registration=Registration(**(known | fields)), client=client)


@pytest_asyncio.fixture(loop_scope="module")
async def provider(server):
    server.lie = server.forgery = server.replayed = ""
    server.groups = ("staff",)
    async with open_client() as client:
        yield provider_of(server, client)


async def code_for(provider, errand):
    """What the browser brings back."""
    reply = await provider.client.get(await provider.address(errand, returning_to=HOME))
    return dict(part.split("=", 1) for part in reply.headers["location"].partition("?")[2].split("&"))


async def voucher(provider, errand, *, code=None, issuer=""):
    code = code or (await code_for(provider, errand))["code"]
    return await provider.voucher(code, errand, issuer=issuer, returning_to=HOME)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_honest_provider_vouches_and_the_way_back_has_our_state(provider):
    errand = Errand.new()
    back = await code_for(provider, errand)
    assert Errand.kept(errand.secret, state=back["state"]) == errand
    assert await voucher(provider, errand, code=back["code"], issuer=provider.registration.issuer) == Voucher(
        person="ann@example.com", groups=("staff",)
    )


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("lie", LIES)
async def test_no_lie_in_a_claim_is_believed(server, provider, lie):
    server.lie = lie
    with pytest.raises(NotAuthorized):
        await voucher(provider, Errand.new())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("forgery", FORGERIES)
async def test_no_forged_signature_is_believed(server, provider, forgery):
    server.forgery = forgery
    with pytest.raises(NotAuthorized):
        await voucher(provider, Errand.new())


@pytest.mark.asyncio(loop_scope="module")
async def test_a_code_and_a_token_are_good_once_and_for_their_own_errand(server, provider):
    first, second = Errand.new(), Errand.new()
    code = (await code_for(provider, first))["code"]
    with pytest.raises(NotAuthorized, match="refuses the code"):  # PKCE: stolen, and redeemed by another browser
        await voucher(provider, second, code=code)
    await voucher(provider, first)
    server.replayed = server.given[-1]
    with pytest.raises(NotAuthorized, match="another errand"):
        await voucher(provider, second)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_answer_of_another_provider_and_a_foreign_host_are_refused(server, provider):
    with pytest.raises(NotAuthorized, match="another provider"):
        await voucher(provider, Errand.new(), issuer="https://issuer.example")
    with pytest.raises(ConfigError, match="not its own host"):
        provider._check_host("token_endpoint", "https://evil.example/token")
    for url in ("http://evil.example/token", f"{server.url.replace('://', '://user@')}/token", ""):
        with pytest.raises(ConfigError):
            provider._check_host("token_endpoint", url)
    other = provider_of(server, provider.client, issuer=server.url.replace("127.0.0.1", "localhost"))
    with pytest.raises(ConfigError, match="calls itself"):
        await other.address(Errand.new(), returning_to=HOME)


@pytest.mark.asyncio(loop_scope="module")
async def test_keys_are_read_once_and_the_secret_is_not_shown(server, provider):
    server.requests.clear()
    for _ in range(2):
        await voucher(provider, Errand.new())
    assert (server.requests.count("keys"), server.requests.count("facts")) == (1, 1)
    assert CLIENT_SECRET not in repr(provider.registration)


@pytest.mark.asyncio(loop_scope="module")
async def test_two_accounts_never_become_one_person_by_lower_case(server, provider, monkeypatch):
    monkeypatch.setattr(server, "email", "Ann@Example.com")
    assert (await voucher(provider, Errand.new())).person == "ann@example.com"
    monkeypatch.setattr(server, "email", "mar\u212a@example.com")  # the sign of kelvin, which lowers to k
    assert (await voucher(provider, Errand.new())).person != "mark@example.com"
    monkeypatch.setattr(server, "email", "Root")
    assert (await voucher(provider, Errand.new())).person == "Root"


def test_an_errand_without_its_cookie_cannot_be_finished():
    errand = Errand.new()
    for secret, state in (
        ("", errand.state),
        (errand.secret, ""),
        (Errand.new().secret, errand.state),
        ("é", "é"),
    ):
        with pytest.raises(NotAuthorized):
            Errand.kept(secret, state=state)
    assert len({errand.state, errand.nonce, errand.verifier, errand.challenge, errand.secret}) == 5
