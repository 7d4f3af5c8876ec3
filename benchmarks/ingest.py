"""What a sync costs: files and chunks per second, CPU seconds by part, peak memory; first, unchanged, 1 % changed.

    python benchmarks/ingest.py (--folder DIR | --data DIR) [--int8] [--out benchmarks/results/ingest.json]

The whole path: folder, parser sandbox, structure chunks, MiniLM, embedded Postgres. The folder is copied first.
`--data` takes DIR/documents. CPU is read from /proc, so this runs on Linux only:
  parse  the sandbox's processes              chunk  the chunker's own time, its tokenizer included
  store  the Postgres server                  embed  this process's other threads (the engine; reading and hashing)
  loop   this process's main thread: the pipeline, the database driver, index terms
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from answerable.adapters.embedders.graph import Precision
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.parsers.sandbox import Sandbox
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.sources.folder import Folder
from answerable.core.document import Chunk, Document
from answerable.core.ports import Chunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.report import SyncReport
from answerable.ingest.sync import Sync

TICK = os.sysconf("SC_CLK_TCK")
TENANT = "benchmark"
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Process:
    """One row of /proc: CPU seconds with those of children that ended, and resident memory in MB."""

    pid: int
    parent: int
    name: str
    cpu_s: float
    memory_mb: float


def processes() -> dict[int, Process]:
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat, pages = (entry / "stat").read_text(), (entry / "statm").read_text().split()[1]
        except OSError:
            continue  # it ended meanwhile
        name, rest = stat.split("(", 1)[1].rsplit(")", 1)
        values = rest.split()
        cpu = sum(int(value) for value in values[11:15]) / TICK
        found[int(entry.name)] = Process(int(entry.name), int(values[1]), name, cpu, int(pages) * PAGE / 1e6)
    return found


def family(all_of_them: dict[int, Process], root: int) -> list[Process]:
    """The process and its descendants."""
    pids, rows = {root}, [all_of_them[root]] if root in all_of_them else []
    for one in sorted(all_of_them.values(), key=lambda one: one.pid):
        if one.parent in pids:
            pids.add(one.pid)
            rows.append(one)
    return rows


@dataclass
class Meter:
    """CPU and memory of this process, its sandbox and its database."""

    postmaster: int
    chunk_s: float = 0.0
    peak_mb: float = 0.0
    peak_postgres_mb: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def read(self) -> dict[str, float]:
        table = processes()
        server = {one.pid for one in family(table, self.postmaster)}
        own = [one for one in family(table, os.getpid()) if one.pid not in server]
        self.peak_mb = max(self.peak_mb, sum(one.memory_mb for one in own))
        self.peak_postgres_mb = max(self.peak_postgres_mb, sum(table[pid].memory_mb for pid in server))
        return {
            "parse": sum(one.cpu_s for one in own if one.pid != os.getpid()) + os.times()[2] + os.times()[3],
            "store": sum(table[pid].cpu_s for pid in server),
            "self": time.process_time(),
            "loop": time.thread_time(),
            "chunk": self.chunk_s,
        }

    @contextmanager
    def watching(self) -> Iterator[dict[str, float]]:
        """CPU seconds by part, filled at the end; memory is looked at four times a second."""
        self.peak_mb = self.peak_postgres_mb = 0.0
        self._stop.clear()
        watch = threading.Thread(target=self._watch)
        spent: dict[str, float] = {}
        before = self.read()
        watch.start()
        yield spent
        after = self.read()
        self._stop.set()
        watch.join()
        used = {name: after[name] - before[name] for name in before}
        spent.update(
            parse=used["parse"],
            chunk=used["chunk"],
            embed=used["self"] - used["loop"] - used["chunk"],
            loop=used["loop"],
            store=used["store"],
        )

    def _watch(self) -> None:
        while not self._stop.wait(0.25):
            self.read()


@dataclass(frozen=True)
class Metered:
    """A chunker whose time is counted."""

    inner: Chunker
    meter: Meter

    @property
    def key(self) -> str:
        return self.inner.key

    def chunk(self, document: Document) -> list[Chunk]:
        started = time.thread_time()
        try:
            return self.inner.chunk(document)
        finally:
            self.meter.chunk_s += time.thread_time() - started


def row(phase: str, report: SyncReport, spent: dict[str, float], seconds: float, meter: Meter) -> dict:
    cpu = {name: round(value, 3) for name, value in spent.items()}
    return {
        "phase": phase,
        **report.counts,
        "wall_s": round(seconds, 2),
        "files_per_s": round(report.total / seconds, 1),
        "chunks_per_s": round(report.chunks / seconds, 1),
        "cpu_s": cpu,
        "cpu_s_total": round(sum(cpu.values()), 3),
        "peak_mb": round(meter.peak_mb),
        "peak_postgres_mb": round(meter.peak_postgres_mb),
    }


def change(folder: Path) -> None:
    """One paragraph more in every hundredth text file."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".md", ".txt", ".html", ".rst"})
    for path in files[::100]:
        path.write_text(path.read_text() + "\n\nA sentence that was not here before.\n")


async def measure(folder: Path, base: Path, precision: Precision) -> list[dict]:
    rows = []
    async with AsyncExitStack() as stack:
        server = stack.enter_context(Embedded.start(base / "pg"))
        login = await ready(server)
        database = await stack.enter_async_context(Database(login))
        sandbox = await stack.enter_async_context(Sandbox())
        embedder = MiniLM(find_weights(), precision=precision)
        await embedder.embed(["warm"], kind="passage")
        pid = int((server.home / "data" / "postmaster.pid").read_text().split()[0])
        meter = Meter(postmaster=pid)
        sync = Sync(
            parse=sandbox.parse,
            chunker=Metered(StructureChunker(tokenizer=embedder.tokenizer), meter),
            embedder=embedder,
            store=PostgresStore(database),
            ledger=PostgresLedger(database),
            settings="benchmark",
        )
        for phase in ("first", "unchanged", "1 % changed"):
            if phase == "1 % changed":
                change(folder)
            started = time.monotonic()
            with meter.watching() as spent:
                report = await sync.run(Folder(id="docs", root=folder, tenant=TENANT), tenant=TENANT)
            rows.append(row(phase, report, spent, time.monotonic() - started, meter))
            print(json.dumps(rows[-1]), flush=True)
    share = 100 * rows[1]["cpu_s_total"] / rows[0]["cpu_s_total"]
    print(f"the unchanged sync costs {share:.2f} % of the first one's CPU time")
    return rows


async def ready(server: Embedded) -> str:
    """The service's address of a migrated database."""
    url = server.admin_url
    await Migrations(url).migrate()
    return await give_login(url, schema="answerable", password=server.service_password)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    place = arguments.add_mutually_exclusive_group(required=True)
    place.add_argument("--folder", type=Path)
    place.add_argument("--data", type=Path)
    arguments.add_argument("--int8", action="store_true")
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    precision: Precision = "int8" if chosen.int8 else "fp32"
    source = chosen.folder or chosen.data / "documents"
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as base:
        copy = Path(base) / "docs"
        shutil.copytree(source, copy)
        size = sum(path.stat().st_size for path in copy.rglob("*") if path.is_file())
        rows = asyncio.run(measure(copy, Path(base), precision))
    if chosen.out:
        result = {"command": "benchmarks/ingest.py", "precision": precision, "bytes": size, "rows": rows}
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
