"""How long the foundation takes: `python benchmarks/foundation.py [FOLDER]`. Wall times, unless CPU is said.

Starts and stops an embedded server in a fresh folder inside FOLDER (by default /tmp), opens transactions, and
writes and reads 2,000 traces of seven steps with ten candidates each.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from answerable.adapters.entry import make_entry
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.answer.record import answer_record
from answerable.core.prompt import Rendered
from answerable.core.trace import Step, Trace
from answerable.testing.journal import make_answer, make_query, make_trace

TRACES = 2000
RENDERED = Rendered(prompt_id="answer", version="1", sha256="a" * 64, system="x" * 3000, user="y" * 9000)


@contextmanager
def timed(name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{name:<28} {time.perf_counter() - start:8.3f} s")


def trace(number: int) -> Trace:
    made = make_trace(number)
    rows = [{"rank": rank, "dense": 0.5, "chunk": "ch_" + "a" * 24} for rank in range(10)]
    made.steps = [
        Step(name=f"step {n}", started_ms=n * 10.0, duration_ms=9.0, detail={"candidates": rows}) for n in range(7)
    ]
    return made


async def transactions(database: Database, *, readonly: bool) -> None:
    taken = []
    for _ in range(500):
        start = time.perf_counter()
        async with database.tenant("acme", readonly=readonly):
            pass
        taken.append(time.perf_counter() - start)
    print(f"{'empty transaction':<28} {median(taken) * 1e3:8.3f} ms  p50, readonly {readonly}")


async def journal(database: Database, spool: Path) -> None:
    traces, query = [trace(number) for number in range(TRACES)], make_query()
    start = time.process_time()
    for one in traces:
        make_entry(one, query, make_answer(one), RENDERED, answer_record)
    print(f"{'one entry made':<28} {(time.process_time() - start) / TRACES * 1e3:8.3f} ms  CPU")
    async with PostgresJournal(database, record=answer_record, spool=spool, queue=TRACES) as kept:
        start = time.perf_counter()
        for one in traces:
            kept.write(one, query, make_answer(one), RENDERED)
        await kept.flush()
        print(f"{'written':<28} {TRACES / (time.perf_counter() - start):8.0f} traces a second")
        start = time.perf_counter()
        for one in traces[:100]:
            await kept.trace(tenant="acme", reference=one.id)
        print(f"{'a trace by its id':<28} {(time.perf_counter() - start) * 10:8.3f} ms  mean of 100")


async def main(folder: Path) -> None:
    with timed("first start"):
        server = Embedded.start(folder)
    server.stop()
    with timed("next start"):
        server = Embedded.start(folder)
    with timed("stop"):
        server.stop()
    with Embedded.start(folder) as server:
        with timed("all migrations"):
            await Migrations(server.admin_url).migrate()
        url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
        async with Database(url) as database:
            await transactions(database, readonly=False)
            await transactions(database, readonly=True)
            await journal(database, folder / "spool")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else "/tmp") as top:
        asyncio.run(main(Path(top)))
