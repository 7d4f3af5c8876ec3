"""Where a request comes from, who a proxy says it is, how failures are counted, what a scope covers."""

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.persons import MemoryAttempts
from answerable.adapters.fakes.tokens import MemoryTokens
from answerable.api.access import Caller, Gate, Policy
from answerable.api.credentials import credential_of
from answerable.api.entrance import bounded, may_enter, principal_of
from answerable.api.lockout import Lockout
from answerable.api.networks import network_at
from answerable.api.problems import ProblemError
from answerable.api.proxied import Proxied
from answerable.api.routes import ROUTES
from answerable.api.scopes import covers, known, scope_of
from answerable.api.serving import stays_here
from answerable.api.standing import Followers
from answerable.config.access import AccessSection
from answerable.core.errors import DatabaseUnreachable
from answerable.core.ports import Terms
from answerable.core.query import Principal
from answerable.core.roles import ROLES
from answerable.web.settings import SignIn

PROXIES = ("10.0.0.0/8", "fd00::/8")
HEADER = "x-forwarded-email"


def request(*headers: tuple[str, str], peer: str = "192.0.2.7", method: str = "GET") -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Request({"type": "http", "method": method, "headers": raw, "client": (peer, 1), "path": "/"})


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.9",), "192.0.2.7"),  # nobody's proxy says so
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.9",), "203.0.113.9"),  # what stands before, the caller wrote
        ("10.0.0.1", ("198.51.100.1", "203.0.113.9, 10.2.2.2"), "203.0.113.9"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("10.9.9.9",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9, nonsense",), "unknown"),
        ("10.0.0.1", ("198.51.100.1:9, 203.0.113.9:4711",), "203.0.113.9"),
        ("10.0.0.1", ("203.0.113.9:4711, 10.2.2.2:80, [fd00::1]:80",), "203.0.113.9"),
        ("10.0.0.1", ("[2001:db8:1:2:3:4:5:6]:443",), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", (), "192.0.2.7"),
        ("/run/socket", (), "unknown"),
    ],
)
def test_a_network_is_who_our_own_proxies_say(peer, forwarded, network):
    headers = [("X-Forwarded-For", one) for one in forwarded]
    assert network_at(request(*headers, peer=peer), trusted=PROXIES) == network


def test_a_header_from_a_proxy_names_somebody():
    proxied = Proxied(header=HEADER, proxies=PROXIES)
    assert proxied.person(request(("X-Forwarded-Email", "Ann@Example.com"), peer="10.0.0.1")) == "ann@example.com"
    assert proxied.person(request(peer="10.0.0.1")) == ""
    proxied.check(request())  # without the header everybody may come


@pytest.mark.parametrize(
    "values",
    [
        ("ann@example.com", "root@example.com"),
        ("ann@example.com, root@example.com",),
        ("ann@example.com\r\nX-Role: admin",),
        ("",),
        ("ann <ann@example.com>",),
        ("ann@ex\xe4mple.com",),
        ("a" * 201,),
    ],
)
def test_a_header_that_names_nobody_plainly_is_refused(values):
    proxied = Proxied(header=HEADER, proxies=PROXIES)
    with pytest.raises(ProblemError) as caught:
        proxied.person(request(*((HEADER, one) for one in values), peer="10.0.0.1"))
    assert caught.value.code == "not_authorized"


def test_a_forged_header_is_refused_loudly_and_a_name_like_it_is_no_such_header():
    told = MemoryHappenings()
    proxied = Proxied(header=HEADER, proxies=PROXIES, told=told.write)
    for peer in ("192.0.2.7", "127.0.0.1", "/run/socket"):
        with pytest.raises(ProblemError):
            proxied.check(request((HEADER, "root@example.com"), peer=peer))
    assert [one.name for one in told.written] == ["access.forged_header"] * 3
    assert proxied.person(request(("X_Forwarded_Email", "root@example.com"), peer="10.0.0.1")) == ""


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("X-Api-Key", "SECRET"),),
        (("X-Auth-Token", "SECRET"),),
        (("Authorization", "SECRET"),),
        (("Authorization", "Basic SECRET"),),
        (("Authorization", "Bearer "),),
        (("Authorization", "Bearer SECRET"), ("Authorization", "Bearer SECRET")),
        (("Authorization", "Basic x"), ("Cookie", "answerable_session=SECRET")),
        (("Cookie", "session=SECRET; token=SECRET; Answerable_Session=SECRET"),),
        (("Proxy-Authorization", "Bearer SECRET"),),
    ],
)
def test_there_are_two_carriers_of_a_credential_and_no_third(headers):
    with pytest.raises(ProblemError) as caught:
        credential_of(request(*headers), local=True)
    assert caught.value.code == "not_authorized"


