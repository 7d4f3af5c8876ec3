"""The embedded server's settings: durable, modest with memory, deaf to the network, no rows in its log."""

from __future__ import annotations

import os
from pathlib import Path

MB = 1024 * 1024
_ROOMY_SHM = 1024 * MB


def settings(*, memory: int, socket_folder: Path, shm: int) -> dict[str, str]:
    """By setting name, as text; `memory` (the machine's) and `shm` (free in /dev/shm) in bytes.

    Shares of memory: docs/decisions/0010-embedded-postgres.md.
    """
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": _megabytes(memory // 16, 64, 512),
        "effective_cache_size": _megabytes(memory // 2, 256, 65536),
        "maintenance_work_mem": _megabytes(memory // 32, 64, 512),
        "work_mem": "16MB",
        # A container often has 64 MB of /dev/shm, and a parallel index build wants maintenance_work_mem there.
        "dynamic_shared_memory_type": "posix" if shm >= _ROOMY_SHM else "sysv",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on",
        "full_page_writes": "on",
        "password_encryption": "scram-sha-256",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        "log_min_error_statement": "panic",  # statements and rows are people's text: not in a log file
        "log_error_verbosity": "terse",
    }


def render(values: dict[str, str]) -> str:
    """As lines of a Postgres configuration file."""
    return "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in values.items())


def machine_memory() -> int:
    """Bytes of memory: the machine's, or the control group's limit where that is lower."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def free_shm() -> int:
    """Bytes free in /dev/shm; 0 where there is none (then System V memory serves)."""
    try:
        facts = os.statvfs("/dev/shm")  # noqa: S108 - asked, not written to
    except OSError:
        return 0
    return facts.f_bavail * facts.f_frsize


def _megabytes(wanted: int, least: int, most: int) -> str:
    return f"{min(max(wanted // MB, least), most)}MB"
