"""Takes from this process what a parser never needs: network, writing, other programs, foreign files, memory.

Each wall stands alone and best effort: what a system does not offer is left out, and `walls` says what stands. For
the worker processes only; nothing here can be undone.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

if sys.platform != "win32":
    import resource

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9
# Landlock, by its ABI 1 (Linux 5.13): see include/uapi/linux/landlock.h; the numbers are the same everywhere.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ALL_FILE_RIGHTS = (1 << 13) - 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_PATH_BENEATH = 1


def confine(*, memory_bytes: int) -> list[str]:
    """Raises every wall that this system offers; gives their names."""
    walls: list[tuple[str, Callable[[], None]]] = [
        ("resources", lambda: _limit_resources(memory_bytes)),
        ("sockets", _forbid_by_audit),
    ]
    if sys.platform == "linux":
        walls += [("network", _leave_network), ("files", _landlock)]
    return [name for name, raise_wall in walls if _stands(raise_wall)]


def die_with_parent(parent: int) -> None:
    """So that no worker outlives a killed server. Elsewhere than on Linux the end of its input ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def limit_cpu(seconds: float) -> None:
    """From now on; the process is killed with SIGXCPU beyond it."""
    if sys.platform != "win32":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        used = usage.ru_utime + usage.ru_stime
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, hard))


def _stands(raise_wall: Callable[[], None]) -> bool:
    try:
        raise_wall()
    except (OSError, ValueError, AttributeError):  # the system does not offer it, or not to us
        return False
    return True


def _limit_resources(memory_bytes: int) -> None:
    if sys.platform == "win32":
        raise OSError("no resource limits on Windows")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _forbid_by_audit() -> None:
    """Python's own doors: sockets, programs, writing. What C code does, the other walls must stop."""
    blocked = (
        "socket.",
        "subprocess.",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "os.kill",
        "os.remove",
    )

    def refuse(event: str, _: tuple[object, ...]) -> None:
        if event.startswith(blocked):
            raise PermissionError(f"parsers may not do this: {event}")

    sys.addaudithook(refuse)
    try:
        socket.socket()
    except PermissionError:
        return
    raise OSError("the audit hook does not hold")


def _leave_network() -> None:
    """Into a network name space that holds nothing; an ordinary user needs a user name space first."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def _landlock() -> None:
    """Only Python's own folders can be read from here on, and nothing can be written."""
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("=Q", _ALL_FILE_RIGHTS)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        for folder in _readable_folders():
            _allow_reading(libc, ruleset, folder)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.syscall(_RESTRICT_SELF, ruleset, 0):
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _readable_folders() -> list[Path]:
    folders = [sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", *sys.path]
    found = {Path(folder).resolve() for folder in folders if folder and Path(folder).exists()}
    return sorted(folder for folder in found if folder != Path("/"))


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: Path) -> None:
    rights = _READ_FILE | (_READ_DIR if folder.is_dir() else 0)
    descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, descriptor)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0):
            raise OSError(ctypes.get_errno(), "landlock_add_rule")
    finally:
        os.close(descriptor)
