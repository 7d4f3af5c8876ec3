"""What the gateway itself costs, beside a bare call and beside what people use instead.

    python benchmarks/gateway.py [--minutes 30] [--cache DIR] [--only NAME …] [--out FILE]
    python benchmarks/gateway.py --small            2 rounds, few requests, ours and bare calls alone

A scripted model at 0 ms in a process of its own (`peers/gateway_model.py`, prepared bytes); every contender in one
of its own too, all with the loop of `peers/gateway_load.py` and the same prompt of 4 kB: 1, 16 and 64 calls at
once, whole and streamed, a caller's next call as soon as its last is done. At 0 ms that is a full processor: with
64 callers a latency is 64 times the CPU of a call, the model server and the caller on two cores. So 64 at once is
measured a second time with a model that takes 500 ms, where there is room. Rounds go through all contenders and
back again, so that a noise hits all of them. Intervals: 95 %, bootstrap over rounds. CPU is the contender's own.

The peers stand in environments that pip makes below --cache from `peers/gateway_NAME.txt`.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from proof import Goal, conclude, facts, over_rounds, quantiles, say

from answerable.adapters.embedders.cache import default_cache_folder

HERE = Path(__file__).parent / "peers"
GOAL_MS = 5.0
PATIENCE_S = 120.0  # for one round of one contender


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to ask the model. `on` and `off` say what it does besides, so that like stands beside like."""

    name: str
    program: str
    on: str
    off: str
    env: str = ""  # its environment's name; empty: ours
    arguments: tuple[str, ...] = ()

    def python(self, cache: Path) -> str:
        return str(cache / self.env / "bin" / "python") if self.env else sys.executable


BARE, LEAN, OURS = "httpx", "httpx2", "answerable"
CONTENDERS = (
    Contender(
        name=BARE, program="gateway_bare.py", arguments=("httpx",), on="", off="retries, fallback, prices, books"
    ),
    Contender(
        name=LEAN, program="gateway_bare.py", arguments=("httpx2",), on="", off="retries, fallback, prices, books"
    ),
    Contender(
        name=OURS,
        program="gateway_answerable.py",
        on="two providers, a last resort, retries with a budget, breaker, limits, prices, books, meter, trace",
        off="cache",
    ),
    Contender(
        name="openai",
        program="gateway_openai.py",
        env="gateway_openai",
        on="retries",
        off="fallback (has none), prices",
    ),
    Contender(
        name="pydantic-ai",
        program="gateway_pydantic_ai.py",
        env="gateway_pydantic_ai",
        on="two models by fallback, the SDK's retries",
        off="prices, instrumentation",
    ),
    Contender(
        name="litellm",
        program="gateway_litellm.py",
        env="gateway_litellm",
        on="two deployments by fallback, a retry, cooldown, cost of every call",
        off="proxy, callbacks",
    ),
    Contender(
        name="any-llm",
        program="gateway_any_llm.py",
        env="gateway_any_llm",
        on="the SDK's retries",
        off="fallback (has none), prices",
    ),
)


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """So many at once, whole or streamed, from a model that takes so long."""

    late_ms: int
    concurrency: int
    stream: bool

    def __str__(self) -> str:
        kind = "stream" if self.stream else "whole"
        return f"{self.concurrency} at once, {kind}" + (f", model {self.late_ms} ms" if self.late_ms else "")


CONDITIONS = tuple(
    Condition(late_ms, concurrency, stream)
    for late_ms, concurrency in ((0, 1), (0, 16), (0, 64), (500, 64))
    for stream in (False, True)
)


@dataclass(slots=True)
class Record:
    """What one contender did under one condition, a list a round."""

    took_ms: list[list[float]] = field(default_factory=list)
    first_ms: list[list[float]] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)  # a call
    failed: list[str] = field(default_factory=list)


