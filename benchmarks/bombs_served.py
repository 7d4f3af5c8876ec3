"""Other people's questions while a folder of bombs is ingested beside the server: the served half of `bombs.py`.

`answerable serve` answers from the sample over HTTP out of a real Postgres; `answerable ingest` of the bombs is a
process of its own in the same project. The answers are extractive: no model is asked, and none is scripted.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
from ingest import family, processes
from proof import quantiles, say
from served import UNLIMITED, Served, marked, questions, served

CONFIG = (
    """
[project]
name = "bombs"
tenant = "{tenant}"
[[source]]
id = "knowledge"
uri = "knowledge"
"""
    + UNLIMITED
    + """[server]
port = 0
"""
)
QUIET_S, EVERY_S, LONGEST_S = 60.0, 1.5, 900.0
INTERRUPT_AT_CPU_S = 15.0  # of the ingesting process itself: it has begun to cut and to embed


@dataclass(slots=True)
class Asked:
    """What became of the questions of one phase."""

    took_ms: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)

    def row(self) -> dict[str, object]:
        return {"answered": len(self.took_ms), "failed": self.failed, "ms": quantiles(self.took_ms)}


@dataclass(slots=True)
class Held:
    """The most memory, MB, of a process and of any of its parsers, and the CPU seconds of them all."""

    main_mb: float = 0.0
    worker_mb: float = 0.0
    cpu_s: float = 0.0

    async def watch(self, pid: int, but: int) -> None:
        """Until cancelled. The database below `but` is another's."""
        while True:
            table = processes()
            others = {one.pid for one in family(table, but)}
            for one in family(table, pid):
                if one.pid == pid:
                    self.main_mb, self.cpu_s = max(self.main_mb, one.memory_mb), max(self.cpu_s, one.cpu_s)
                elif one.pid not in others:
                    self.worker_mb = max(self.worker_mb, one.memory_mb)
            await asyncio.sleep(0.1)


async def beside(bombs: Path) -> dict[str, object]:
    """Quiet, an ingestion that is interrupted, the whole of it, quiet again; a question each `EVERY_S` seconds."""
    async with served(CONFIG, tokens=[("default", "ann")]) as server:
        await _phase(server, 5.0)  # the first questions load the models
        before = await _phase(server, QUIET_S)
        say(f"quiet: {before.row()}")
        interrupted = await _ingested(server, bombs, interrupt_at_cpu_s=INTERRUPT_AT_CPU_S)
        say(f"interrupted: {interrupted}")
        asking = asyncio.create_task(_phase(server, LONGEST_S * 2))
        whole = await _ingested(server, bombs)
        say(f"whole: {whole}")
        meanwhile = await _stopped(asking)
        say(f"meanwhile: {meanwhile.row()}")
        after = await _phase(server, QUIET_S)
        return {
            "every_s": EVERY_S,
            "questions": {"before": before.row(), "meanwhile": meanwhile.row(), "after": after.row()},
            "interrupted": interrupted,
            "ingest": whole,
            "server_restarts": 0 if _lives(server.pid) else 1,  # one process from the first question to the last
            "server_crashes": server.crashes(),
        }


_stop = asyncio.Event()


async def _stopped(asking: asyncio.Task[Asked]) -> Asked:
    _stop.set()
    try:
        return await asking
    finally:
        _stop.clear()


async def _phase(server: Served, seconds: float) -> Asked:
    """Questions at a fixed pace, whether or not those before are answered: a slow server slows no asker."""
    asked = Asked()
    everything = itertools.cycle(questions()["en"])
    async with server.client() as client, asyncio.TaskGroup() as group:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not _stop.is_set():
            group.create_task(_ask(client, marked(next(everything))[0], asked))
            with suppress(TimeoutError):
                await asyncio.wait_for(_stop.wait(), EVERY_S)
    return asked


async def _ask(client: httpx.AsyncClient, question: str, asked: Asked) -> None:
    begun = time.perf_counter()
    try:
        reply = await client.post("/v1/answers", json={"question": question})
        outcome = str(reply.status_code) if reply.status_code != 200 else ""
    except httpx.HTTPError as exc:
        outcome = type(exc).__name__
    if outcome:
        asked.failed[outcome] = asked.failed.get(outcome, 0) + 1
    else:
        asked.took_ms.append((time.perf_counter() - begun) * 1000)


async def _ingested(server: Served, bombs: Path, *, interrupt_at_cpu_s: float | None = None) -> dict[str, object]:
    """One `answerable ingest`: how it ended, and what it took. It is interrupted after LONGEST_S at the latest."""
    begun, held, told_s = time.perf_counter(), Held(), None
    async with _process(server, bombs, held) as process:
        output = asyncio.create_task(process.communicate())
        until = begun + LONGEST_S
        while not output.done() and time.perf_counter() < until and not _is_due(held, interrupt_at_cpu_s):
            await asyncio.wait({output}, timeout=0.1)
        if not output.done():
            told_s = time.perf_counter()
            process.send_signal(signal.SIGINT)
        out, errors = await asyncio.wait_for(output, LONGEST_S)
    ended = time.perf_counter()
    report: dict[str, Any] = json.loads(out) if out.strip() else {}
    counts = {name: report.get(name) for name in ("added", "unchanged", "chunks", "embedded", "cached")}
    return {
        "exit_code": process.returncode,
        "s": round(ended - begun, 1),
        "s_after_sigint": None if told_s is None else round(ended - told_s, 2),
        "main_mb": round(held.main_mb),
        "worker_mb": round(held.worker_mb),
        "main_cpu_s": round(held.cpu_s, 1),
        **counts,
        "errors": report.get("errors", {}),
        "said": [] if report else errors.decode(errors="replace").splitlines()[-3:],
    }


def _is_due(held: Held, cpu_s: float | None) -> bool:
    return cpu_s is not None and held.cpu_s >= cpu_s


@asynccontextmanager
async def _process(server: Served, bombs: Path, held: Held) -> AsyncIterator[asyncio.subprocess.Process]:
    command = (sys.executable, "-m", "answerable", "ingest", str(bombs), "--source", "bombs", "--format", "json")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=server.folder, stdout=pipe, stderr=pipe)
    watching = asyncio.create_task(held.watch(process.pid, server.postmaster))
    try:
        yield process
    finally:
        watching.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
