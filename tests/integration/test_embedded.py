"""The embedded server: shared, left, killed, repaired, and closed to everybody else."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from answerable.adapters.postgres.embedded import Embedded
from answerable.core.errors import ConfigError
from answerable.testing.postgres import scratch

SITE = Path(psycopg.__file__).parent.parent
SOURCE = Path(__file__).parents[2] / "src"
CLIENT = """
import sys
from pathlib import Path
from answerable.adapters.postgres.embedded import Embedded
server = Embedded.start(Path(sys.argv[1]))
print(server.admin_url, flush=True)
for line in sys.stdin:
    break
server.stop()
"""


@pytest.fixture
def folder():
    """A project's folder in a place that an unprivileged account can reach."""
    with tempfile.TemporaryDirectory(prefix="answerable-pg-", dir=scratch()) as top:
        Path(top).chmod(0o755)
        yield Path(top) / "pg"


@pytest.fixture
def join(folder):
    """Start other processes that use the folder's server; all are ended afterwards."""
    clients = []

    def start(where: Path = folder, python: str = sys.executable, **options) -> tuple[subprocess.Popen, str]:
        client = subprocess.Popen(
            [python, "-c", CLIENT, str(where)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
        )
        clients.append(client)
        url = client.stdout.readline().strip()
        assert url, "the client did not start"
        return client, url

    yield start
    for client in clients:
        client.kill()
        client.communicate()


def leave(client: subprocess.Popen) -> None:
    client.communicate("stop\n", timeout=30)
    assert client.returncode == 0


def answers(url: str) -> bool:
    host = conninfo_to_dict(url)["host"]
    return pq.PGconn.ping(make_conninfo(host=host, user="x", dbname="postgres").encode()) == pq.Ping.OK


def kill(client: subprocess.Popen) -> None:
    client.send_signal(signal.SIGKILL)
    client.wait()


def server_processes(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").resolve(strict=True) == (folder / "data").resolve():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def owners(folder: Path) -> set[int]:
    """Whose processes they are; a worker of the server may end while one looks."""
    found = set()
    for pid in server_processes(folder):
        with suppress(FileNotFoundError):
            found.add(Path(f"/proc/{pid}").stat().st_uid)
    return found


# --- sharing -------------------------------------------------------------------------------------------------


def test_processes_share_one_server_and_the_last_one_out_stops_it(folder, join):
    first, url = join()
    second, same = join()
    assert url == same
    leave(first)
    assert answers(url)
    leave(second)
    assert not answers(url)
    assert server_processes(folder) == []


def test_a_killed_process_neither_stops_the_server_nor_keeps_it(folder, join):
    first, url = join()
    second, _ = join()
    kill(first)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    leave(second)
    assert not answers(url)


def test_whoever_comes_after_the_last_was_killed_takes_over_and_stops_the_server(folder, join):
    first, url = join()
    kill(first)
    assert answers(url)
    with Embedded.start(folder) as server:
        assert server.admin_url == url
    assert not answers(url)


def test_a_process_that_just_ends_leaves_too(folder):
    script = CLIENT.rsplit("for line", 1)[0]
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert not answers(done.stdout.strip())


def test_one_process_may_join_twice(folder):
    first, second = Embedded.start(folder), Embedded.start(folder)
    first.stop()
    first.stop()
    assert answers(second.admin_url)
    second.stop()
    assert not answers(second.admin_url)


FORK = """
import os, sys
from pathlib import Path
from psycopg import connect
from answerable.adapters.postgres.embedded import Embedded
server = Embedded.start(Path(sys.argv[1]))
child = os.fork()
if child == 0:
    server.stop()
    os._exit(0)
os.waitpid(child, 0)
print(connect(server.admin_url).execute("SELECT 'still here'").fetchone()[0])
server.stop()
"""


def test_a_forked_child_cannot_stop_its_parents_server(folder):
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(folder)], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "still here"


# --- crashes -------------------------------------------------------------------------------------------------


def test_after_a_kill_of_every_server_process_ensure_brings_committed_rows_back(folder):
    with Embedded.start(folder) as server:
        with psycopg.connect(server.admin_url) as conn:
            conn.execute("CREATE TABLE kept AS SELECT n FROM generate_series(1, 1000) AS n")
        for pid in server_processes(folder):
            with suppress(ProcessLookupError):  # its parent took it along
                os.kill(pid, signal.SIGKILL)
        assert not answers(server.admin_url)
        server.ensure()
        with psycopg.connect(server.admin_url) as conn:
            assert conn.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_after_a_kill_of_the_postmaster_alone_the_others_go_on(folder, join):
    _, url = join()
    with Embedded.start(folder) as server:
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split("\n")[0])
        os.kill(postmaster, signal.SIGKILL)
        server.ensure()
        assert answers(url)
    assert answers(url)  # the other process still uses it


def test_a_stale_process_file_that_names_somebody_elses_living_process_is_no_obstacle(folder):
    server = Embedded.start(folder)
    pid_file = folder / "data" / "postmaster.pid"
    content = pid_file.read_text().split("\n", 1)[1]
    server.stop()
    owner = (folder / "data").stat()
    stranger = subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid, extra_groups=[], cwd="/")
    try:
        pid_file.write_text(f"{stranger.pid}\n{content}")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with Embedded.start(folder) as again:
            assert answers(again.admin_url)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stale_process_file_of_a_dead_process_is_no_obstacle(folder):
    with Embedded.start(folder):
        stale = (folder / "data" / "postmaster.pid").read_text()
    dead = subprocess.Popen(["true"])
    dead.wait()
    pid_file = folder / "data" / "postmaster.pid"
    pid_file.write_text(f"{dead.pid}\n" + stale.split("\n", 1)[1])
    with Embedded.start(folder) as again:
        assert answers(again.admin_url)


