"""token, session, person and audit from the command line, over stores in memory."""

import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from answerable.adapters.fakes.persons import MemoryPersons
from answerable.adapters.fakes.tokens import MemoryTokens
from answerable.cli import project
from answerable.cli.main import app
from answerable.config import Settings
from answerable.core.errors import ConfigError, SecurityFinding
from answerable.core.query import Principal


@pytest.fixture
def system(monkeypatch):
    tokens = MemoryTokens()
    one = SimpleNamespace(
        tokens=tokens, persons=MemoryPersons(tokens), audit=tokens.audit, settings=Settings.model_validate({})
    )

    @asynccontextmanager
    async def opened(_):
        yield one

    monkeypatch.setattr(project, "system", opened)
    return one


def run(*arguments):
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def test_a_token_has_a_kind_scopes_and_an_end(system):
    told = json.loads(
        run("token", "create", "--scope", "traces:read", "--role", "auditor", "--format", "json").stdout
    )
    assert (told["kind"], told["scopes"], told["roles"]) == ("api", ["traces:read"], ["auditor"])
    assert told["expires"] is not None  # ninety days when nobody says
    assert json.loads(run("token", "create", "--ttl", "never", "--format", "json").stdout)["expires"] is None
    link = run("token", "create", "--kind", "once").stdout
    assert link.strip().startswith("/signin?token=ans_")
    listed = json.loads(run("token", "list", "--format", "json").stdout)
    assert [one["kind"] for one in listed] == ["api", "api", "once"]
    assert all("secret" not in one for one in listed)


@pytest.mark.parametrize(
    "arguments", [("--scope", "everything"), ("--role", "root"), ("--kind", "session"), ("--ttl", "soon")]
)
def test_what_does_not_exist_is_refused_and_makes_nothing(system, arguments):
    assert isinstance(run("token", "create", *arguments).exception, ConfigError)
    assert system.audit.written == []


def test_people_are_suspended_restored_and_bounded_by_the_operator(system):
    run("token", "create", "--for", "ann")
    for arguments in (("suspend", "ann"), ("restore", "ann"), ("bound", "ann", "--role", "user", "--no-groups")):
        assert run("person", *arguments).exit_code == 0
    (ann,) = json.loads(run("person", "list", "--format", "json").stdout)
    assert (ann["roles"], ann["groups"], ann["suspended"]) == (["user"], [], None)
    assert [(row.actor, row.action) for row in system.audit.written][1:] == [
        ("operator", "person.suspend"),
        ("operator", "person.restore"),
        ("operator", "person.bound"),
    ]


def test_a_bound_of_roles_does_not_lift_that_of_groups(system):
    def bound(*options):
        run("person", "bound", "ann", *options)
        (ann,) = json.loads(run("person", "list", "--format", "json").stdout)
        return ann["roles"], ann["groups"]

    assert bound("--group", "staff") == (None, ["staff"])
    assert bound("--role", "user") == (["user"], ["staff"])
    assert bound("--no-groups") == (["user"], [])
    assert bound() == (None, None)


async def _signed_in(system):
    from answerable.core.ports import Terms

    terms = Terms(kind="session", made_by="link")
    return (await system.tokens.create(tenant="default", principal=Principal(id="ann"), label="b", terms=terms))[0]


def test_sessions_are_listed_and_revoked(system):
    import asyncio

    one = asyncio.run(_signed_in(system))
    assert [row["id"] for row in json.loads(run("session", "list", "--format", "json").stdout)] == [one.id]
    assert run("session", "revoke", one.id).exit_code == 0
    assert json.loads(run("session", "list", "--format", "json").stdout) == []
    assert isinstance(run("session", "revoke").exception, ConfigError)
    asyncio.run(_signed_in(system))
    assert run("session", "revoke", "--of", "ann").exit_code == 0
    assert json.loads(run("session", "list", "--format", "json").stdout) == []


def test_the_log_is_verified_here_and_from_a_file_and_the_first_wrong_row_is_named(system, tmp_path):
    for name in ("a", "b", "c"):
        run("token", "create", "--label", name)
    said = run("audit", "verify").stdout
    head = said.split("head ")[1].strip()
    assert "3 rows" in said
    assert run("audit", "verify", "--head", head).exit_code == 0
    lines = run("audit", "export").stdout.splitlines()
    file = tmp_path / "audit.jsonl"

    def checked(*changed, head=()):
        file.write_text("\n".join(changed) + "\n")
        return run("audit", "verify", "--file", str(file), *head).exception

    assert checked(*lines) is None
    forged = json.dumps(json.loads(lines[1]) | {"actor": "nobody"})
    found = checked(lines[0], forged, lines[2])
    assert isinstance(found, SecurityFinding)
    assert found.exit_code == 15
    assert "row 2: its contents" in str(found)
    assert "row 2 is missing" in str(checked(lines[0], lines[2]))
    assert checked(*lines[:2]) is None  # cut off at the end: only a head that was noted shows it
    assert "row 3" in str(checked(*lines[:2], head=("--head", head)))
    assert "row 2" in str(checked(lines[0], lines[2], lines[1]))
    assert isinstance(checked("{}"), ConfigError)
    shown = json.loads(run("audit", "show", "--action", "token.", "--limit", "1", "--format", "json").stdout)
    assert [row["n"] for row in shown] == [3]
