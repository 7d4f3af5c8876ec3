"""pg_dump and pg_restore: finding fitting ones, running them, and choosing what of an archive is restored."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from answerable.adapters.postgres.binaries import find_binaries
from answerable.core.errors import AnswerableError, ConfigError, DatabaseUnreachable

# Policies that name the owner, and the schema itself: made by us, under the names that hold here.
_OURS = re.compile(r"^\d+; \d+ \d+ (?:SCHEMA - |POLICY \S+ \S+ (?:maintenance|owner) |ACL - SCHEMA )")
_SCHEMA = re.compile(r"^\d+; \d+ \d+ SCHEMA - (\S+) ", re.MULTILINE)
_TIMEOUT_SINCE = 17
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The two programs, of one version that is no older than the server."""

    pg_dump: Path
    pg_restore: Path
    major: int

    @classmethod
    async def find(cls, *, server_major: int, folder: Path | None) -> Programs:
        """Those of `folder`, of the PATH or of the embedded server: the nearest version that is no older.

        Raises ConfigError that names the versions, where none is new enough.
        """
        found = [(await _major(candidate), candidate) for candidate in _candidates(folder)]
        fitting = [pair for pair in found if pair[0] >= server_major]
        if not fitting:
            seen = ", ".join(str(major) for major, _ in found) or "none"
            raise ConfigError(
                f"the server is PostgreSQL {server_major}; pg_dump here: {seen}",
                hint=f"install postgresql-client-{server_major} or newer",
            )
        major, chosen = min(fitting, key=lambda pair: pair[0])
        return cls(pg_dump=chosen, pg_restore=chosen.with_name("pg_restore"), major=major)

    def check_restore(self, *, server_major: int) -> None:
        """Raise ConfigError where pg_restore (from 17 on) sets transaction_timeout, unknown to the server."""
        if server_major < _TIMEOUT_SINCE <= self.major:
            raise ConfigError(
                f"pg_restore {self.major} cannot write to PostgreSQL {server_major}",
                hint=f"install postgresql-client-{server_major}",
            )


def _candidates(folder: Path | None) -> list[Path]:
    found = [folder / "pg_dump"] if folder else []
    if on_path := shutil.which("pg_dump"):
        found.append(Path(on_path))
    try:
        found.append(find_binaries() / "pg_dump")
    except ConfigError:  # not installed
        pass
    return found


async def _major(program: Path) -> int:
    match = _VERSION.search(await run([str(program), "--version"], url=None))
    return int(match[1]) if match else 0


async def run(command: Sequence[str], *, url: str | None) -> str:
    """Run a program against `url`; returns what it printed. Row-level security lets the owner see every row.

    The password goes by the environment, not by the command line, which every process on the machine can read.
    Raises DatabaseUnreachable or AnswerableError with what the program said.
    """
    environment = {**os.environ, "LC_ALL": "C", "PGOPTIONS": "-c answerable.maintenance=on"}
    if url is not None:
        parts: dict[str, Any] = conninfo_to_dict(url)
        if password := parts.pop("password", None):
            environment["PGPASSWORD"] = str(password)
        command = [*command, "--dbname", make_conninfo(**parts)]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        printed, complaint = await process.communicate()
    finally:
        if process.returncode is None:  # cancelled
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise _failure(Path(command[0]).name, complaint.decode(errors="replace"))
    return printed.decode(errors="replace")


def _failure(program: str, complaint: str) -> AnswerableError:
    lines = (
        [line for line in complaint.splitlines() if "error:" in line] or complaint.splitlines() or ["no reason"]
    )
    said = f"{program} failed: {lines[0]}"
    if "connection to server" in complaint:
        return DatabaseUnreachable(said, hint="check database.url and the server")
    return AnswerableError(said, hint="nothing was changed")


def schema_of(contents: str) -> str | None:
    """The schema that an archive's list of contents is of."""
    match = _SCHEMA.search(contents)
    return match[1] if match else None


def wanted(contents: str) -> str:
    """The list of contents without what we make ourselves."""
    return "".join(f"{line}\n" for line in contents.splitlines() if not _OURS.match(line))
