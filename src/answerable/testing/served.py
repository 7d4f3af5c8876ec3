"""A project served by a process of its own: where it listens, its sign-in link, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from answerable.testing.projects import ProjectFolder

_STOP_S = 30.0
_URL, _LINK = "serving on ", "sign in once: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running `answerable serve`; `said` are its lines so far."""

    process: subprocess.Popen[str]
    url: str
    link: str
    said: list[str]

    def stop(self) -> int:
        """Ctrl-C, as a person at the terminal would; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=_STOP_S)

    def kill(self) -> None:
        """The end that no process can prepare for."""
        self.process.kill()
        self.process.wait()


@contextmanager
def served(project: ProjectFolder, *arguments: str) -> Iterator[Served]:
    """`answerable serve` in the project until the block ends. Raises AssertionError when it does not come up."""
    process = project.start("serve", *arguments)
    with process:  # closes the pipe after the listener
        try:
            one = _come_up(process)
            listener = threading.Thread(target=_listen, args=(one,))  # a full pipe would stop the server
            listener.start()
            try:
                yield one
            finally:
                one.stop()  # in order also when a test failed: a killed one leaves its database running
        finally:
            process.kill()
        listener.join()


def _come_up(process: subprocess.Popen[str]) -> Served:
    said: list[str] = []
    found: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.rstrip())
        found.update({mark: said[-1].removeprefix(mark) for mark in (_URL, _LINK) if line.startswith(mark)})
        if len(found) == 2:
            return Served(process=process, url=found[_URL], link=found[_LINK], said=said)
    raise AssertionError("the server did not come up:\n" + "\n".join(said))


def _listen(one: Served) -> None:
    assert one.process.stdout is not None
    one.said.extend(line.rstrip() for line in one.process.stdout)
