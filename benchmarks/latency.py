"""How long an answer takes without the model's own time: a served system, real sockets, 1, 8 and 32 clients.

    python benchmarks/latency.py --data DIR [--chunks 10000] [--out benchmarks/results/latency.json]

The index is filled with real passages (every corpus.jsonl below DIR) under hashed vectors, since an exact scan
takes as long for any vector; questions (queries.jsonl) are embedded by the real model. The model behind the route
is the scripted server, which answers at once from the context: its own time is in `generate`, and nothing here is
a model's quality. Nothing abstains (threshold 0), so every question walks the whole path.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import numpy as np
from served import UNLIMITED

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.app import Project, open_system
from answerable.core.document import Chunk, Document, embedding_text
from answerable.testing.model_server.behaviors import Cite
from answerable.testing.model_server.server import ModelServer

CONFIG = (
    """
[project]
name = "latency"
[abstain]
threshold = 0.0
"""
    + UNLIMITED
    + """[answer]
deadline = "30s"
[server]
port = 0
[[route]]
use = "answer"
chain = ["main", "extractive"]
[provider.main]
kind = "openai-compatible"
base_url = "{url}"
model = "scripted"
timeout = "20s"
"""
)
STEPS = (
    "guard_question",
    "embed",
    "dense",
    "lexical",
    "fuse",
    "retrieve",
    "rerank",
    "answerable",
    "conflicts",
    "generate",
)


def read_corpora(data: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """(title, text) of every passage and every question below the folder, in a fixed random order."""
    passages: list[tuple[str, str]] = []
    questions: list[str] = []
    for corpus in sorted(data.rglob("corpus.jsonl")):
        rows = [json.loads(line) for line in corpus.read_text("utf-8").splitlines()]
        passages += [(row.get("title", ""), row["text"]) for row in rows]
        asked = corpus.with_name("queries.jsonl").read_text("utf-8").splitlines()
        questions += [json.loads(line)["text"] for line in asked]
    shuffle = random.Random(11)
    shuffle.shuffle(passages)
    shuffle.shuffle(questions)
    return passages, questions


def make_documents(passages: Sequence[tuple[str, str]], chunks: int) -> list[tuple[Document, list[Chunk]]]:
    """Documents of 10 chunks of about 130 words; passages come again when there are too few."""
    words = [word for _, text in passages for word in text.split()]
    made = []
    for number in range(chunks // 10):
        at = (number * 1300) % max(1, len(words) - 1400)
        pieces = [" ".join(words[at + 130 * n : at + 130 * (n + 1)]) for n in range(10)]
        text = "\n\n".join(pieces)
        document = Document(
            source="bench", uri=f"d{number}", title=f"Document {number}", text=text, tenant="default"
        )
        start, cut = 0, []
        for piece in pieces:
            cut.append(
                Chunk(
                    document_id=document.id, start=start, end=start + len(piece), text=piece,
                    headings=(document.title,), tokens=180,
                )
            )  # fmt: skip
            start += len(piece) + 2
        made.append((document, cut))
    return made


async def fill(config: Path, passages: Sequence[tuple[str, str]], chunks: int) -> None:
    """Put the documents into the index, with hashed vectors under the real model's key."""
    hashed = HashEmbedder(dim=384)
    async with open_system(Project.open(config)) as system:
        for document, cut in make_documents(passages, chunks):
            vectors = await hashed.embed([embedding_text(document, chunk) for chunk in cut], kind="passage")
            await system.store.replace(document, cut, vectors, model=system.embedder.model)


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """`answerable serve` as a process; its address and a token."""
    command = [sys.executable, "-m", "answerable"]
    token = subprocess.run([*command, "token", "create"], cwd=folder, capture_output=True, text=True, check=True)
    process = subprocess.Popen([*command, "serve"], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        while True:
            line = await asyncio.to_thread(process.stdout.readline)
            if found := re.match(r"serving on (\S+)", line):
                break
            if not line:
                raise SystemExit("the server did not start")
        yield found.group(1), token.stdout.strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


async def ask(client: httpx2.AsyncClient, question: str) -> tuple[float, dict[str, float], str]:
    """Milliseconds from request to last byte, the server's own times, and the outcome."""
    began = time.perf_counter()
    reply = await client.post("/v1/answers", json={"question": question[:3000]})
    took = (time.perf_counter() - began) * 1000
    reply.raise_for_status()
    answer = reply.json()
    return took, answer["timing_ms"], answer["outcome"]


async def load(url: str, token: str, questions: Sequence[str], clients: int) -> dict[str, object]:
    """All questions, `clients` at a time."""
    waiting = asyncio.Queue[str]()
    for question in questions:
        waiting.put_nowait(question)
    rows: list[tuple[float, dict[str, float], str]] = []

    async def work() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            while not waiting.empty():
                rows.append(await ask(client, waiting.get_nowait()))

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(work())
    seconds = time.perf_counter() - began
    outcomes = [outcome for _, _, outcome in rows]
    return {
        "clients": clients,
        "questions": len(rows),
        "per_second": round(len(rows) / seconds, 1),
        "total_ms": quantiles([took for took, _, _ in rows]),
        "steps_ms": {step: quantiles([timing[step] for _, timing, _ in rows if step in timing]) for step in STEPS},
        "outcomes": {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))},
    }


def quantiles(values: Sequence[float]) -> dict[str, float] | None:
    """p50, p95 and n; None for no values."""
    if not values:
        return None
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "n": len(values)}


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """Fill, serve, warm up, and load three times."""
    passages, questions = read_corpora(options.data)
    with (
        tempfile.TemporaryDirectory(prefix="answerable-latency-", dir="/tmp") as name,
        ModelServer(Cite()) as model,
    ):
        folder = Path(name)
        config = folder / "answerable.toml"
        config.write_text(CONFIG.format(url=model.openai_url))
        began = time.perf_counter()
        await fill(config, passages, options.chunks)
        print(f"filled {options.chunks} chunks in {time.perf_counter() - began:.1f} s", file=sys.stderr)
        async with served(folder) as (url, token):
            await load(url, token, questions[:40], 2)
            runs = []
            for clients in (1, 8, 32):
                runs.append(await load(url, token, questions[40 : 40 + options.questions], clients))
                total = runs[-1]["total_ms"]
                print(f"{clients:>3} clients: p50 {total['p50']} ms, p95 {total['p95']} ms", file=sys.stderr)
        return {"runs": runs, "model_requests": len(model.requests)}


def show(result: dict[str, object]) -> None:
    """A table: a row a step, p50 and p95 by clients."""
    runs = result["runs"]
    print(f"{'step':<16}" + "".join(f"{run['clients']:>7} clients p50 / p95" for run in runs))
    for step in (*STEPS, "total"):
        cells = [run["total_ms"] if step == "total" else run["steps_ms"][step] for run in runs]
        print(
            f"{step:<16}"
            + "".join(f"{cell['p50']:>15.1f} / {cell['p95']:<7.1f}" if cell else " " * 25 for cell in cells)
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/latency.json"))
    options = parser.parse_args()
    size = f"--chunks {options.chunks} --questions {options.questions}"
    result = {
        "command": f"python benchmarks/latency.py --data DIR {size}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "load_average_before": os.getloadavg(),
        "chunks": options.chunks,
        "note": "scripted model that answers at once; hashed passage vectors; nothing here is a model's quality",
        **asyncio.run(measure(options)),
    }
    show(result)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
