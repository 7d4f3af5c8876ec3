"""The account that the embedded server runs as: ourselves, or for root somebody with fewer rights.

Postgres refuses to run as root. No account is made and no foreign folder's mode is changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.core.errors import ConfigError, DatabaseUnreachable

if sys.platform != "win32":  # `binaries.check_platform` comes before any use
    import pwd

_UNPRIVILEGED = ("postgres", "nobody")
_OWN_DATABASE = "set database.url to a PostgreSQL server of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who runs the server's programs. `drop` says that we are root and must become this account first."""

    uid: int
    gid: int
    drop: bool

    @classmethod
    def choose(cls, data: Path) -> Account:
        """The owner of the data folder where there is one, so that a change of the caller does not lock it.

        Raises ConfigError where root finds nobody to become.
        """
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid(), drop=False)
        if data.is_dir() and (owner := data.stat()).st_uid != 0:
            return cls(uid=owner.st_uid, gid=owner.st_gid, drop=True)
        for name in _UNPRIVILEGED:
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(uid=found.pw_uid, gid=found.pw_gid, drop=True)
        raise ConfigError(
            "the embedded database does not run as root, and there is no account 'postgres' or 'nobody'",
            hint=_OWN_DATABASE,
        )

    def run(self, command: Sequence[str], *, cwd: Path, timeout_s: float) -> tuple[int, str]:
        """Run a program as this account with a clean environment; returns its exit status and what it said.

        Output goes through a file: a server that outlives its starter would keep a pipe open.
        """
        with tempfile.TemporaryFile() as said:
            try:
                done = subprocess.run(  # noqa: S603 - our own programs with our own arguments
                    command,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                    umask=0o077,
                    start_new_session=True,
                    timeout=timeout_s,
                    check=False,
                    user=self.uid if self.drop else None,
                    group=self.gid if self.drop else None,
                    extra_groups=[] if self.drop else None,
                )
            except subprocess.TimeoutExpired as error:
                raise DatabaseUnreachable(f"{command[0]} took over {timeout_s:g} s", hint=_OWN_DATABASE) from error
            said.seek(0)
            return done.returncode, said.read().decode(errors="replace").strip()

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter the folder or run the file: the kernel is asked, not the mode bits."""
        if not self.drop:
            return os.access(path, os.X_OK)
        return self.run(["test", "-x", str(path)], cwd=Path("/"), timeout_s=10)[0] == 0

    def make_folder(self, path: Path) -> Path:
        """A folder of the account's own, mode 0700. Raises ConfigError where it is somebody else's."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.lstat()
        if self.drop and facts.st_uid == 0 and not path.is_symlink() and not any(path.iterdir()):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        elif facts.st_uid != self.uid or path.is_symlink():
            raise ConfigError(f"{path} belongs to somebody else", hint=f"remove it, or {_OWN_DATABASE}")
        if facts.st_mode & 0o777 != 0o700:
            path.chmod(0o700)
        return path

    def open_private(self, path: Path, flags: int) -> int:
        """Open or create a file of the account's own, mode 0600; never through a link."""
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if self.drop:
            os.fchown(descriptor, self.uid, self.gid)
        return descriptor

    def write_private(self, path: Path, text: str) -> None:
        """Put a file in place at once, mode 0600: nobody ever reads half of it."""
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        with os.fdopen(self.open_private(fresh, os.O_WRONLY | os.O_EXCL), "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
