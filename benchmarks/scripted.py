"""A scripted provider in a process of its own, whose behavior is changed while it runs and which tells what came.

    python benchmarks/scripted.py          prints its address; then reads orders, one JSON object a line

`{"script": "503"}` behaves like that from now on; `{"mix": 0.05}` makes so large a share of the calls faulty;
`{"report": true}` prints every call since the last report, and forgets them unless `keep` is true: when it came
(monotonic clock, one for all processes of a machine), the marker in its question, what was done, whether it was
finished, and when its client left it.

A marker is a word such as `zq0a1b2c3d` in the question: the reply repeats the one of its own prompt.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from answerable.testing.model_server.behaviors import Behavior, Cite, Cut, Drip, Garbage, Hang, Status
from answerable.testing.model_server.behaviors.cite import best_quotes
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.server import ModelServer

MARKER = re.compile(r"\bzq[0-9a-f]{8}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Quotes as Cite does, with the marker of its own question inside the first sentence."""

    def text(self, prompt: Prompt) -> str:
        """The quotes."""
        found = MARKER.search(prompt.question)
        quotes = best_quotes(prompt, 2)
        if not found or not quotes:
            return Cite().text(prompt)
        first = f"{quotes[0].sentence.rstrip('.!?: ')} ({found[0]}) [{quotes[0].n}]."
        return " ".join([first, *(one.cited() for one in quotes[1:])])


WELL = Drip(first_s=0.1, chars=24, interval_s=0.02)
BEHAVIORS: Mapping[str, Behavior] = {
    "well": WELL,
    "at once": Drip(first_s=0.0, chars=10_000, interval_s=0.0),
    "503": Status(503),
    "timeout": Hang(),
    "garbage": Garbage(),
    "drip": Drip(first_s=0.3, chars=3, interval_s=0.4),
    "cut": Cut(after=40),
    "hold": Hang(),
    "marked": Drip(first_s=0.1, chars=24, interval_s=0.02, say=Marked()),
}
FAULTS = ("503", "timeout", "garbage", "drip", "cut")


@dataclass(slots=True, kw_only=True)
class Log:
    """What came: one line a call."""

    name: str = "well"
    mix: float = 0.0
    seed: random.Random = field(default_factory=lambda: random.Random(5))
    lines: list[dict[str, Any]] = field(default_factory=list)

    async def perform(self, exchange: Exchange) -> None:
        """Do what is in order now, and write it down."""
        name = self.seed.choice(FAULTS) if self.seed.random() < self.mix else self.name
        found = MARKER.search(exchange.prompt.question)
        line = {"at": time.monotonic(), "marker": found[0] if found else "", "did": name, "left_at": None}
        self.lines.append(line)
        try:
            await BEHAVIORS[name].perform(exchange)
        except asyncio.CancelledError:
            line["left_at"] = time.monotonic()
            raise
        finally:
            line["finished"] = exchange.recorded.completed


def main() -> None:
    """Serve until the input is closed."""
    log = Log()
    with ModelServer(log) as server:
        print(server.openai_url, flush=True)
        for text in sys.stdin:
            order = json.loads(text)
            log.name = order.get("script", log.name)
            log.mix = order.get("mix", log.mix)
            given = list(log.lines) if order.get("report") else []
            if given and not order.get("keep"):
                log.lines = []
            server.requests.clear()
            print(json.dumps(given), flush=True)


class Provider:
    """The process, from the side of a benchmark."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        self.calls: list[dict[str, Any]] = []

    def order(self, **order: object) -> list[dict[str, Any]]:
        """Give an order; a report is added to `calls`, or is all of them where the provider keeps its own."""
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        given = json.loads(self._process.stdout.readline())
        self.calls = given if order.get("keep") else [*self.calls, *given]
        return given

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)


if __name__ == "__main__":
    main()
