"""The load that every contender carries: the same loop, whatever calls the model. Standard library only.

A contender's file imports what it needs, and then `run(open_contender)`. It reads one order a line from its input,
`{"base": URL, "concurrency": 64, "requests": 640, "stream": true}`, and writes one report a line. Times are
milliseconds; `cpu_s` is the process's own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

SYSTEM = "Answer from the sources, each sentence with the number of its source. " * 12
PASSAGE = "Headphones can be returned within 30 days of delivery as long as the seal of the bag is unbroken. " * 6
USER = "\n".join(f'<source n="{n}">\n{PASSAGE}\n</source>' for n in range(1, 6)) + "\nCan I return headphones?"
MAX_TOKENS = 400
MODEL = "gpt-4o-mini"
TOKENS_OUT = 50  # what the scripted model says it gave out
AFTERMATH_S = 0.1  # for what a contender does in the background: its CPU counts too

Call = Callable[[bool], Awaitable[tuple[float, int, int]]]
Opened = Callable[[str], AbstractAsyncContextManager[Call]]
"""A call takes whether to stream; it gives when the first text came (perf_counter), characters, output tokens."""


def memory_mb() -> float:
    """Resident memory of this process."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) / 1024


async def carry(call: Call, *, concurrency: int, requests: int, stream: bool) -> dict[str, object]:
    """`requests` calls, `concurrency` at a time, each worker's next as soon as its last is done."""
    left, took, first, failed = requests, [], [], []

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            began = time.perf_counter()
            try:
                text_at, chars, tokens = await call(stream)
            except Exception as error:  # noqa: BLE001 - counted and shown; the load goes on
                failed.append(f"{type(error).__name__}: {error}"[:300])
                continue
            took.append((time.perf_counter() - began) * 1000)
            first.append((text_at - began) * 1000)
            if not chars or tokens != TOKENS_OUT:
                failed.append(f"{chars} characters, {tokens} tokens")

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    wall_s = time.perf_counter() - wall
    await asyncio.sleep(AFTERMATH_S)
    return {
        "took_ms": took,
        "first_ms": first,
        "failed": failed,
        "cpu_s": time.process_time() - cpu,
        "wall_s": wall_s,
        "memory_mb": memory_mb(),
    }


def run(opened: Opened, *, facts: dict[str, object]) -> None:
    """Say what was imported at what cost, then obey orders until there are no more."""
    started = {"import_cpu_s": time.process_time(), "import_memory_mb": memory_mb(), **facts}
    print(json.dumps(started), flush=True)
    asyncio.run(_obey(opened))


async def _obey(opened: Opened) -> None:
    for line in iter(sys.stdin.readline, ""):  # nothing else is to be done between two orders
        order = json.loads(line)
        async with opened(order.pop("base")) as call:
            warm = {**order, "requests": order.pop("warm")}
            await carry(call, concurrency=order["concurrency"], requests=warm["requests"], stream=order["stream"])
            print(json.dumps(await carry(call, **order)), flush=True)
