"""Fixtures on a real Postgres: one embedded server a test session, one migrated template, one clone a test."""

from __future__ import annotations

import asyncio
import atexit
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.tuning import MB, free_shm

T = TypeVar("T")
_TEMPLATE = "answerable_template"
_SEED = "answerable"  # the database that Embedded makes


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A test's own migrated database: the owner's URL (a superuser's) and the service's."""

    name: str
    owner_url: str
    service_url: str


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[Embedded]:
    """The session's server, in a folder of its own that is gone afterwards."""
    folder = tempfile.TemporaryDirectory(prefix="answerable-pg-", dir=scratch())
    with folder, seeded(Path(folder.name)) as server:
        administer(server.url("postgres"), "ALTER SYSTEM SET fsync = off")  # nothing here is worth a disk's time
        administer(server.url("postgres"), "SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def postgres_template(embedded_server: Embedded) -> str:
    """The name of a migrated, empty database."""
    administer(embedded_server.url("postgres"), "CREATE DATABASE {} TEMPLATE {}", _TEMPLATE, _SEED)
    return _TEMPLATE


@pytest.fixture
def clone(embedded_server: Embedded, postgres_template: str) -> Iterator[Clone]:
    """A copy of the template."""
    admin, name = embedded_server.url("postgres"), f"test_{secrets.token_hex(6)}"
    administer(admin, "CREATE DATABASE {} TEMPLATE {}", name, postgres_template)
    owner_url = embedded_server.url(name)
    service_url = make_conninfo(owner_url, user="answerable_service", password=embedded_server.service_password)
    yield Clone(name=name, owner_url=owner_url, service_url=service_url)
    administer(admin, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def empty_database(embedded_server: Embedded) -> Iterator[str]:
    """The owner's URL of a database in which nothing was migrated."""
    admin, name = embedded_server.url("postgres"), f"test_{secrets.token_hex(6)}"
    administer(admin, "CREATE DATABASE {}", name)
    yield embedded_server.url(name)
    administer(admin, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
async def database(clone: Clone) -> AsyncIterator[Database]:
    """An open Database on the clone, as the service role."""
    async with Database(clone.service_url) as opened:
        yield opened


def seeded(home: Path) -> Embedded:
    """A server in `home`, begun from a copy of one made and migrated once a process: a tenth of the time."""
    if not (home / "data").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{_seed()}/.", str(home)], check=True)  # noqa: S603, S607 - keeps the owner
    return Embedded.start(home)


@cache
def _seed() -> Path:
    """The home of a stopped server whose database is migrated."""
    folder = Path(tempfile.mkdtemp(prefix="answerable-seed-", dir=scratch()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)  # so that the account of root's server can pass
    with Embedded.start(folder / "pg") as server:
        in_thread(Migrations(server.admin_url).migrate())
        in_thread(give_login(server.admin_url, schema="answerable", password=server.service_password))
    return folder / "pg"


def scratch() -> str:
    """Where servers for tests live: in memory if there is room, as a disk's syncs are most of their time.

    Not in pytest's own folders: those are closed to the account that root's server runs as.
    """
    return "/dev/shm" if free_shm() > 2048 * MB else "/tmp"  # noqa: S108 - the folders in it are 0700


def administer(url: str, statement: str, *identifiers: str) -> None:
    """Run one statement on the server, with names filled in."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in identifiers)))


def in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own, so that the tests' loop is left alone."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
