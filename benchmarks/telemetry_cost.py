"""What OpenTelemetry costs an answer: CPU with the export off, on, and with a collector that is away.

    python benchmarks/telemetry_cost.py [--rounds 10] [--asks 40] [--out FILE]
    python benchmarks/telemetry_cost.py --small         2 rounds of 5: whether it runs

A project of five pages in a fresh folder, an embedded Postgres, a scripted model in a process of its own, and
a receiver for OTLP in another. One system an arm, all open at once; rounds go through the arms and back again,
so that a noise hits all of them. CPU is this process's own, threads and all, from the first question of a turn
until what was told is the receiver's, or on disk; Postgres, model and receiver are not in it. Besides: what
telling one answer takes on the event loop, and what making its bytes takes in a thread.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from proof import Goal, conclude, facts, over_rounds, say

from answerable.app import Project, System, open_system
from answerable.cli import syncing
from answerable.core.traceparent import TraceParent
from answerable.testing.projects import CONFIG, make_project

RESULT = Path(__file__).parent / "results" / "telemetry_cost.json"
GONE = "http://127.0.0.1:9"  # nobody listens there
GOAL_LOOP_US, GOAL_SHARE = 50.0, 0.05
ROUTE = """
[[route]]
use = "answer"
chain = ["main", "extractive"]

[provider.main]
kind = "openai-compatible"
base_url = "{url}/v1"
model = "scripted-1"
timeout = "20s"
first_token = "20s"
between_tokens = "20s"

[cache]
exact = "off"
"""
SERVE = """
import asyncio, sys
from answerable.testing.otlp_receiver import receiving
async def main():
    async with receiving() as one:
        print(one.address, flush=True)
        while True:
            await asyncio.sleep(1)
            one.requests.clear()
asyncio.run(main())
"""
MODEL = """
import sys
from answerable.testing.model_server.server import ModelServer
with ModelServer(keep=10) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


def served(program: str, stack: AsyncExitStack) -> str:
    """A program in a process of its own, ended with the stack; the address that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert process.stdout
    return process.stdout.readline().strip()


async def opened(folder: Path, stack: AsyncExitStack) -> dict[str, System]:
    """One system an arm, all on the same database."""
    model, collector = served(MODEL, stack), served(SERVE, stack)
    arms = {"off": ("", "none"), "none": (collector, "none"), "redacted": (collector, "redacted"),
            "away": (GONE, "none")}  # fmt: skip
    found: dict[str, System] = {}
    for name, (address, content) in arms.items():
        told = f'\n[telemetry]\notlp = "{address}"\ncontent = "{content}"\n' if address else ""
        one = make_project(folder / name, config=f"{CONFIG}{ROUTE.format(url=model)}{told}")
        if found:
            state = folder / "off" / ".answerable"
            (folder / name / ".answerable").mkdir(exist_ok=True)
            for part in state.iterdir():
                if part.name not in ("spool", "calls"):
                    (folder / name / ".answerable" / part.name).symlink_to(part)
        system = await stack.enter_async_context(open_system(Project.open(one.config)))
        if not found:
            await syncing.sync_all(system, system.settings.source)
        await system.warm()
        found[name] = system
    return found


async def turn(system: System, asks: int) -> list[float]:
    """CPU in µs an answer, once a turn: the journal's and the telemetry's writing is in it."""
    begun = time.process_time()
    for _ in range(asks):
        query = system.query("How long can I return an item that I bought?")
        answer = await system.asker.ask(query)
        assert answer.outcome.answers, answer
    await system.journal.flush()
    if (exporting := system.operations.watching.exporting) is not None:
        await exporting.telemetry.sender.flush()
    return [(time.process_time() - begun) / asks * 1e6]


async def parts(system: System) -> dict[str, float]:
    """Of one real answer: µs on the loop to tell it, µs in a thread to make its bytes, and how many bytes."""
    exporting = system.operations.watching.exporting
    assert exporting is not None
    kept: list[Any] = []
    real = exporting.telemetry.sender.tell

    def tell(signal: Any, what: object) -> None:
        kept.append(what)

    exporting.telemetry.sender.tell = tell  # type: ignore[method-assign]
    await system.asker.ask(system.query("How long can I return an item that I bought?"))
    told = kept[0]
    told.trace.parent = TraceParent(trace_id="4" * 32, span_id="1" * 16)
    loop = []
    for _ in range(20):
        begun = time.process_time()
        for _ in range(100):
            exporting.telemetry.answered(told.trace, told.query, told.answer, told.rendered)
        loop.append((time.process_time() - begun) * 1e4)
    exporting.telemetry.sender.tell = real  # type: ignore[method-assign]
    made = []
    for _ in range(20):
        begun = time.process_time()
        requests = exporting.telemetry.packing.pack([told] * 50)
        made.append((time.process_time() - begun) / 50 * 1e6)
    (request,) = requests
    return {
        "loop_us": round(statistics.median(loop), 1),
        "thread_us": round(statistics.median(made), 1),
        "bytes": len(request.body) // 50,
        "spans": request.many // 50,
    }


async def measured(folder: Path, rounds: int, asks: int) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        systems = await opened(folder, stack)
        names = list(systems)
        for system in systems.values():
            await turn(system, 3)
        found: dict[str, list[list[float]]] = {name: [] for name in names}
        for number in range(rounds):
            for name in names if number % 2 == 0 else reversed(names):
                found[name].append(await turn(systems[name], asks))
            say(f"round {number + 1} of {rounds}: " + ", ".join(f"{n} {found[n][-1][0]:.0f}" for n in names))
        dropped = {
            name: sum(one.operations.watching.exporting.telemetry.sender.tally.dropped.values())
            for name, one in systems.items() if one.operations.watching.exporting
        }  # fmt: skip
        details = {name: await parts(systems[name]) for name in ("none", "redacted")}
    medians = {name: round(statistics.median(one[0] for one in values)) for name, values in found.items()}
    more = {
        name: over_rounds(lambda a, b: float((a - b).mean()), found[name], found["off"])
        for name in names if name != "off"
    }  # fmt: skip
    return {
        "rounds": rounds,
        "asks": asks,
        "cpu_us": medians,
        "more_us": more,
        "parts": details,
        "dropped": dropped,
    }


def goals_of(result: dict[str, Any]) -> list[Goal]:
    """The share is of what was measured alone: the difference of whole turns is smaller than their noise."""
    one = result["parts"]["none"]
    return [
        Goal(what="telling an answer, on the event loop", at_most=GOAL_LOOP_US, unit="µs", figure=one["loop_us"]),
        Goal(
            what="telling it and making its bytes, of an answer's CPU",
            at_most=GOAL_SHARE,
            figure=(one["loop_us"] + one["thread_us"]) / result["cpu_us"]["off"],
        ),
        Goal(what="dropped", at_most=0, figure=float(sum(result["dropped"].values()))),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--asks", type=int, default=40)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    rounds, asks = (2, 5) if given.small else (given.rounds, given.asks)
    kept = facts("python benchmarks/telemetry_cost.py")
    folder = Path(tempfile.mkdtemp(prefix="answerable-telemetry-"))
    try:
        result = {**kept, **asyncio.run(measured(folder, rounds, asks))}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({key: result[key] for key in ("cpu_us", "more_us", "parts", "dropped")}, indent=1))
    return conclude(result, goals_of(result), None if given.small else given.out)


if __name__ == "__main__":
    sys.exit(main())
