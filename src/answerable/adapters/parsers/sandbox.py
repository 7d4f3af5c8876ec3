"""Parses in processes of their own, with limits: a hostile or broken file costs one ParseError, never a run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from types import TracebackType

from answerable.adapters.parsers import wire
from answerable.core.document import Document
from answerable.core.errors import ConfigError, ParseError
from answerable.core.ports import Raw

ALL_PARSERS = "answerable.adapters.parsers.registry:all_parsers"
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LANG", "LC_ALL", "SYSTEMROOT")  # no secrets
_START_S = 60.0  # 0.3 s of CPU, on a machine that may be busy
_LARGE_REPLY = 262_144  # bytes; decoding a larger one would hold up the event loop


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """For one file, in one worker."""

    memory_bytes: int = 1 << 30  # of address space
    cpu_s: float = 30.0
    wall_s: float = 60.0
    input_bytes: int = 64 << 20
    output_bytes: int = 32 << 20  # as text; in the memory of who asked it is several times that
    blocks: int = 200_000  # headings, paragraphs, rows … of one document: 750 bytes each over there
    files_per_worker: int = 500  # then it is replaced, so that leaks stay small


@dataclass(slots=True)
class _Worker:
    process: Process
    files: int = 0


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """`async with Sandbox() as sandbox: document = await sandbox.parse(raw)`.

    Workers start at the first file, stay, and are replaced after a crash, a limit, or files_per_worker files.
    `factory` is `module:function` of a Parser. Any number of tasks may call `parse`; `workers` files go at once.
    """

    limits: SandboxLimits = field(default_factory=SandboxLimits)
    workers: int = 2
    factory: str = ALL_PARSERS
    walls: tuple[str, ...] = field(
        default=(), init=False
    )  # that stand around the workers, known after the first file
    _idle: list[_Worker] = field(default_factory=list, init=False)
    _decoding: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.workers)

    async def __aenter__(self) -> Sandbox:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the idle workers. Files that are still being read end by themselves or by cancellation."""
        idle, self._idle = self._idle, []
        for worker in idle:
            await _end(worker.process)

    async def parse(self, raw: Raw) -> Document:
        """Raises ParseError; `reason` is timeout, memory, crash or too_large where the walls had to hold.

        ConfigError when no worker starts at all: that is no file's fault.
        """
        if len(raw.data) > self.limits.input_bytes:
            raise ParseError(
                f"{raw.uri}: {len(raw.data):,} bytes, more than the {self.limits.input_bytes:,} that are read",
                hint="Split the file, or raise the parser's input limit.",
                reason="too_large",
            )
        async with self._places:
            reply = await self._reply(raw)
        if len(reply) > _LARGE_REPLY:
            async with self._decoding:  # one such after the other, for the memory it takes
                return await asyncio.to_thread(wire.document_from, reply, raw)
        return wire.document_from(reply, raw)

    async def _reply(self, raw: Raw) -> bytes:
        worker = self._idle.pop() if self._idle else await self._start()
        try:
            return await self._attempt(worker, raw)
        except ParseError as exc:
            if exc.reason != "crash" or worker.files == 0:
                raise
        return await self._attempt(await self._start(), raw)  # what broke it may have been a file before this one

    async def _attempt(self, worker: _Worker, raw: Raw) -> bytes:
        try:
            reply = await asyncio.wait_for(self._exchange(worker, raw), self.limits.wall_s)
        except TimeoutError as exc:
            await _end(worker.process)
            raise _slow(raw, f"{self.limits.wall_s:g} s") from exc
        except (asyncio.IncompleteReadError, ConnectionError) as exc:
            raise await self._died(worker, raw) from exc
        except BaseException:  # cancelled: what it does now, nobody waits for
            await asyncio.shield(_end(worker.process))
            raise
        await self._put_back(worker)
        return reply

    async def _start(self) -> _Worker:
        limits = self.limits
        numbers = (limits.memory_bytes, limits.cpu_s, limits.output_bytes, limits.blocks, os.getpid())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the folder we stand in may hold a json.py
            "-m",
            "answerable.adapters.parsers.worker",
            self.factory,
            *map(str, numbers),
            stdin=PIPE,
            stdout=PIPE,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            limit=1 << 20,
        )
        worker = _Worker(process)
        try:
            hello = await asyncio.wait_for(self._receive(worker), _START_S)
        except (TimeoutError, asyncio.IncompleteReadError) as exc:
            await _end(process, patience_s=1.0)
            raise ConfigError(
                f"the parser process does not start (exit status {process.returncode})",
                hint=f"Check that {self.factory} can be imported, and that its memory limit is not too small.",
            ) from exc
        except BaseException:  # cancelled
            await asyncio.shield(_end(process))
            raise
        self.walls = tuple(map(str, json.loads(hello)))
        return worker

    async def _exchange(self, worker: _Worker, raw: Raw) -> bytes:
        target = worker.process.stdin
        if target is None:
            raise ConnectionError("the worker has no pipes")
        target.write(wire.request_from(raw))
        await target.drain()
        return await self._receive(worker)

    async def _receive(self, worker: _Worker) -> bytes:
        source = worker.process.stdout
        if source is None:
            raise ConnectionError("the worker has no pipes")
        (length,) = wire.HEADER.unpack(await source.readexactly(wire.HEADER.size))
        if length > self.limits.output_bytes + 65_536:
            raise ConnectionError("a reply without measure")
        return await source.readexactly(length)

    async def _put_back(self, worker: _Worker) -> None:
        worker.files += 1
        source = worker.process.stdout
        if worker.files >= self.limits.files_per_worker or source is None or source.at_eof():
            await _end(worker.process)
        else:
            self._idle.append(worker)

    async def _died(self, worker: _Worker, raw: Raw) -> ParseError:
        await _end(worker.process, patience_s=1.0)
        status = worker.process.returncode or 0
        if sys.platform != "win32" and status == -signal.SIGXCPU:
            return _slow(raw, f"{self.limits.cpu_s:g} s of CPU time")
        name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return ParseError(
            f"{raw.uri}: the parser crashed on this file ({name})",
            hint="The file may be broken or hostile: look at it before you keep it in the source.",
            reason="crash",
        )


def _slow(raw: Raw, limit: str) -> ParseError:
    return ParseError(
        f"{raw.uri}: reading it takes more than {limit}",
        hint="Split the file, or raise the parser's time limits.",
        reason="timeout",
    )


async def _end(process: Process, *, patience_s: float = 0.0) -> None:
    """Kills the process, after giving one that is dying already time to leave its own status."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), patience_s)
    except TimeoutError:
        if process.returncode is None:
            process.kill()
        await process.wait()
