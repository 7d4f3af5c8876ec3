"""Telemetry stops for ten minutes under load: do answers get slower, and is an event lost?

    python benchmarks/telemetry_outage.py [--minutes 10] [--only PART] [--out FILE]
    python benchmarks/telemetry_outage.py --small          half a minute: shows that it runs

Two servers, each with a project and a database of its own, answer the same questions from a scripted provider at
the same time: whatever else the machine does, it does to both. For the first half telemetry is stopped for the
one, for the second half for the other; so what makes one server slower than the other cancels out. Stopped means
all at once: the table of events is locked (`LOCK TABLE event IN ACCESS EXCLUSIVE MODE`), so that no event can be
written, and the collector takes connections and never answers. Afterwards the events of every answer are counted
by its id.

Beside it, shorter: the process is killed (-9) while the table is locked; the disk of the spool is full; the whole
database is stopped, of which answers need the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from asking import Told, ask
from outage_counting import Counted, count_events, waiting_files
from proof import Goal, conclude, facts, over_rounds, quantile, quantiles, say
from provider_dies import configuration
from psycopg import sql
from scripted import Provider
from served import Served, marked, questions, served

from answerable.app.database import open_server
from answerable.app.project import Project

CLIENTS, THINK_S, ROUND_S = 2, 0.5, 30.0
CATCH_UP_S = 180.0
TOKENS = (("default", "ann"),)
TELEMETRY = """
[telemetry]
otlp = "{collector}"
"""
PARTS = ("load", "rest")


@dataclass(slots=True, kw_only=True)
class Seen:
    """What clients saw: (seconds since the beginning, server, what came). `out` says which server was cut off."""

    told: list[tuple[float, int, Told]] = field(default_factory=list)
    spans: list[tuple[float, float, int]] = field(default_factory=list)  # from, to, server without telemetry


@contextlib.contextmanager
def deaf_collector() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen(64)
        yield f"http://127.0.0.1:{one.getsockname()[1]}"


@contextlib.asynccontextmanager
async def locked(there: Served) -> AsyncIterator[None]:
    """Nobody reads or writes events meanwhile; all other tables are as they were."""
    async with (
        open_server(Project.open(there.folder / "answerable.toml")) as server,
        await psycopg.AsyncConnection.connect(server.owner_url) as conn,
    ):
        table = sql.Identifier(server.schema, "event")
        await conn.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(table))
        yield
        await conn.rollback()


async def load(servers: Sequence[Served], seen: Seen, began: float, until: float, known: Sequence[str]) -> None:
    """Each question goes to every server at once."""

    async def client(number: int) -> None:
        chance = random.Random(number)
        async with contextlib.AsyncExitStack() as stack:
            ways = [await stack.enter_async_context(one.client()) for one in servers]
            while time.monotonic() < until:
                question, marker = marked(chance.choice(known))
                stream = chance.random() < 0.5
                order = chance.sample(range(len(ways)), len(ways))
                for place in order:
                    at = time.monotonic() - began
                    told = await ask(ways[place], question, stream=stream, marker=marker)
                    seen.told.append((at, place, told))
                await asyncio.sleep(chance.uniform(0.5, 1.5) * THINK_S)

    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(client(number))


async def crossover(servers: Sequence[Served], minutes: Sequence[float], known: Sequence[str]) -> Seen:
    """Load on both; telemetry is stopped for the first, then for the second."""
    seen = Seen()
    warm = Seen()
    began = time.monotonic()
    await load(servers, warm, began, began + min(20.0, 15 * minutes[0]), known)
    seen.told = []
    for place, there in enumerate(servers):
        first = time.monotonic() - began
        async with locked(there):
            say(f"{first:5.0f} s  telemetry of server {place} is stopped")
            await load(servers, seen, began, began + first + 60 * minutes[place], known)
            say(f"         {waiting_files(there.folder)} files wait on its disk")
        seen.spans.append((first, time.monotonic() - began, place))
        say(f"         {slowdown(seen)}")
    seen.told += warm.told
    return seen


def slowdown(seen: Seen) -> dict[str, Any]:
    """p50 and p95 with telemetry and without, over rounds of half a minute, in both halves."""
    with_, without, halves = [], [], []
    for first, last, out in seen.spans:
        here = len(with_)
        for start in _rounds(first, last):
            took = {
                place: [
                    told.took_s * 1000
                    for at, server, told in seen.told
                    if server == place and start <= at < start + ROUND_S and told.answered
                ]
                for place in (0, 1)
            }
            if took[0] and took[1]:
                without.append(took[out])
                with_.append(took[1 - out])
        if with_[here:]:
            halves.append(over_rounds(_change(0.95), without[here:], with_[here:])["value"])
    return {
        "p95_change_halves": halves,
        "p95_change_mean_of_halves": round(sum(halves) / len(halves), 4) if halves else None,
        "rounds": len(with_),
        "with": quantiles([one for each in with_ for one in each]),
        "without": quantiles([one for each in without for one in each]),
        "p50_change": over_rounds(_change(0.5), without, with_),
        "p95_change": over_rounds(_change(0.95), without, with_),
    }


def _rounds(first: float, last: float) -> list[float]:
    return [first + ROUND_S * n for n in range(max(1, int((last - first) // ROUND_S)))]


def _change(share: float) -> Any:
    def measure(ours: Sequence[float], theirs: Sequence[float]) -> float:
        return (quantile(list(ours), share) or 0.0) / (quantile(list(theirs), share) or 1.0) - 1.0

    return measure


async def caught_up(there: Served, told: Sequence[Told]) -> tuple[Counted, float]:
    """Events of these answers once everything that waited is written, and how long that took."""
    began = time.monotonic()
    counted = await count_events(there.folder, told)
    while time.monotonic() - began < CATCH_UP_S and (counted.lost or waiting_files(there.folder)):
        await asyncio.sleep(1.0)
        counted = await count_events(there.folder, told)
    return counted, time.monotonic() - began


async def measure_load(options: argparse.Namespace, config: str) -> dict[str, Any]:
    """The crossover, and what became of the events."""
    known = questions()["en"]
    async with served(config, tokens=TOKENS) as one, served(config, tokens=TOKENS) as two:
        seen = await crossover((one, two), (options.minutes, options.second), known)
        found: dict[str, Any] = {"minutes": [options.minutes, options.second], **slowdown(seen)}
        found["outcomes"] = dict(Counter(told.outcome for _, _, told in seen.told).most_common())
        for place, there in enumerate((one, two)):
            mine = [told for _, server, told in seen.told if server == place]
            counted, took = await caught_up(there, mine)
            found[f"server_{place}"] = {**counted.row(), "caught_up_s": round(took, 1)}
            found["crashes"] = [*found.get("crashes", ()), *there.crashes()[:3]]
    return found


async def measure_rest(config: str) -> dict[str, Any]:
    """Shorter outages of one server, one after the other; the last one ends it."""
    async with served(config, tokens=TOKENS) as there:
        return {
            "disk": await without_disk(there),
            "database": await without_database(there),
            "kill": await killed(there),
        }


async def without_disk(there: Served) -> dict[str, Any]:
    """Events are blocked and nothing can be put on disk: a file stands where the folder should be."""
    seen, known = Seen(), questions()["en"]
    spool = there.folder / ".answerable" / "spool" / "events"
    aside = spool.with_name("events-aside")
    if spool.exists():
        spool.rename(aside)
    spool.parent.mkdir(parents=True, exist_ok=True)
    spool.write_text("in the way")
    began = time.monotonic()
    async with locked(there):
        await load([there], seen, began, began + 20.0, known)
    spool.unlink()
    if aside.exists():
        aside.rename(spool)
    counted, took = await caught_up(there, [told for _, _, told in seen.told])
    said = [line for line in there.stderr.read_text(errors="replace").splitlines() if "loses" in line]
    return {**counted.row(), "caught_up_s": round(took, 1), "outcomes": _outcomes(seen), "said": said[:2]}


async def without_database(there: Served) -> dict[str, Any]:
    """The whole database stands still (SIGSTOP) for twenty seconds: what answers do, and where events are then."""
    seen, known = Seen(), questions()["en"]
    pids = [there.postmaster, *_children(there.postmaster)]
    began = time.monotonic()
    await load([there], seen, began, began + 8.0, known)
    before = len(seen.told)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        await load([there], seen, began, time.monotonic() + 20.0, known)
    finally:
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    during = seen.told[before:]
    await load([there], seen, began, time.monotonic() + 8.0, known)
    counted, took = await caught_up(there, [told for _, _, told in seen.told])
    return {
        **counted.row(),
        "caught_up_s": round(took, 1),
        "outcomes_meanwhile": dict(Counter(told.outcome for _, _, told in during).most_common()),
        "took_meanwhile_ms": quantiles([told.took_s * 1000 for _, _, told in during]),
    }


async def killed(there: Served) -> dict[str, Any]:
    """Events are blocked, the process is killed, another one takes its place."""
    seen, known = Seen(), questions()["en"]
    began = time.monotonic()
    async with locked(there):
        await load([there], seen, began, began + 20.0, known)
        await asyncio.sleep(2.0)
        os.kill(there.pid, signal.SIGKILL)
    command = [sys.executable, "-m", "answerable", "serve", "--port", "0"]
    with (there.folder / "again.txt").open("w") as log:
        again = subprocess.Popen(command, cwd=there.folder, stdout=log, stderr=log)
    try:
        counted, took = await caught_up(there, [told for _, _, told in seen.told])
    finally:
        again.send_signal(signal.SIGINT)
        again.wait(60)
    return {**counted.row(), "caught_up_s": round(took, 1)}


def _outcomes(seen: Seen) -> dict[str, int]:
    return dict(Counter(told.outcome for _, _, told in seen.told).most_common())


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found]


async def measure(options: argparse.Namespace, result: dict[str, Any]) -> dict[str, Any]:
    """Every part that is wanted, each kept as soon as it is there."""
    with Provider() as provider, deaf_collector() as collector:
        provider.order(script="marked")
        config = configuration({"main": provider.url}) + TELEMETRY.format(collector=collector)
        for name in PARTS:
            if options.only not in ("", name):
                continue
            say(f"--- {name}")
            if name == "load":
                result[name] = await measure_load(options, config)
            else:
                result |= await measure_rest(config)
            say(json.dumps(result))
    return result


def goals(result: dict[str, Any]) -> list[Goal]:
    """What is to be shown."""
    found = []
    if one := result.get("load"):
        found += [
            Goal(what="p95 of answers without telemetry, change", at_most=5, unit="%",
                 figure=100 * one["p95_change_mean_of_halves"]),
            Goal(what="events lost in the outage", at_most=0,
                 figure=float(one["server_0"]["lost"] + one["server_1"]["lost"])),
            Goal(what="events told twice", at_most=0,
                 figure=float(one["server_0"]["twice"] + one["server_1"]["twice"])),
        ]  # fmt: skip
    if one := result.get("database"):
        found.append(Goal(what="events lost while the whole database stood", at_most=0, figure=float(one["lost"])))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="without telemetry, for the first server")
    parser.add_argument("--second", type=float, help="minutes for the second server; as long as for the first")
    parser.add_argument("--only", choices=("", *PARTS), default="")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.minutes = 0.5 if options.small else options.minutes
    options.second = options.second or options.minutes
    result = facts(
        f"python benchmarks/telemetry_outage.py --minutes {options.minutes:g} --second {options.second:g}"
    )
    return conclude(asyncio.run(measure(options, result)), goals(result), options.out)


if __name__ == "__main__":
    sys.exit(main())
