"""A sample project, filled and served as a process, and what it takes while it runs.

The parts that the benchmarks of a served system share: the project's files, `answerable serve`, tokens, questions
that are marked and so never the same twice, and the process's memory, file descriptors and database.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
from ingest import family, processes
from proof import say

from answerable.app import Project, open_system
from answerable.app.sample import sample_folder
from answerable.core.outcome import Outcome
from answerable.core.query import Principal
from answerable.evals.cases.files import load_cases

# One caller asks for many persons here: what a person or a network may ask is not what is measured.
UNLIMITED = """[limits]
per_user = "off"
per_key_tokens = "off"
per_network = "off"
concurrent_user = 0
passages = "off"
"""

_numbers = itertools.count(random.SystemRandom().randrange(2**31))


def questions() -> dict[str, list[str]]:
    """The sample's questions that have an answer, by language."""
    asked: dict[str, list[str]] = {}
    for case in load_cases([sample_folder() / "evals" / "cases"]):
        plain = not case.history and not case.groups and not case.filters
        if plain and case.expect.outcome is Outcome.ANSWERED:
            asked.setdefault(case.language, []).append(case.question)
    return asked


def marked(question: str) -> tuple[str, str]:
    """The question with a word that no other has, and that word."""
    marker = f"zq{next(_numbers) % 2**32:08x}"
    return f"{question.rstrip('?')} {marker}?", marker


@dataclass(slots=True, kw_only=True)
class Taken:
    """Samples of a running server: seconds, MB of the server and of the database, open descriptors, CPU."""

    at_s: list[float] = field(default_factory=list)
    server_mb: list[float] = field(default_factory=list)
    postgres_mb: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where the server is, and who may ask it."""

    url: str
    pid: int
    folder: Path
    tokens: tuple[str, ...]
    stderr: Path
    postmaster: int

    def client(self, token: int = 0, **headers: str) -> httpx.AsyncClient:
        """A client of its own, with its own connection."""
        return httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.tokens[token]}", **headers},
            timeout=90,
            trust_env=False,
            verify=False,  # there is no TLS; reading certificates takes its time
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=400),
        )

    def sample(self, taken: Taken, since: float) -> None:
        """One more sample."""
        table = processes()
        postgres = {one.pid for one in family(table, self.postmaster)}
        own = [one for one in family(table, self.pid) if one.pid not in postgres]
        taken.at_s.append(time.monotonic() - since)
        taken.server_mb.append(_resident_mb(self.pid))
        taken.postgres_mb.append(sum(_private_mb(pid) for pid in postgres))
        taken.descriptors.append(sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir()))
        taken.cpu_s.append(sum(one.cpu_s for one in own))

    def crashes(self) -> list[str]:
        """What the server's errors tell of crashes: of each, its last lines."""
        lines = self.stderr.read_text(errors="replace").splitlines()
        places = [n for n, line in enumerate(lines) if "Traceback" in line or "never retrieved" in line]
        ends = [next((n for n in range(at + 1, len(lines)) if lines[n][:1].strip()), at) for at in places]
        return [
            " | ".join(line.strip() for line in lines[max(at, end - 4) : end + 1])
            for at, end in zip(places, ends, strict=True)
        ]


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _private_mb(pid: int) -> float:
    """Of a database process, without what it shares with the others."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0  # it ended meanwhile
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.asynccontextmanager
async def served(
    config: str, *, tenants: Sequence[str] = ("default",), tokens: Sequence[tuple[str, str]]
) -> AsyncIterator[Served]:
    """The project of this configuration, filled for each tenant from the sample, and served.

    `config` holds `{tenant}`; the first tenant's is the one that is served. `tokens` are (tenant, person).
    """
    with tempfile.TemporaryDirectory(prefix="answerable-served-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # root's database server runs as another account
        shutil.copytree(sample_folder() / "knowledge", folder / "knowledge")
        for number, tenant in reversed(list(enumerate(tenants))):
            path = folder / ("answerable.toml" if number == 0 else f"{tenant}.toml")
            path.write_text(config.replace("{tenant}", tenant))
            began = time.monotonic()
            _answerable(folder, "source", "sync", "--config", str(path))
            say(f"filled for {tenant} in {time.monotonic() - began:.0f} s")
        secrets = await _tokens(folder / "answerable.toml", tokens)
        with _process(folder) as (process, url):
            yield Served(
                url=url,
                pid=process.pid,
                folder=folder,
                tokens=secrets,
                stderr=folder / "stderr.txt",
                postmaster=_postmaster(folder),
            )


async def _tokens(config: Path, wanted: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    made = []
    async with open_system(Project.open(config)) as system:
        for tenant, person in wanted:
            principal = Principal(id=person, roles=("user", "engineer"))
            _, secret = await system.tokens.create(tenant=tenant, principal=principal, label="bench")
            made.append(secret)
    return tuple(made)


def _answerable(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "answerable", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(
            f"answerable {' '.join(arguments)} ended with {ended.returncode}:\n{ended.stderr[-2000:]}"
        )
    return ended.stdout


@contextlib.contextmanager
def _process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "answerable", "serve", "--port", "0"]
    with (folder / "stderr.txt").open("w") as errors:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            for line in process.stdout:
                if found := re.match(r"serving on (\S+)", line):
                    yield process, found[1]
                    return
            raise SystemExit(f"the server did not start:\n{(folder / 'stderr.txt').read_text()[-2000:]}")
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            if process.poll() is None:
                process.kill()
                say("the server did not stop by itself within 30 s")


def _postmaster(folder: Path) -> int:
    return int(next((folder / ".answerable").rglob("postmaster.pid")).read_text().split("\n", 1)[0])


async def traces(folder: Path, tenant: str) -> set[str]:
    """The ids of all traces that a tenant has in the database."""
    async with (
        open_system(Project.open(folder / "answerable.toml")) as system,
        system.database.tenant(tenant) as connection,
    ):
        rows = await (await connection.execute("SELECT id FROM trace")).fetchall()
    return {row["id"] if isinstance(row, dict) else row[0] for row in rows}
