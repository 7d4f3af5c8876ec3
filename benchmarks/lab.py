"""The lab's two promises: a dozen settings over a thousand documents in minutes, and no verdict from chance alone.

    python benchmarks/lab.py speed --data DIR [--out benchmarks/results/lab-speed.json]
    python benchmarks/lab.py null --data DIR [--replications 200] [--out benchmarks/results/lab-null.json]

speed: 1,000 files (articles of chunking/covidqa, abstracts of retrieval/scifact), 100 questions with gold spans in
the articles, every strategy that is compared by default × 3 sizes, `answerable lab chunking` as a process: once to
fill the cache, which embeds everything, and once with the cache warm. No setting leaves early: the worst case.

null: ways of cutting that differ by chance alone (about 200 tokens, every cut moved at random by a seed) over
chunking/covidqa, lexical search. Each replication draws some of these ways and 100 questions; counted is how often
the lab calls any of them better or worse: one against one, and eleven against one; with leaving early and without.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from answerable.adapters.embedders.tokenizer import WordPieceTokenizer
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.core.document import Chunk, Document
from answerable.core.evaluation import GoldSpan
from answerable.core.pairs import Pair
from answerable.core.query import Filter, Scope
from answerable.evals.pairs import write_pairs
from answerable.lab.question import Gold, Question
from answerable.lab.race import race
from answerable.lab.reading import Reading, read
from answerable.lab.verdicts import conclude

SIZES = (120, 200, 400)
DOCUMENTS, QUESTIONS = 1000, 100
WAYS, BUDGET = 16, 1000


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "cpus": os.cpu_count(), "system": platform.system()}


# Speed ------------------------------------------------------------------------------------------------------


def make_project(folder: Path, data: Path) -> None:
    pages = folder / "pages"
    pages.mkdir(parents=True)
    articles = lines(data / "chunking/covidqa/corpus.jsonl")
    for one in articles:
        (pages / f"article-{one['_id']}.txt").write_text(one["text"])
    for one in lines(data / "retrieval/scifact/corpus.jsonl")[: DOCUMENTS - len(articles)]:
        (pages / f"abstract-{one['_id']}.txt").write_text(f"{one['title']}\n\n{one['text']}")
    texts = {one["_id"]: one["text"] for one in articles}
    drawn = random.Random(0).sample(lines(data / "chunking/covidqa/queries.jsonl"), QUESTIONS)
    pairs = [
        Pair(
            id=one["_id"],
            question=one["text"],
            spans=tuple(
                GoldSpan(document=f"article-{one['metadata']['doc']}.txt", quote=quote)
                for start, end in one["metadata"]["spans"]
                if (quote := texts[one["metadata"]["doc"]][start:end].strip())
            ),
        )
        for one in drawn
    ]
    write_pairs(pairs, folder / "evals" / "pairs.jsonl")
    (folder / "evals" / "cases").mkdir()
    (folder / "answerable.toml").write_text('[project]\nname = "lab"\n\n[[source]]\nid = "pages"\nuri = "pages"\n')


def one_run(folder: Path) -> tuple[dict[str, Any], float, float]:
    """The result, seconds of the clock and of CPU: the process with its parsers, without Postgres."""
    command = [sys.executable, "-m", "answerable", "lab", "chunking", "pages", "--no-early", "--format", "json"]
    command += ["--sizes", ",".join(map(str, SIZES))]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout), round(wall, 1), round(cpu, 1)


def speed(data: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        make_project(folder, data)
        first, cold_wall, cold_cpu = one_run(folder)
        result, wall, cpu = one_run(folder)
    settings = result["settings"]
    return {
        "documents": result["documents"],
        "questions": result["questions"],
        "settings": len(settings),
        "chunks": sum(one["chunks"] for one in settings),
        "cold": {
            "wall_s": cold_wall,
            "cpu_s": cold_cpu,
            "embedded": sum(one["embedded"] for one in first["settings"]),
        },
        "embedded": sum(one["embedded"] for one in settings),
        "wall_s": wall,
        "cpu_s": cpu,
        "rows": [
            {key: one[key] for key in ("name", "chunks", "index_cpu_s", "query_ms_p50", "query_ms_p95")}
            for one in sorted(settings, key=lambda one: one["name"])
        ],
    }


# The null ---------------------------------------------------------------------------------------------------


def shifted(document: Document, marks: Sequence[tuple[int, int]], seed: int) -> list[Chunk]:
    """Chunks of 150 to 250 tokens, drawn by the seed: any two seeds differ by chance alone."""
    draw = random.Random(f"{seed} {document.uri}")
    chunks, first = list[Chunk](), 0
    while first < len(marks):
        last = min(len(marks), first + draw.randint(150, 250))
        start, end = marks[first][0], marks[last - 1][1]
        chunks.append(
            Chunk(
                document_id=document.id, start=start, end=end, text=document.text[start:end], tokens=last - first
            )
        )
        first = last
    return chunks


async def readings(data: Path) -> tuple[list[Question], list[dict[str, Reading]]]:
    """Each way of cutting over each question."""
    folder = data / "chunking/covidqa"
    documents = {
        one["_id"]: Document(source="b", uri=one["_id"], title="", text=one["text"], tenant="b")
        for one in lines(folder / "corpus.jsonl")
    }
    asked = [
        Question(
            id=one["_id"],
            text=one["text"],
            language="en",
            cluster=one["metadata"]["doc"],
            gold=tuple(
                Gold(uri=one["metadata"]["doc"], places=(tuple(span),)) for span in one["metadata"]["spans"]
            ),
        )
        for one in lines(folder / "queries.jsonl")
    ]
    tokenizer = WordPieceTokenizer(find_weights().tokenizer)
    marks = {key: list(tokenizer.offsets(one.text)) for key, one in documents.items()}
    embedder, scope, table = HashEmbedder(), Scope(tenant="b", filter=Filter(status=())), []
    for seed in range(WAYS):
        store = MemoryStore()
        for key, one in documents.items():
            chunks = shifted(one, marks[key], seed)
            vectors = (await embedder.embed(["same"], kind="passage")).repeat(len(chunks), axis=0)
            await store.replace(one, chunks, vectors, model=embedder.model)
        async with store.snapshot(scope) as view:
            found = {one.id: await view.lexical(one.text, limit=50) for one in asked}
        table.append({one.id: read(one, found[one.id], budget=BUDGET) for one in asked})
        print(f"way {seed + 1} of {WAYS}", file=sys.stderr)
    return asked, table


async def one_null(
    asked: Sequence[Question], table: Sequence[Mapping[str, Reading]], *, ways: int, early: bool, seed: int
) -> bool:
    """Whether any of the ways is called better or worse."""
    draw = random.Random(seed)
    chosen = {f"way {n}": table[n] for n in draw.sample(range(len(table)), ways)}
    questions = draw.sample(list(asked), QUESTIONS)
    base = next(iter(chosen))

    async def ask(name: str, question: Question) -> Reading:
        return chosen[name][question.id]

    ran = await race(list(chosen), questions, ask, base=base, early=early, seed=seed)
    return any(one.change in ("better", "worse") for one in conclude(ran, questions, base=base).standings)


def null(data: Path, replications: int) -> dict[str, Any]:
    asked, table = asyncio.run(readings(data))
    means = [sum(one.recall for one in way.values()) / len(way) for way in table]
    rows = []
    for ways in (2, 12):
        for early in (False, True):
            started = time.process_time()
            said = sum(
                asyncio.run(one_null(asked, table, ways=ways, early=early, seed=seed))
                for seed in range(replications)
            )
            rows.append(
                {
                    "ways": ways,
                    "early": early,
                    "replications": replications,
                    "false_verdicts": said,
                    "share": round(said / replications, 4),
                    "cpu_s": round(time.process_time() - started, 1),
                }
            )
            print(json.dumps(rows[-1]), file=sys.stderr)
    return {
        "questions_a_replication": QUESTIONS,
        "questions": len(asked),
        "documents": len({one.cluster for one in asked}),
        "recall": {"lowest": round(min(means), 4), "highest": round(max(means), 4), "ways": WAYS},
        "rows": rows,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("part", choices=("speed", "null"))
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--replications", type=int, default=200)
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    found = speed(chosen.data) if chosen.part == "speed" else null(chosen.data, chosen.replications)
    written = json.dumps({"command": f"benchmarks/lab.py {chosen.part}", "machine": machine(), **found}, indent=1)
    print(written)
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(written + "\n")


if __name__ == "__main__":
    main()
