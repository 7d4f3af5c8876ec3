"""Speed of the embedding engine: passages per CPU-second by length and batch, latency, start-up and memory.

    python benchmarks/embedding.py [--precision int8] [--out FILE]

CPU-seconds are of one core, so that other work on the machine changes them little; latencies are wall time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from answerable.adapters.embedders.engine import Engine
from answerable.adapters.embedders.graph import cached_graph
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights

LENGTHS = (27, 123, 251)  # tokens
ROWS = (1, 4, 8, 16, 32)
WORDS = (
    "the policy applies to all full time employees who bought a laptop from the store within thirty days".split()
)
QUERY = "How many days do I have to return a laptop?"


async def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        report: dict[str, Any] = {
            "cpu": _cpu(),
            "python": platform.python_version(),
            "precision": options.precision,
        }
        report["import_cpu_ms"] = _import_cpu_ms()
        started = time.process_time()
        graph = cached_graph(find_weights(), cache=cache, precision=options.precision)
        report["graph_build_cpu_s"] = round(time.process_time() - started, 2)
        report["passages_per_cpu_s"] = _speed(Engine(graph))
        report |= await _latency(cache, options.precision)
        report["serving_memory_mb"] = _serving_memory_mb(cache, options.precision)
    report["peak_memory_mb_of_all_this"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(report, indent=1))
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _speed(engine: Engine) -> dict[str, dict[str, float]]:
    """Tokens → rows a batch → passages per CPU-second."""
    found: dict[str, dict[str, float]] = {}
    for length in LENGTHS:
        found[str(length)] = {}
        for rows in ROWS:
            batch = [[101, *range(2000, 2000 + length - 2), 102]] * rows
            engine.run(batch)
            done, started = 0, time.process_time()
            while time.process_time() - started < 1.0:
                engine.run(batch)
                done += rows
            found[str(length)][str(rows)] = round(done / (time.process_time() - started), 1)
    return found


async def _latency(cache: Path, precision: str) -> dict[str, Any]:
    embedder = MiniLM(find_weights(), cache=cache, precision=precision)
    started = time.perf_counter()
    await embedder.embed([QUERY], kind="query")
    first_ms = (time.perf_counter() - started) * 1000
    idle = await _queries(embedder, 100)
    passages = [" ".join(WORDS[(n + k) % len(WORDS)] for k in range(100)) for n in range(800)]
    bulk = asyncio.create_task(embedder.embed(passages, kind="passage"))
    await asyncio.sleep(0.5)
    busy = await _queries(embedder, 40)
    busy["bulk_was_running"] = not bulk.done()
    bulk.cancel()
    await asyncio.gather(bulk, return_exceptions=True)
    embedder.close()
    return {"first_query_ms": round(first_ms), "query_ms": idle, "query_ms_beside_bulk": busy}


async def _queries(embedder: MiniLM, count: int) -> dict[str, Any]:
    waits = []
    for number in range(count):
        started = time.perf_counter()
        await embedder.embed([f"{QUERY} ({number})"], kind="query")
        waits.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.005)
    p50, p95 = np.percentile(waits, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1), "n": count}


def _import_cpu_ms() -> float:
    """CPU time to import the adapter in a fresh process, the best of five; numpy is most of it."""
    program = (
        "import time; started = time.process_time(); import answerable.adapters.embedders.minilm; "
        "print(time.process_time() - started)"
    )
    runs = [float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(5)]
    return round(min(runs) * 1000)


def _serving_memory_mb(cache: Path, precision: str) -> int:
    """Peak memory of a fresh process that embeds one query with the graph already built (Linux)."""
    program = (
        "import asyncio, pathlib; from answerable.adapters.embedders.minilm import MiniLM; "
        "from answerable.adapters.embedders.weights import find_weights; "
        f"one = MiniLM(find_weights(), cache=pathlib.Path({str(cache)!r}), precision={precision!r}); "
        "asyncio.run(one.embed(['a question'], kind='query')); one.close(); "
        "status = pathlib.Path('/proc/self/status').read_text(); "
        "print(next(line.split()[1] for line in status.splitlines() if line.startswith('VmHWM')))"
    )
    return round(int(subprocess.check_output([sys.executable, "-c", program])) / 1024)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precision", choices=("fp32", "int8"), default="fp32")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
