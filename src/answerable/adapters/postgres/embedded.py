"""The embedded database: a Postgres of the project's own, started by whoever comes first, stopped by the last.

Not a database to put on a network: it listens on a socket in a private folder and nowhere else.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from answerable.adapters.postgres import tuning
from answerable.adapters.postgres.account import Account
from answerable.adapters.postgres.binaries import MAJOR, check_platform, reachable_binaries
from answerable.adapters.postgres.clients import Clients
from answerable.adapters.postgres.errors import translated
from answerable.adapters.postgres.statements import statements
from answerable.core.errors import ConfigError, DatabaseUnreachable
from answerable.core.identity import sha256_hex

_ADMIN = "answerable_admin"
_START_S = 120.0
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0)
_LONGEST_SOCKET = 103  # bytes; Linux allows 107, macOS 103
_LOG_LIMIT = 10 * tuning.MB
_SHELF = Path("/var/lib/answerable")  # for root only, where the project's folder is closed to the server's account
_OWN_DATABASE = "set database.url to a PostgreSQL server of your own"


class Embedded:
    """One project's server. `start` makes it ready, `ensure` repairs it after a crash, `stop` leaves it.

    Attributes: `admin_url` (superuser, owner of the schema), `service_password` (for `roles.give_login`),
    `binaries` (the folder with pg_dump and its kin), `home` (where the data really is).
    """

    def __init__(self, folder: Path) -> None:
        folder = folder.absolute()
        self._account = Account.choose(_home(folder) / "data")
        self.home = _reachable_home(folder, self._account)
        self.binaries = reachable_binaries(self._account, _SHELF)
        self._data = self.home / "data"
        self._socket_folder = self._choose_socket_folder()
        self._clients = Clients(self.home, self._account)
        self._membership: int | None = None
        self._process = os.getpid()
        self._passwords: dict[str, str] = {}

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Make the server in `folder` (created if missing) ready, and join its users.

        Raises ConfigError where this machine cannot run it, DatabaseUnreachable where it does not come up.
        """
        check_platform()
        try:
            server = cls(folder)
            server._join()
        except OSError as error:
            raise ConfigError(f"the embedded database cannot use {folder}: {error}", hint=_OWN_DATABASE) from error
        return server

    @property
    def admin_url(self) -> str:
        """The superuser's: for migrations and backups, never for serving."""
        return self.url("answerable")

    def url(self, database: str) -> str:
        """The superuser's URL of any database on this server."""
        host = quote(str(self._socket_folder), safe="")
        return f"postgresql://{_ADMIN}:{self._passwords['admin']}@/{database}?host={host}"

    @property
    def service_password(self) -> str:
        """A random one, kept in the project's folder."""
        return self._passwords["service"]

    def ensure(self) -> None:
        """Start the server again if it is gone. Safe to call at any time, from any thread or process."""
        with self._clients.exclusive():
            self._ensure_running()

    def stop(self) -> None:
        """Leave; the last to leave stops the server. A second call does nothing, nor does a forked child's."""
        if self._membership is None or self._process != os.getpid():
            return
        atexit.unregister(self.stop)
        membership, self._membership = self._membership, None
        with self._clients.exclusive():
            self._clients.leave(membership)
            if self._clients.sweep() == 0:
                self._pg_ctl("stop", "-m", "fast")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def _join(self) -> None:
        self._account.make_folder(self.home)
        with self._clients.exclusive():
            self._clients.sweep()
            self._passwords = self._load_passwords()
            if not self._data.is_dir():
                self._initialize()
            self._check_version()
            self._ensure_running()
            self._create_database()
            self._membership = self._clients.join()
        atexit.register(self.stop)

    # --- the data folder -----------------------------------------------------------------------------------

    def _load_passwords(self) -> dict[str, str]:
        path = self.home / "passwords.json"
        if not path.exists():
            fresh = {name: secrets.token_urlsafe(32) for name in ("admin", "service")}
            self._account.write_private(path, json.dumps(fresh))
        found: dict[str, str] = json.loads(path.read_text("utf-8"))
        return found

    def _initialize(self) -> None:
        """initdb beside its place, then one rename: a killed one leaves nothing that looks finished."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self.home / "password.new"
        self._account.write_private(password_file, self._passwords["admin"])
        try:
            self._run(
                "initdb", "--pgdata", str(fresh), "--username", _ADMIN, "--pwfile", str(password_file),
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--data-checksums",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
            )  # fmt: skip
        finally:
            password_file.unlink()
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include = 'answerable.conf'\n")
        fresh.rename(self._data)

    def _check_version(self) -> None:
        version = (self._data / "PG_VERSION").read_text("ascii").strip()
        if version != MAJOR:
            raise ConfigError(
                f"{self._data} belongs to PostgreSQL {version}, the embedded server is {MAJOR}",
                hint="restore a backup into a new folder, or use pg_upgrade",
            )

    def _create_database(self) -> None:
        sql = statements("embedded")
        with translated(), psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            found = conn.execute(sql["find_database"]).fetchone()
            if not (found and found[0]):
                conn.execute(sql["create_database"])

    def _choose_socket_folder(self) -> Path:
        """In the home if a socket's path may be that long, else in /tmp under a name made from the home."""
        near = self.home / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
            return near
        return Path("/tmp") / f"answerable-{sha256_hex(str(self.home))[:16]}"  # noqa: S108 - 0700, owner checked

    # --- the server ----------------------------------------------------------------------------------------

    def _ensure_running(self) -> None:
        """Start it, or wait for one that is starting or redoing its log; the caller holds the lock."""
        until = time.monotonic() + _START_S
        pauses = iter(_PAUSES_S)
        said = ""
        while not self._answers():
            pause = 0.1
            if not self._postmaster_lives():
                status, said = self._start_server()
                if status == 0:
                    return
                pause = next(pauses, _START_S)  # a killed server's children may need a moment to notice and go
            if time.monotonic() + pause > until:
                log = self.home / "server.log"
                raise DatabaseUnreachable(f"the embedded database does not start: {said}", hint=f"see {log}")
            time.sleep(pause)

    def _answers(self) -> bool:
        target = make_conninfo(host=str(self._socket_folder), dbname="postgres", user=_ADMIN, connect_timeout=5)
        return pq.PGconn.ping(target.encode()) == pq.Ping.OK

    def _start_server(self) -> tuple[int, str]:
        self._account.make_folder(self._socket_folder)
        values = tuning.settings(
            memory=tuning.machine_memory(), socket_folder=self._socket_folder, shm=tuning.free_shm()
        )
        self._account.write_private(self._data / "answerable.conf", tuning.render(values))
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(self.home / "server.log.1")
        return self._pg_ctl("start", "--timeout", f"{_START_S:.0f}", "--log", str(log))

    def _postmaster_lives(self) -> bool:
        """Whether the process named in postmaster.pid is this folder's server.

        Postgres takes any living process of the same user for it, and when a container starts again, the same few
        process numbers come again: so the file goes if its process lives, but nobody works in the data folder.
        A dead process's file stays: Postgres sees that itself, and looks for orphaned children too.
        """
        path = self._data / "postmaster.pid"
        try:
            pid = int(path.read_text("utf-8", errors="replace").split("\n", 1)[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        except PermissionError:  # somebody else's process; Postgres takes the file for stale as well
            return False
        if str(self._data.resolve()) in self._working_folders():
            return True
        path.unlink(missing_ok=True)
        return False

    def _working_folders(self) -> str:
        """What the account's processes work in. Asked as the account: root without CAP_SYS_PTRACE may not look."""
        linux = "readlink /proc/[0-9]*/cwd"
        look = linux if Path("/proc/self/cwd").exists() else "ps -ax -o command="
        return self._account.run(["sh", "-c", look], cwd=Path("/"), timeout_s=10)[1]

    def _pg_ctl(self, action: str, *options: str) -> tuple[int, str]:
        command = [str(self.binaries / "pg_ctl"), action, "--pgdata", str(self._data), "--wait", *options]
        return self._account.run(command, cwd=self._data, timeout_s=_START_S + 30)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        status, said = self._account.run(command, cwd=self.home, timeout_s=_START_S)
        if status != 0:
            raise DatabaseUnreachable(
                f"{program} of the embedded database failed: {said[-500:]}", hint=_OWN_DATABASE
            )


def _home(folder: Path) -> Path:
    """Where the data of `folder` is: there, or where an earlier run as root had to put it."""
    pointer = folder / "elsewhere"
    return Path(pointer.read_text("utf-8").strip()) if pointer.is_file() else folder


def _reachable_home(folder: Path, account: Account) -> Path:
    """The folder itself, or for a server account that cannot get there, one on the shelf, with a note in both."""
    home = _home(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if home != folder or not account.drop or account.reaches(folder.parent):
        return home
    home = _SHELF / sha256_hex(str(folder))[:16]
    _SHELF.mkdir(mode=0o711, parents=True, exist_ok=True)
    account.make_folder(home)
    account.write_private(home / "project", f"{folder}\n")
    folder.mkdir(mode=0o700, exist_ok=True)
    account.write_private(folder / "elsewhere", f"{home}\n")
    return home
