"""What the log of the product costs: `python benchmarks/events.py [--answers N]`.

An embedded server in a fresh folder; questions, answers and traces are made up (8 steps, 5 passages, 3 calls of
models: nothing here is a model's). In turn: the CPU of telling one answer, before it is out and after; writing in
bulk and as it is served; bytes of an answer's events on disk; what a kill (SIGKILL) of the writing process loses,
with the database there and away. Wall times are of a machine that may be busy: read the CPU times.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from version_metrics import ServerCpu

from answerable.adapters.fakes.person_keys import MemoryPersonKeys
from answerable.adapters.postgres.database import Connection, Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.app.emitting import Counted, Emission
from answerable.app.person_keys import KeyRing
from answerable.app.reading import TurnReader
from answerable.config.event_log import EventsSection
from answerable.core.answer import Answer, Citation, Claim
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.errors import DatabaseUnreachable
from answerable.core.event import Event
from answerable.core.outcome import Outcome
from answerable.core.person_key import Rotation
from answerable.core.query import Principal, Query, Way
from answerable.core.trace import Step, Trace
from answerable.monitor.emitting import Place

HERE = Path(__file__).parent
KILLS = 3  # of each kind
KILL_AFTER = 400  # events
PACE_S = 0.005  # between two events of the killed process: 200 a second
USAGE = Usage(input=1800, cached=1200, output=90, cost=Decimal("0.00210"), currency="EUR")
STEPS = ("guard_question", "read", "embed", "dense", "lexical", "fuse", "rerank", "generate")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--answers", type=int, default=20_000)
    given.add_argument("--out", type=Path, default=HERE / "results" / "events.json")
    given.add_argument("--killed", nargs=3, metavar=("URL", "SPOOL", "MODE"), help="be the process that is killed")
    options = given.parse_args()
    if options.killed:
        asyncio.run(_write_until_killed(*options.killed))
        return
    with (
        tempfile.TemporaryDirectory(prefix="answerable-events-") as folder,
        Embedded.start(Path(folder)) as server,
    ):
        result = asyncio.run(_measured(server, options.answers, Path(folder)))
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


async def _measured(server: Embedded, answers: int, folder: Path) -> dict[str, Any]:
    await Migrations(server.admin_url, schema="answerable").migrate()
    service = await give_login(server.admin_url, schema="answerable", password=server.service_password)
    cpu = ServerCpu.of(folder)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    result: dict[str, Any] = {"machine": machine, "answers": answers}
    async with Database(service) as database:
        result["told"] = await _told(database, folder, cpu, answers // 4)
        result["bulk"] = await _bulk(database, folder, cpu, answers)
        result["size"] = _size(server.admin_url)
        result["killed"] = [
            await _killed(database, service, folder / f"{mode}{n}", mode)
            for mode in ("there", "away")
            for n in range(KILLS)
        ]
    return result


# --- one answer


def a_question(n: int) -> tuple[Trace, Query, Answer]:
    """The n-th, of one of 2,000 persons."""
    at = datetime.now(UTC)
    trace = Trace(tenant="default", id=f"tr_{n:026d}", started_at=at)
    rows = [
        {"document": f"doc_{(n + k) % 500:024d}", "score": 1.0 / (k + 1), "text": "Items can be returned. " * 40}
        for k in range(5)
    ]
    trace.steps = [Step(name=name, started_ms=10.0 * k, duration_ms=9.0) for k, name in enumerate(STEPS)]
    trace.steps += [
        Step(name="retrieve", started_ms=1.0, duration_ms=60.0),
        Step(
            name="answerable", started_ms=70.0, detail={"passages": rows, "answerable": True, "probability": 0.9}
        ),
    ]
    trace.embedding = [1.0 / 384**0.5] * 384
    trace.calls = [
        Call(
            use=use, provider="main", model="small-model-2026-05-01", outcome="ok", id=f"cl_{n}_{use}", at=at,
            reported="small-model-2026-05-01", prompt_id=use, prompt_version="2.3.0", duration_ms=900.0,
            first_text_ms=300.0, usage=USAGE,
        )
        for use in ("rewrite", "answer", "judge")
    ]  # fmt: skip
    cited = tuple(
        Citation(n=k + 1, chunk_id="c", document_id=str(rows[k]["document"]), quote="q", start=0, end=1)
        for k in (0, 1)
    )
    answer = Answer(
        id=f"an_{n:026d}", trace_id=trace.id, text="You can.", outcome=Outcome.ANSWERED, citations=cited,
        claims=tuple(Claim(start=k, end=k + 1) for k in range(3)), usage=USAGE, model="main/small-model-2026-05",
        timing_ms={"total": 1500.0, "first_text": 700.0}, prompt=("answer", "2.3.0", "a" * 64), index="emb@1",
    )  # fmt: skip
    person = Principal(id=f"person{n % 2000}")
    text = f"How long can I return headphones of kind {n % 700}?"
    way = Way(channel="page")
    return (
        trace,
        Query(text=text, tenant="default", principal=person, conversation=f"co_{n // 3}", way=way),
        answer,
    )


async def _emission(events: PostgresEvents) -> Emission:
    rules = EventsSection()
    rotation = Rotation(every_s=rules.rotate, link_s=rules.link)
    ring = KeyRing(keys=MemoryPersonKeys(), tenant="default", rotation=rotation)
    await ring.renew(datetime.now(UTC))
    place = Place(assistant="help", environment="production", code_version="0.1.0+0123456789ab")
    return Emission(events=events, ring=ring, place=place, counted=Counted(rules=rules), read=TurnReader().read)


async def _told(database: Database, folder: Path, server: ServerCpu, answers: int) -> dict[str, Any]:
    """The CPU of an answer: in its way, behind it, and of writing its events."""
    before, after, events_each = [], [], 0
    async with PostgresEvents(database, spool=folder / "spool", most_bytes=10**9) as events:
        emission = await _emission(events)
        questions = [a_question(n) for n in range(answers)]
        start, theirs = time.process_time(), server.seconds()
        for n, (trace, query, answer) in enumerate(questions):
            begun = time.thread_time_ns()
            emission.asked(trace, query, answer)
            before.append(time.thread_time_ns() - begun)
            begun = time.thread_time_ns()
            emission.work()
            after.append(time.thread_time_ns() - begun)
            if n % 500 == 499:  # the queue holds 5,000 events: more would go to the disk
                await emission.flush()
        await emission.flush()
        whole, theirs = time.process_time() - start, server.seconds() - theirs
        since = datetime.now(UTC) - timedelta(hours=1)
        async for _ in events.read(tenant="default", since=since, until=since + timedelta(hours=2)):
            events_each += 1
    return {
        "answers": answers,
        "events_an_answer": round(events_each / answers, 2),
        "before_the_answer_us": {"median": _us(before, 0.5), "p95": _us(before, 0.95)},
        "after_the_answer_us": {"median": _us(after, 0.5), "p95": _us(after, 0.95)},
        "writing_us": round((whole - (sum(before) + sum(after)) / 1e9) / answers * 1e6, 1),
        "server_us": round(theirs / answers * 1e6, 1),
    }


def _us(taken: list[int], q: float) -> float:
    return round(sorted(taken)[int(q * (len(taken) - 1))] / 1000, 1)


# --- many


async def _bulk(database: Database, folder: Path, server: ServerCpu, answers: int) -> dict[str, Any]:
    """`append` past the queue, as a backfill does."""
    made: list[Event] = []
    keeping = PostgresEvents(database, spool=folder / "none")
    emission = await _emission(keeping)
    emission.events = _Kept(made)  # type: ignore[assignment]  # only `write` is used of it
    for n in range(answers):
        emission.asked(*a_question(1_000_000 + n))
    emission.work()
    wall, own, theirs = time.perf_counter(), time.process_time(), server.seconds()
    new = 0
    for start in range(0, len(made), 5000):
        new += await keeping.append(made[start : start + 5000])
    wall, own, theirs = time.perf_counter() - wall, time.process_time() - own, server.seconds() - theirs
    again = await keeping.append(made[:5000])
    return {
        "events": new,
        "told_again_and_new": again,
        "wall_s": round(wall, 2),
        "rows_a_wall_second": round(new / wall),
        "own_cpu_us_a_row": round(own / new * 1e6, 1),
        "server_cpu_us_a_row": round(theirs / new * 1e6, 1),
    }


class _Kept:
    def __init__(self, made: list[Event]) -> None:
        self._made = made

    def write(self, event: Event) -> None:
        self._made.append(event)


def _size(owner: str) -> dict[str, Any]:
    with psycopg.connect(owner, autocommit=True, options="-c search_path=answerable,public") as conn:
        conn.execute("SELECT set_config('answerable.maintenance', 'on', false)")
        conn.execute("VACUUM ANALYZE event")
        row = conn.execute(
            """SELECT sum(pg_table_size(p.relid)), sum(pg_indexes_size(p.relid)),
                      (SELECT count(*) FROM event), (SELECT count(DISTINCT answer) FROM event WHERE answer <> '')
                 FROM pg_partition_tree('event') AS p WHERE p.isleaf"""
        ).fetchone()
    assert row is not None
    rows, indexes, events, answers = (int(one) for one in row)
    return {
        "events": events,
        "answers": answers,
        "bytes_an_event": {"row": round(rows / events), "indexes": round(indexes / events)},
        "bytes_an_answer": round((rows + indexes) / answers),
        "gb_a_million_answers": round((rows + indexes) / answers / 1000, 2),
    }


# --- a kill


class _Away(Database):
    """One that never answers."""

    @asynccontextmanager
    async def tenant(
        self, tenant: str, *, readonly: bool = False, snapshot: str | None = None
    ) -> AsyncIterator[Connection]:
        raise DatabaseUnreachable("away", hint="this is a drill")
        yield


async def _write_until_killed(url: str, spool: str, mode: str) -> None:
    async with Database(url) as database:
        used = _Away(url) if mode == "away" else database
        async with PostgresEvents(used, spool=Path(spool), most_bytes=10**9) as events:
            n = 0
            while True:
                events.write(Event(name="goal.reached", tenant=mode, props={"goal": f"{Path(spool).name}.{n}"}))
                n += 1
                os.write(1, b"%d\n" % n)
                await asyncio.sleep(PACE_S)


async def _killed(database: Database, url: str, spool: Path, mode: str) -> dict[str, Any]:
    """Written before the kill, there after the next start, and lost."""
    command = [sys.executable, __file__, "--killed", url, str(spool), mode]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    written, begun = 0, 0.0
    for line in child.stdout:
        begun = begun or time.perf_counter()
        written = int(line)
        if written >= KILL_AFTER:
            break
    rate = written / (time.perf_counter() - begun)
    child.kill()
    written = max([written, *(int(line) for line in child.stdout.read().split())])
    child.wait()
    async with PostgresEvents(database, spool=spool, most_bytes=10**9):
        while list(spool.glob("*.jsonl")):
            await asyncio.sleep(0.05)
    since = datetime.now(UTC) - timedelta(hours=1)
    found = PostgresEvents(database, spool=spool)
    there = [
        one
        async for one in found.read(tenant=mode, since=since, until=since + timedelta(hours=2))
        if str(one.props["goal"]).startswith(f"{spool.name}.")
    ]
    lost = written - len(there)
    return {
        "database": mode,
        "written": written,
        "a_second": round(rate),
        "there": len(there),
        "lost": lost,
        "lost_ms": round(lost / rate * 1000),
    }


if __name__ == "__main__":
    main()
