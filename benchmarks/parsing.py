"""How fast, and how surely, a tree of files is read: `python benchmarks/parsing.py FOLDER [--include '*.html']`.

Prints files and megabytes per second in the sandbox, CPU time of the parsers alone, failures by reason, and the
sandbox's own cost for a file. `--show N` prints N documents, spread over the tree, for reading by eye.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import time
from collections import Counter
from pathlib import Path

from answerable.adapters.parsers.registry import all_parsers
from answerable.adapters.parsers.sandbox import Sandbox
from answerable.adapters.sources.folder import Folder
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Raw


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--include", default="**")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--show", type=int, default=0)
    given = arguments.parse_args()
    raws, unread = _read(Folder(id="bench", root=given.folder, tenant="bench", include=(given.include,)))
    size = sum(len(raw.data) for raw in raws)
    print(f"{len(raws)} files, {size / 1e6:.1f} MB, {unread} unreadable")
    documents = asyncio.run(_sandboxed(raws, given.workers, size))
    _alone(raws, size)
    asyncio.run(_overhead())
    for document in documents[:: max(1, len(documents) // given.show)] if given.show else []:
        _show(document)


def _read(source: Folder) -> tuple[list[Raw], int]:
    candidates = list(source.list())
    raws = [source.read(candidate.uri) for candidate in candidates if not candidate.error]
    return raws, len(candidates) - len(raws)


async def _sandboxed(raws: list[Raw], workers: int, size: int) -> list[Document]:
    failures: Counter[str] = Counter()
    messages: list[str] = []
    documents: list[Document] = []

    async def one(raw: Raw) -> None:
        try:
            documents.append(await sandbox.parse(raw))
        except ParseError as exc:
            failures[exc.reason] += 1
            messages.append(str(exc))

    async with Sandbox(workers=workers) as sandbox:
        started = time.perf_counter()
        await asyncio.gather(*map(one, raws))
        wall = time.perf_counter() - started
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"sandbox, {workers} workers: {len(raws) / wall:.0f} files/s, {size / 1e6 / wall:.1f} MB/s wall")
    print(f"  workers' CPU {cpu.ru_utime + cpu.ru_stime:.1f} s, largest worker {cpu.ru_maxrss / 1024:.0f} MB")
    print(f"  failed: {dict(failures) or 'none'}", *messages[:20], sep="\n    ")
    return sorted(documents, key=lambda document: document.uri)


def _alone(raws: list[Raw], size: int) -> None:
    parsers = all_parsers()
    times = []
    for raw in raws:
        started = time.process_time()
        try:
            parsers.parse(raw)
        except ParseError:
            pass
        times.append(time.process_time() - started)
    total = sum(times)
    middle, slow, worst = statistics.median(times), sorted(times)[int(0.95 * len(times))], max(times)
    print(f"parsers alone: {total:.1f} CPU-s, each {len(raws) / total:.0f} files, {size / 1e6 / total:.1f} MB")
    print(f"  a file: median {middle * 1e3:.1f} ms, p95 {slow * 1e3:.1f}, worst {worst * 1e3:.0f}")


async def _overhead() -> None:
    raw = Raw(uri="a.txt", data=b"One line.", source="bench", tenant="bench")
    count = 500
    async with Sandbox(workers=1) as sandbox:
        await sandbox.parse(raw)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(count):
            await sandbox.parse(raw)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"overhead for a small file: {cpu / count * 1e3:.2f} ms CPU here, {wall / count * 1e3:.2f} wall in all")


def _show(document: Document) -> None:
    print("=" * 100)
    print(document.uri, "|", document.title, "|", dict(document.meta))
    for block in document.blocks:
        page = f" p{block.page}" if block.page else ""
        print(f"[{block.kind}{block.level or ''}{page}]", " > ".join(block.headings))
        print(document.text[block.start : block.end])


if __name__ == "__main__":
    main()
