"""The server in a process of its own, so that a benchmark does not share its interpreter's lock."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

_STOP_S = 5.0


class ServerProcess:
    """Started by `with`; ends with it, and when this process dies. Behaviors are told as spec.py reads them."""

    def __init__(self, *steps: str | Mapping[str, Any], prompt_cache: int = 0, keep: int = 1000) -> None:
        told = [one if isinstance(one, str) else json.dumps(one) for one in steps]
        self._command = [
            sys.executable, "-m", "answerable.testing.model_server", "--until-eof",
            "--keep", str(keep), "--prompt-cache", str(prompt_cache), *(f"--step={one}" for one in told),
        ]  # fmt: skip
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def openai_url(self) -> str:
        """The base URL of an OpenAI-compatible provider."""
        return f"{self.url}/v1"

    @property
    def pid(self) -> int:
        """Of the process, for its CPU time."""
        assert self._process is not None
        return self._process.pid

    def script(self, *steps: str | Mapping[str, Any], at: str = "") -> None:
        """Behave like this from the next request on. Raises urllib.error.HTTPError for what is no behavior."""
        self._call("/_script", {"steps": list(steps), "at": at})

    def seen(self) -> dict[str, Any]:
        """What the server has counted."""
        return self._call("/_seen", None)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self.__exit__(None, None, None)
            raise OSError("the model server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with process:  # closes the pipes: the end of its input ends it
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def _call(self, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}{path}", data, timeout=_STOP_S) as reply:  # noqa: S310 - http
            value: dict[str, Any] = json.load(reply)
            return value
