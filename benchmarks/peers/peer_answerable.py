"""answerable, as `answerable ingest` and `answerable search` run it, with nothing configured but the folder."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from encoder import DIM, Encoder
from stages import LIMIT, Task, done, read_task

from answerable.adapters.embedders.engine import Engine
from answerable.app.ingesting import open_ingestion
from answerable.app.project import Project
from answerable.app.system import System, open_system
from answerable.core.ports import EmbeddingModel, Kind, Vectors


class Hashed:
    """Vectors from a hash of the text, for measuring everything but the model."""

    model = EmbeddingModel(name="hash", revision="1", dim=DIM)

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        return self._encoder.encode(texts).astype(np.float32)


class Meter:
    """CPU seconds inside the embedding engine, whichever thread runs it."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self._lock = threading.Lock()

    def watch(self) -> None:
        run = Engine.run

        def metered(engine: Engine, rows: Sequence[Sequence[int]]) -> Any:
            begin = time.thread_time()
            found = run(engine, rows)
            with self._lock:
                self.cpu_s += time.thread_time() - begin
            return found

        Engine.run = metered  # type: ignore[method-assign]


def _with(system: System, embedder: Any) -> System:
    retriever = replace(system.asker.retriever, embedder=embedder)
    return replace(system, embedder=embedder, asker=replace(system.asker, retriever=retriever))


async def run(task: Task) -> None:
    config = task.folder / "answerable.toml"
    sections = ['[database]\nurl = "env:PEER_URL"', f'[[source]]\nid = "corpus"\nuri = "{task.corpus}"']
    if task.graph == Path():  # a hash says nothing of single tokens: words alone rank anew
        sections.append('[retrieval]\nreranker = "proximity"')
    config.write_text("\n".join(sections) + "\n")
    encoder, meter = Encoder(Path(), task.tokenizer, task.cache), Meter()
    meter.watch()
    async with open_system(Project.open(config)) as opened:
        system = _with(opened, Hashed(encoder)) if task.graph == Path() else opened
        done("start")
        for stage in ("ingest", "unchanged", "changed"):
            before = meter.cpu_s + encoder.cpu_s
            async with open_ingestion(system) as ingestion:
                report = await ingestion.sync(system.settings.source[0])
            if report.failed:
                sys.exit(f"could not be read: {report.failed}")
            spent = meter.cpu_s + encoder.cpu_s - before
            done(stage, embedding_cpu_s=spent, embedded=report.embedded)
        ranked, times = {}, []
        for query_id, text in task.queries.items():
            begin = time.perf_counter()
            found = await system.search(system.query(text, language="en"), limit=LIMIT)
            times.append((time.perf_counter() - begin) * 1000)
            ranked[query_id] = list(dict.fromkeys(Path(one.uri).name for one in found))[:10]
        done("search", ms=times, ranked=ranked)


if __name__ == "__main__":
    asyncio.run(run(read_task()))