def test_who_was_vouched_for_has_the_roles_and_groups_of_the_configuration_now():
    rules = SignIn(
        domains=("example.com",), roles={"admin": ("Ann@example.com",)}, groups={"staff-eu": ("staff", "eu")}
    )
    ann = principal_of(rules, "ann@example.com", ["staff-eu", "unmapped"])
    assert (ann.roles, ann.groups) == (("user", "admin"), ("eu", "public", "staff"))
    assert principal_of(rules, "bob@example.com").roles == ("user",)
    assert [may_enter(rules, one) for one in ("a@example.com", "a@evil.example", "a@x.example.com", "ann")] == [
        True,
        False,
        False,
        False,
    ]
    for one in (
        "example.com",
        "mallory@ban\u212a.example",
    ):  # a name without an address; a letter that lowers to k
        assert not may_enter(SignIn(domains=("example.com", "bank.example")), one)
    named = {"admin": ("Root",)}
    assert principal_of(SignIn(way="oidc", roles=named), "root").roles == ("user",)  # another account than Root
    assert principal_of(SignIn(way="oidc", roles=named), "Root").roles == ("user", "admin")
    assert principal_of(SignIn(way="header", roles=named), "root").roles == ("user", "admin")
    assert bounded(SignIn(), ann, "oidc").roles == ("user",)  # no administrator any more
    assert bounded(SignIn(domains=("other.example",)), ann, "header").roles == ()
    assert bounded(SignIn(), ann, "link") == ann  # an operator gave those


def test_cookies_are_for_https_where_a_proxy_on_this_machine_ends_it():
    assert stays_here(AccessSection(), "127.0.0.1")
    assert stays_here(AccessSection(public_url="http://127.0.0.1:8787"), "127.0.0.1")
    assert not stays_here(AccessSection(public_url="https://help.example.com"), "127.0.0.1")
    assert not stays_here(AccessSection(), "0.0.0.0")


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


async def test_a_network_that_fails_too_often_is_refused_even_when_it_guesses_right():
    clock, told, tokens = Clock(), MemoryHappenings(), MemoryTokens()
    lockout = Lockout(attempts=MemoryAttempts(), tenant="acme", most=3, window_s=300, happenings=told, clock=clock)
    gate = Gate(tokens=tokens, local=True, lockout=lockout)
    _, old = await tokens.create(tenant="acme", principal=Principal(roles=("user",)), label="old")
    _, new = await tokens.create(tenant="acme", principal=Principal(roles=("user",)), label="new")
    _, link = await tokens.create(tenant="acme", principal=Principal(), label="l", terms=Terms(kind="once"))

    async def tried(secret, peer="192.0.2.7"):
        try:
            return await gate.admit(request(("Authorization", f"Bearer {secret}"), peer=peer), Policy.USER)
        except ProblemError as problem:
            return problem.code, problem.detail, problem.headers

    assert isinstance(await tried(old), Caller)
    refusals = [await tried("ans_" + "x" * 43) for _ in range(3)]
    refusals.append(await tried(new))  # good, and refused with the same words
    assert refusals.count(refusals[0]) == 4
    assert isinstance(await tried(old), Caller)  # who was known stays known
    assert isinstance(await tried(new, peer="192.0.2.8"), Caller)
    with pytest.raises(ProblemError):
        await gate.spend(link, "192.0.2.7")
    assert [one.name for one in told.written] == ["access.locked"]
    clock.now = 301.0
    assert isinstance(await tried(new), Caller)
    assert (await gate.spend(link, "192.0.2.7")).kind == "once"  # the locked-out attempt has not used it up