class Worker:
    """A contender's process."""

    def __init__(self, contender: Contender, cache: Path) -> None:
        self.contender = contender
        command = [contender.python(cache), str(HERE / contender.program), *contender.arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.hung = ""  # under which condition it gave no report in time: from then on it is left out
        self.memory_mb = 0.0
        self.facts = self._line() or {}

    def carry(self, base: str, condition: Condition, requests: int) -> Mapping[str, Any] | None:
        """One round; None where it does not end."""
        if self.hung:
            return None
        order = {
            "base": base,
            "concurrency": condition.concurrency,
            "requests": requests,
            "stream": condition.stream,
            "warm": condition.concurrency,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        report = self._line()
        if report is None:
            self.hung = str(condition)
            say(f"{self.contender.name} gave no report within {PATIENCE_S} s: {condition}; left out from here on")
            self._process.kill()
            return None
        self.memory_mb = max(self.memory_mb, report["memory_mb"])
        return report

    def _line(self) -> dict[str, Any] | None:
        """Its next report; None where none comes in time, or it has ended."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                line = self._said.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if not line:
                return None
            if line.startswith("{"):
                return json.loads(line)

    def _listen(self) -> None:
        for line in self._process.stdout:
            self._said.put(line)
        self._said.put("")

    def close(self) -> None:
        """End it; one that does not end by itself is killed."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def model() -> Iterator[str]:
    """The scripted model in its own process; its address."""
    command = [sys.executable, str(HERE / "gateway_model.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait(timeout=30)


def build(cache: Path, contenders: Sequence[Contender]) -> None:
    """The environments that are not there yet."""
    for env in dict.fromkeys(one.env for one in contenders if one.env):
        ready = cache / env / ".ready"
        if ready.exists():
            continue
        say(f"building {cache / env}")
        subprocess.run([sys.executable, "-m", "venv", str(cache / env)], check=True)
        wanted = ["-r", str(HERE / f"{env}.txt")]
        pip = [str(cache / env / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *wanted], check=True)
        ready.touch()


def requests_of(condition: Condition, *, small: bool) -> int:
    """How many calls a round has."""
    least = 40 if small else 80
    return max(least, condition.concurrency * (2 if small else 5))


def rounds(
    workers: Sequence[Worker], address: str, *, minutes: float, small: bool
) -> tuple[int, dict[tuple[str, Condition], Record]]:
    """Round by round, forth and back, until another would pass the time; at least two."""
    kept: dict[tuple[str, Condition], Record] = {}
    began, count = time.monotonic(), 0
    while count < 2 or (time.monotonic() - began) * (count + 1) / count < minutes * 60:
        for condition in CONDITIONS:
            if small and condition.concurrency == 16:
                continue
            base = f"{address}/late/{condition.late_ms}/v1" if condition.late_ms else f"{address}/v1"
            for worker in workers if count % 2 == 0 else reversed(workers):
                report = worker.carry(base, condition, requests_of(condition, small=small))
                if report is not None:
                    _keep(kept.setdefault((worker.contender.name, condition), Record()), report)
        count += 1
        say(f"round {count} after {time.monotonic() - began:.0f} s")
    return count, kept


def _keep(record: Record, report: Mapping[str, Any]) -> None:
    took = report["took_ms"] or [float("nan")]
    record.took_ms.append(took)
    record.first_ms.append(report["first_ms"])
    record.cpu_ms.append(report["cpu_s"] * 1000 / len(took))
    record.failed += report["failed"]


def compared(record: Record, bare: Record, lean: Record | None) -> dict[str, Any]:
    """One row: the quantiles, and what they are over bare httpx; and, without interval, over bare httpx2."""
    row: dict[str, Any] = {
        "took_ms": quantiles([one for each in record.took_ms for one in each]),
        "first_ms": quantiles([one for each in record.first_ms for one in each]),
        "cpu_ms": round(float(np.mean(record.cpu_ms)), 3),
        "failed": len(record.failed),
        "failures": sorted(set(record.failed))[:3],
    }
    for name, at in (("p50", 50), ("p99", 99)):
        row[f"over_{name}_ms"] = over_rounds(
            lambda a, b, at=at: float(np.percentile(a, at) - np.percentile(b, at)), record.took_ms, bare.took_ms
        )
        row[f"ratio_{name}"] = over_rounds(
            lambda a, b, at=at: float(np.percentile(a, at) / np.percentile(b, at)), record.took_ms, bare.took_ms
        )
    if lean is not None:
        found = quantiles([one for each in lean.took_ms for one in each])
        row["over_httpx2_ms"] = {name: round(row["took_ms"][name] - found[name], 2) for name in ("p50", "p99")}
    row["over_cpu_ms"] = round(float(np.mean(record.cpu_ms) - np.mean(bare.cpu_ms)), 3)
    return row


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """The figures, condition by condition."""
    for condition in dict.fromkeys(row["condition"] for row in rows):
        print(
            f"\n{condition}\n{'':<14}{'p50':>9}{'p95':>9}{'p99':>9}"
            f"{'over p50':>10}{'over p99':>10}{'CPU ms':>9}  failed"
        )
        for row in rows:
            if row["condition"] == condition:
                took = row["took_ms"]
                print(
                    f"{row['contender']:<14}{took['p50']:>9.2f}{took['p95']:>9.2f}{took['p99']:>9.2f}"
                    f"{row['over_p50_ms']['value']:>+10.2f}{row['over_p99_ms']['value']:>+10.2f}{row['cpu_ms']:>9.2f}"
                    f"  {row['failed'] or ''}"
                )  # fmt: skip


def goals(rows: Sequence[Mapping[str, Any]]) -> list[Goal]:
    """What is to be shown; each is of the run's own bare call."""
    ours = [row for row in rows if row["contender"] == OURS]
    made = [
        Goal(
            what=f"p99 over bare httpx, {row['condition']}",
            at_most=GOAL_MS,
            figure=row["over_p99_ms"]["value"],
            unit="ms",
        )
        for row in ours
        if row["concurrency"] == 64
    ]
    made += [
        Goal(
            what=f"p99 over bare httpx2, {row['condition']}",
            at_most=GOAL_MS,
            figure=row["over_httpx2_ms"]["p99"],
            unit="ms",
        )
        for row in ours
        if row["late_ms"] and "over_httpx2_ms" in row
    ]
    return [*made, Goal(what="our calls that failed", at_most=0, figure=float(sum(row["failed"] for row in ours)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0, help="rounds are added while another one fits")
    parser.add_argument("--small", action="store_true", help="two rounds of few requests, without peers")
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "peers")
    parser.add_argument("--only", nargs="*", help="for a look; httpx and answerable are always there")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    names = options.only if options.only is not None else ["httpx2"] if options.small else None
    chosen = [one for one in CONTENDERS if names is None or one.name in (BARE, OURS, *names)]
    build(options.cache, chosen)
    size = "--small" if options.small else f"--minutes {options.minutes:g}"
    result = facts(f"python benchmarks/gateway.py {size}")
    with ExitStack() as stack:
        address = stack.enter_context(model())
        workers = [Worker(one, options.cache) for one in chosen]
        for worker in workers:
            stack.callback(worker.close)
        count, kept = rounds(
            workers, address, minutes=0 if options.small else options.minutes, small=options.small
        )
        contenders = [
            {
                "name": one.contender.name,
                "on": one.contender.on,
                "off": one.contender.off,
                **one.facts,
                "memory_mb": one.memory_mb,
                "hung": one.hung,
            }
            for one in workers
        ]
    rows = [
        {
            "contender": name,
            "condition": str(condition),
            "concurrency": condition.concurrency,
            "stream": condition.stream,
            "late_ms": condition.late_ms,
            **compared(record, kept[BARE, condition], kept.get((LEAN, condition))),
        }
        for (name, condition), record in kept.items()
        if len(record.took_ms) == count  # of one that hung, only what it did in every round
    ]
    rows.sort(key=lambda row: (row["late_ms"], row["concurrency"], row["stream"], row["contender"] != BARE))
    table(rows)
    made = goals(rows)
    return conclude({**result, "rounds": count, "contenders": contenders, "rows": rows}, made, options.out)


if __name__ == "__main__":
    sys.exit(main())
