"""A peer's run in stages: it says what it has done and waits, so that the other side can measure and change files.

Standard library only: each peer runs in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 30  # passages asked for; the first 10 different documents count


@dataclass(frozen=True)
class Task:
    """What to ingest and ask, and where."""

    url: str  # of an empty Postgres database
    corpus: Path  # a folder of .md files
    queries: dict[str, str]
    mode: str  # default | hybrid
    graph: Path  # the embedding graph; an empty path: vectors made from a hash of the text
    tokenizer: Path
    cache: Path  # of vectors by text
    folder: Path  # for the peer's own files


def read_task() -> Task:
    """From the command line."""
    parser = argparse.ArgumentParser()
    for name in ("url", "corpus", "queries", "mode", "graph", "tokenizer", "cache", "folder"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    return Task(
        url=given.url,
        corpus=Path(given.corpus),
        queries=json.loads(Path(given.queries).read_text()),
        mode=given.mode,
        graph=Path(given.graph) if given.graph else Path(),
        tokenizer=Path(given.tokenizer),
        cache=Path(given.cache),
        folder=Path(given.folder),
    )


def done(stage: str, **facts: Any) -> None:
    """Say that a stage is over, and wait for the word to go on."""
    sys.stdout.write(json.dumps({"stage": stage, **facts}) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


def search_all(task: Task, search: Callable[[str], Sequence[str]]) -> None:
    """Every query one after the other; `search` gives the documents of the passages, best first."""
    ranked, times = {}, []
    for query_id, text in task.queries.items():
        begin = time.perf_counter()
        found = search(text)
        times.append((time.perf_counter() - begin) * 1000)
        ranked[query_id] = list(dict.fromkeys(found))[:10]
    done("search", ms=times, ranked=ranked)
