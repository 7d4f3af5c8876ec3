"""What `eval run` costs and keeps, on the sample project's cases, with processes as people start them.

    python benchmarks/evaluation.py [--out benchmarks/results/evaluation.json]

Four things: wall time and rows a second on the extractive route; two runs of one fingerprint, from the cache and
with --no-cache, compared row by row; a run killed with SIGKILL and taken up with --resume, its rows counted before
and after; and cost with a scripted model server behind the route, at a made-up price. The scripted model answers
at once by rule: its figures are times, rows and money, never a model's quality.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerable.app import Project, open_system
from answerable.core.evaluation import Row, Run
from answerable.evals.runs.sameness import differences
from answerable.testing.model_server.behaviors import Cite
from answerable.testing.model_server.server import ModelServer

PRICE = {"input": 0.5, "output": 1.5}  # made up, per million tokens
ROUTE = """
[[route]]
use = "answer"
chain = ["main", "extractive"]
[provider.main]
kind = "openai-compatible"
base_url = "{url}"
model = "scripted"
timeout = "20s"
first_token = "20s"
[price.scripted]
input = {input}
output = {output}
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "answerable", *arguments]


def run(folder: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """`eval run` to its end: its report, and the process's wall time in seconds."""
    began = time.perf_counter()
    asked = command("eval", "run", "--format", "json", *arguments)
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode not in (0, 5, 14):
        raise SystemExit(done.stderr)
    return json.loads(done.stdout), took


async def read(folder: Path) -> list[tuple[Run, list[Row]]]:
    """Every run with its rows, oldest first."""
    async with open_system(Project.open(folder / "answerable.toml")) as system:
        tenant = system.settings.project.tenant
        runs = (await system.runs.runs(tenant=tenant, limit=100))[::-1]
        return [(one, await system.runs.rows(tenant=tenant, run=one.id)) for one in runs]


def kept(folder: Path) -> list[tuple[Run, list[Row]]]:
    return asyncio.run(read(folder))


def summary(report: dict[str, Any], took: float) -> dict[str, Any]:
    """The figures of one run."""
    there, cached = report["rows"]["there"], report["rows"]["cached"]
    return {
        "process_s": round(took, 2),
        "rows": there,
        "cached": cached,
        "rows_per_process_s": round(there / took, 1),
        "passed": report["overall"]["text"],
        "unmeasured": report["overall"]["unmeasured"],
        "p50_ms": report["latency"]["p50"]["ms"] if report["latency"]["n"] else None,
        "p95_ms": report["latency"]["p95"]["ms"] if report["latency"]["n"] else None,
        "cost": report["cost"]["answers"],
        "degraded": report["degraded"],
    }


def same(folder: Path, first: str, second: str) -> dict[str, Any]:
    """Two runs, row by row."""
    found = {one.id: (one, rows) for one, rows in kept(folder)}
    (one, left), (other, right) = found[first], found[second]
    return {
        "fingerprints_equal": dict(one.fingerprint) == dict(other.fingerprint),
        "rows": len(left),
        "rows_that_differ": len(differences(left, right)),
    }


def killed(folder: Path, rows: int) -> dict[str, Any]:
    """A run killed when a quarter of it or more is there, and taken up."""
    process = subprocess.Popen(
        command("eval", "run", "--no-cache"),
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stderr:
        if (done := re.match(r"(\d+) of \d+ rows", line)) and int(done[1]) >= rows // 4:
            break
    process.kill()
    process.wait()
    process.stderr.close()
    run_of, before = kept(folder)[-1]
    report, _ = run(folder, "--no-cache", "--resume")
    again, after = next(pair for pair in kept(folder) if pair[0].id == run_of.id)
    places = Counter((row.case, row.repeat) for row in after)
    unchanged = [row for row in before if row in after]
    return {
        "rows_before_the_kill": len(before),
        "of_them_kept_as_they_were": len(unchanged),
        "rows_after_resume": len(after),
        "duplicates": sum(count - 1 for count in places.values()),
        "same_run": report["run"]["id"] == run_of.id,
        "finished": again.finished_at is not None,
    }


def measure(folder: Path) -> dict[str, Any]:
    subprocess.run(command("init", str(folder), "--sample"), check=True, capture_output=True)
    subprocess.run(command("source", "sync"), cwd=folder, check=True, capture_output=True)
    first, took = run(folder, "--no-cache")
    result: dict[str, Any] = {"extractive": summary(first, took)}
    cached, took = run(folder)
    result["from_the_cache"] = summary(cached, took)
    result["same_from_the_cache"] = same(folder, first["run"]["id"], cached["run"]["id"])
    second, took = run(folder, "--no-cache")
    result["same_asked_again"] = same(folder, first["run"]["id"], second["run"]["id"])
    result["killed"] = killed(folder, len(first["cases"]))
    result["scripted_model"] = scripted(folder)
    return result


def scripted(folder: Path) -> dict[str, Any]:
    """The same cases with a scripted model behind the route, at a made-up price; then with a budget of half."""
    config = folder / "answerable.toml"
    plain = config.read_text()
    cut = re.sub(r"\[\[route\]\]\nuse = \"answer\"\nchain = \[\"extractive\"\]\n", "", plain)
    with ModelServer(Cite()) as server:
        config.write_text(cut + ROUTE.format(url=server.openai_url, **PRICE))
        whole, took = run(folder, "--no-cache")
        half = float(whole["cost"]["answers"]) / 2
        stopped, _ = run(folder, "--no-cache", "--max-cost", str(half))
        asked = len(server.requests)
    return {
        "note": "scripted model, made-up price per million tokens: no model's quality and no vendor's price",
        "price": PRICE,
        **summary(whole, took),
        "model_requests": asked,
        "budget": {
            "max_cost": half,
            "spent": stopped["cost"]["now"],
            "exceeded": float(stopped["cost"]["now"]) > half,
            "rows": stopped["rows"]["there"],
            "not_asked": len(stopped["not_asked"]),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/evaluation.json"))
    options = parser.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="answerable-evaluation-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        result = {
            "command": "python benchmarks/evaluation.py",
            "date": datetime.now(UTC).date().isoformat(),
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
            "load_average_before": load,
            **measure(Path(name) / "techcorp"),
        }
    print(json.dumps(result, indent=2))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
