"""Commands as processes of their own, forked from one that has imported everything: half of a command is imports.

The child is a process like any other, with its own descriptors, signals, threads, environment and exit code; only
what imports leave behind is there already. What an import reads of the environment is the host's, so a command
with such a variable of its own is started afresh (see `forkable`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

_READ_BY_IMPORTS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "OPENBLAS_", "OMP_", "MKL_", "PYTHON")
_SKIPPED = ("answerable.testing", "answerable.__main__")  # tests' own, and what runs when it is imported
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command to run, and the files that take what it writes."""

    arguments: Sequence[str]
    folder: Path
    environ: Mapping[str, str]
    out: Path
    err: Path


class Warm:
    """A host process with its socket. Start it once a session; it ends with this process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._folder = Path(tempfile.mkdtemp(prefix="answerable-warm-"))
        self._address = str(self._folder / "host")
        self._host = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "answerable.testing.warm", self._address],
            env=self._environ,
            stdin=subprocess.PIPE,  # it ends when this end is closed, however we end
            stdout=subprocess.PIPE,
        )
        assert self._host.stdout is not None
        if self._host.stdout.readline() != b"ready\n":
            raise RuntimeError("the host of commands did not start")
        atexit.register(self.close)

    def forkable(self, environ: Mapping[str, str]) -> bool:
        """Whether a command with this environment is the same from the host."""
        names = {*environ, *self._environ}
        return all(
            environ.get(name) == self._environ.get(name) for name in names if name.startswith(_READ_BY_IMPORTS)
        )

    def run(self, order: Order, *, timeout_s: float) -> int:
        """The exit code, negative for a signal. Raises subprocess.TimeoutExpired, after a kill."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout_s)
            line.connect(self._address)
            line.sendall(_written(order))
            with line.makefile("r", encoding="ascii") as told:
                pid = int(told.readline())
                try:
                    return int(told.readline())
                except TimeoutError:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(list(order.arguments), timeout_s) from None

    def close(self) -> None:
        """End the host; its commands have ended, or are ended by who ran them."""
        assert self._host.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._host.stdin.close()
        self._host.kill()
        self._host.wait()
        with contextlib.suppress(OSError):
            Path(self._address).unlink(missing_ok=True)
            self._folder.rmdir()


def _written(order: Order) -> bytes:
    told = {
        "arguments": list(order.arguments),
        "folder": str(order.folder),
        "environ": dict(order.environ),
        "out": str(order.out),
        "err": str(order.err),
    }
    return json.dumps(told).encode() + b"\n"


def _import_all() -> None:
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))  # as the command itself does before numpy
    import answerable

    for one in pkgutil.walk_packages(answerable.__path__, "answerable."):
        if not one.name.startswith(_SKIPPED):
            with contextlib.suppress(ImportError):  # an extra that is not there
                importlib.import_module(one.name)
    for name in ("tokenizers", "uvicorn", "fastapi"):  # not onnxruntime: it makes a thread, which no fork bears
        importlib.import_module(name)
    if (threads := len(list(Path("/proc/self/task").iterdir()))) != 1:
        raise RuntimeError(f"an import makes {threads - 1} threads: a fork would hang on their locks")
    gc.freeze()


def _serve(address: str) -> list[str]:
    """Fork a command for each connection; returns in a command, with its arguments, and nowhere else."""
    door = socket.socket(socket.AF_UNIX)
    door.bind(address)
    door.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers need nobody to wait for them
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        ready, _, _ = select.select([door, sys.stdin], [], [])
        if sys.stdin in ready:  # nobody is at the other end any more
            sys.exit()
        line, _ = door.accept()
        if os.fork() == 0:
            door.close()
            return _keep(line)
        line.close()


def _keep(line: socket.socket) -> list[str]:
    """Read the order, fork the command, and tell its pid and how it ended; returns in the command alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with line.makefile("r", encoding="utf-8") as told:
        order = json.loads(told.readline())
    pid = os.fork()
    if pid == 0:
        line.close()
        _become(order)
        return list(order["arguments"])
    line.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):
        line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(order: Mapping[str, Any]) -> None:
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, order["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environ"])


def _leave(run: Callable[[], object]) -> NoReturn:
    """As an interpreter ends, but for taking its modules apart, which takes longer than most commands."""
    code: object = None
    try:
        run()
    except SystemExit as left:
        code = left.code
    except BaseException as error:  # noqa: BLE001 - the last one to see it
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _main() -> None:
    _import_all()
    sys.argv[1:] = _serve(sys.argv[1])
    _leave(lambda: runpy.run_module("answerable", run_name="__main__", alter_sys=True))


if __name__ == "__main__":
    _main()