def test_a_first_start_that_was_killed_halfway_is_begun_again(folder):
    with Embedded.start(folder) as server:
        shutil.copytree(folder / "data" / "base", folder / "data.new" / "base")
        half_made = server.url("postgres")
    shutil.rmtree(folder / "data")
    with Embedded.start(folder) as server:
        assert server.url("postgres") == half_made
        assert answers(half_made)
    assert not (folder / "data.new").exists()


def test_the_database_is_made_even_if_the_first_start_was_killed_before_it(folder):
    with Embedded.start(folder) as server, psycopg.connect(server.url("postgres"), autocommit=True) as conn:
        conn.execute("DROP DATABASE answerable")
    with Embedded.start(folder) as server, psycopg.connect(server.admin_url) as conn:
        assert conn.execute("SELECT current_database()").fetchone() == ("answerable",)


def test_a_data_folder_of_another_major_version_is_refused_by_name(folder):
    with Embedded.start(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigError, match="PostgreSQL 16"):
        Embedded.start(folder)


# --- closed to others ------------------------------------------------------------------------------------------


def test_only_the_password_opens_it_and_only_over_the_socket(folder):
    with Embedded.start(folder) as server:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(make_conninfo(server.admin_url, password="wrong"))
        with psycopg.connect(server.admin_url) as conn:
            shown = {
                name: conn.execute(f"SHOW {name}").fetchone()[0]
                for name in ("listen_addresses", "data_checksums", "fsync", "server_encoding")
            }
            locale = conn.execute("SELECT datlocprovider, datlocale, datcollate FROM pg_database").fetchall()
            rules = conn.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert shown == {
        "listen_addresses": "",
        "data_checksums": "on",
        "fsync": "on",
        "server_encoding": "UTF8",
    }
    assert set(locale) == {("b", "C.UTF-8", "C")}
    assert rules == [("scram-sha-256",)]


def test_folders_are_0700_and_files_with_secrets_0600_whatever_the_umask_says(folder):
    before = os.umask(0)
    try:
        with Embedded.start(folder):
            folders = {path: path.stat().st_mode & 0o777 for path in (folder, folder / "data", folder / "run")}
            files = {path.stat().st_mode & 0o777 for path in (folder / "passwords.json", folder / "lock")}
    finally:
        os.umask(before)
    assert set(folders.values()) == {0o700}
    assert files == {0o600}


def test_the_log_keeps_no_statements_and_no_rows(folder):
    with Embedded.start(folder) as server, psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute("CREATE TABLE t (secret text PRIMARY KEY)")
        for _ in range(2):
            try:
                conn.execute("INSERT INTO t VALUES ('what ann asked')")
            except psycopg.errors.UniqueViolation:
                pass
    log = (folder / "server.log").read_text()
    assert "duplicate key" in log
    assert "what ann asked" not in log


def test_a_folder_that_belongs_to_somebody_else_is_refused(folder):
    folder.mkdir()
    (folder / "something").touch()
    if os.geteuid() == 0:
        with pytest.raises(ConfigError, match="belongs to somebody else"):
            Embedded.start(folder)
    else:
        with pytest.raises(ConfigError):
            Embedded.start(Path("/root/pg"))


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(folder):
    deep = folder.parent / ("d" * 90) / "pg"
    with Embedded.start(deep) as server:
        host = Path(conninfo_to_dict(server.admin_url)["host"])
        assert host.parent == Path("/tmp")
        assert host.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(server.admin_url) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
    shutil.rmtree(host)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_runs_it_as_somebody_else_and_leaves_every_other_folder_alone(folder):
    closed = folder.parent / "home"
    project = closed / "project"
    project.mkdir(parents=True)
    closed.chmod(0o700)
    with Embedded.start(project / "pg") as server:
        assert server.home != project / "pg"
        assert (server.home / "project").read_text().strip() == str(project / "pg")
        assert (server.home / "data").stat().st_uid != 0
        assert owners(server.home) == {(server.home / "data").stat().st_uid}
        home = server.home
    with Embedded.start(project / "pg") as again:
        assert again.home == home
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_plain_user_runs_it_too(folder, join):
    python = next(
        (
            path
            for path in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
            if subprocess.run(
                ["test", "-x", path], check=False, user=65534, group=65534, extra_groups=[]
            ).returncode
            == 0
        ),
        None,
    )
    if python is None:
        pytest.skip("no interpreter of this version that an unprivileged account can run")
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    environment = {"PYTHONPATH": f"{SOURCE}:{SITE}", "PATH": os.defpath}
    client, url = join(folder / "pg", python, user=65534, group=65534, extra_groups=[], env=environment, cwd="/")
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    assert (folder / "pg" / "data").stat().st_uid == 65534
    with Embedded.start(folder / "pg") as as_root:  # root takes the owner's place, and changes no owner
        assert as_root.admin_url == url
    assert {path.stat().st_uid for path in (folder / "pg").rglob("*")} == {65534}
    leave(client)
    assert not answers(url)