async def test_a_straggler_does_not_keep_its_network_locked_and_a_flood_does():
    clock, tokens = Clock(), MemoryTokens()
    lockout = Lockout(attempts=MemoryAttempts(), tenant="acme", most=3, window_s=300, clock=clock)
    gate = Gate(tokens=tokens, local=True, lockout=lockout)
    _, good = await tokens.create(tenant="acme", principal=Principal(roles=("user",)), label="new")
    for _ in range(3):
        await lockout.failed("192.0.2.7")
    clock.now = 200.0
    await lockout.failed("192.0.2.7")  # a program with an old key, once in a while
    for _ in range(9):  # and somebody who tries and tries with a good one
        with pytest.raises(ProblemError):
            await gate.admit(request(("Authorization", f"Bearer {good}"), peer="192.0.2.7"), Policy.USER)
    clock.now = 250.0
    assert lockout.stops("192.0.2.7", "tk")
    clock.now = 301.0
    assert not lockout.stops("192.0.2.7", "tk")
    await lockout.failed("192.0.2.7")  # the attempts of before still count: locked again
    for _ in range(3):
        clock.now = 500.0
        await lockout.failed("192.0.2.7")
    clock.now = 799.0
    assert lockout.stops("192.0.2.7", "tk")


async def test_a_database_that_is_away_lets_nobody_in_and_counts_nothing():
    class Away:
        async def failed(self, **_):
            raise DatabaseUnreachable("gone")

        async def check(self, secret, *, kind):
            raise DatabaseUnreachable("gone")

    gate = Gate(tokens=Away(), local=True, lockout=Lockout(attempts=Away(), tenant="acme"))
    await gate.lockout.failed("192.0.2.7")
    with pytest.raises(DatabaseUnreachable):
        await gate.admit(request(("Authorization", "Bearer ans_" + "x" * 43)), Policy.USER)


def test_every_route_has_a_scope_and_a_noun_is_good_for_both():
    assert scope_of("POST", "/v1/answers") == "answers:write"
    assert scope_of("GET", "/v1/answers/{answer_id}") == "answers:read"
    assert (scope_of("GET", "/metrics"), scope_of("GET", "/"), scope_of("POST", "/signout")) == (
        "metrics:read",
        "pages:read",
        "pages:write",
    )
    names = known((one.method, one.path) for one in ROUTES)
    assert {"answers", "answers:read", "search:write", "traces:read", "audit:read", "metrics:read"} <= set(names)
    assert covers((), "x:read")
    assert covers(("x",), "x:read")
    assert covers(("x:read",), "x:read")
    assert not covers(("x:read",), "x:write")
    assert not covers(("x",), "xy:read")


async def test_a_scoped_token_opens_its_routes_alone():
    tokens = MemoryTokens()
    gate = Gate(tokens=tokens, local=True, lockout=Lockout(attempts=MemoryAttempts(), tenant="acme"))
    principal = Principal(roles=("user", "engineer"))
    _, secret = await tokens.create(tenant="acme", principal=principal, label="x", terms=Terms(scopes=("search",)))
    asked = request(("Authorization", f"Bearer {secret}"))
    assert await gate.admit(asked, Policy.USER, "search:write") is not None
    for scope in ("answers:write", "traces:read", "pages:read"):
        with pytest.raises(ProblemError) as caught:
            await gate.admit(asked, Policy.ENGINEER, scope)
        assert caught.value.code == "forbidden"


def test_an_auditor_reads_the_log_and_nothing_that_people_wrote():
    assert [one for one in Policy if one.admits(["auditor"])] == [Policy.AUDITOR]
    assert not Policy.AUDITOR.admits(["engineer", "user", "reviewer", "ops", "editor"])
    assert [one for one in Policy if one is not Policy.PUBLIC and not one.admits(["admin"])] == []
    assert set(ROLES) == set(Policy) - {"public"}


async def test_whoever_loses_a_credential_or_a_group_is_told_and_nobody_else():
    tokens = MemoryTokens()
    names = ("ann", "bob", "eve", "ida")
    people = {name: Principal(id=name, groups=("public", "staff"), roles=("user",)) for name in names}
    made = {
        name: (await tokens.create(tenant="acme", principal=one, label=name))[0] for name, one in people.items()
    }
    followers = Followers(tokens=tokens, every_s=3600)

    def caller(name):
        return Caller(tenant="acme", principal=people[name], token_id=made[name].id)

    with (
        followers.follows(caller("ann")) as ann,
        followers.follows(caller("bob")) as bob,
        followers.follows(caller("eve")) as eve,
        followers.follows(caller("ida")) as ida,
    ):
        await tokens.revoke(tenant="acme", token_id=made["ann"].id)
        tokens.people["acme", "bob"] = SimpleNamespace(roles=None, groups=(), suspended_at=None)
        tokens.people["acme", "ida"] = SimpleNamespace(roles=("auditor",), groups=None, suspended_at=None)
        await followers.look("acme")
        assert [one.gone.is_set() for one in (ann, bob, eve, ida)] == [True, True, False, True]
    await followers.close()
