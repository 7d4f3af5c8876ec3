"""How often replies would be given to the wrong question, and what looking for one costs.

    python benchmarks/semantic_cache.py --data DIR [--out benchmarks/results/semantic_cache.json]

`suite`: near misses and paraphrases made by construction (src/answerable/lab/near_misses.toml); no rule was made
from the held-out kinds, but the same people wrote both. `public`: every two questions that people asked about the
same paragraph of SQuAD 2.0 (--data/qa/squad2), wrong where they share no answer. `lookup`: the exact cache
on the embedded Postgres. No language model is asked for anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.fakes.replies import MemoryReplies
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.replies import PostgresReplies
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.answer.context import build_context
from answerable.answer.rendering import Renderer
from answerable.app.embedding import close_embedder, embedding_key, make_embedder
from answerable.app.lab_cache import judge, rate_json
from answerable.app.project import Project
from answerable.config import Settings
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.ports import CachedReply
from answerable.core.query import Query
from answerable.lab.cache import CacheReport, Judged, by_kind, by_threshold
from answerable.lab.near_misses import QuestionPair, shipped, suite_hash
from answerable.llm.cache import Cached
from answerable.llm.cache_key import Ground, make_key
from answerable.llm.recent_replies import Recent
from answerable.llm.sameness import VERSION
from answerable.prompts.collection import load_library
from answerable.testing.replies import a_reply
from answerable.testing.samples import a_document, paragraphs, put

THRESHOLD = 0.97
ROUNDS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/semantic_cache.json"))
    options = parser.parse_args()
    result = {
        "command": "python benchmarks/semantic_cache.py --data DIR",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"python": platform.python_version(), "processor": platform.machine(), "cores": 2},
        "note": "no language model was asked; pairs of the suite are made from templates and are not independent",
        "threshold": THRESHOLD,
        "rules": VERSION,
        **asyncio.run(measured(options.data)),
    }
    options.out.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(
        json.dumps({key: one for key, one in result.items() if key != "kinds"}, indent=1, ensure_ascii=False)[
            :6000
        ]
    )


async def measured(data: Path) -> dict[str, Any]:
    """All three."""
    embedder = make_embedder(Project(settings=Settings(), base=Path.cwd()))
    try:
        started = time.process_time()
        suite = CacheReport(threshold=THRESHOLD, judged=await judge(shipped(), embedder))
        cpu_s = time.process_time() - started
        public = CacheReport(threshold=THRESHOLD, judged=await judge(squad(data), embedder))
        key = embedding_key(embedder)
    finally:
        await close_embedder(embedder)
    with tempfile.TemporaryDirectory() as folder:
        lookup = await looked_up(Path(folder))
    return {
        "embedding": key,
        "suite": {"hash": suite_hash(shipped()), "cpu_s": round(cpu_s, 1), **told(suite)},
        "kinds": by_kind(suite),
        "public": {**told(public), "let_through": [let_through(one) for one in public.judged if wrong(one)]},
        "lookup": lookup,
    }


def told(report: CacheReport) -> dict[str, Any]:
    """The rates of a report."""
    return {
        "held_out": rate_json(report.held_out),
        "wrong": rate_json(report.wrong()),
        "wrong_by_likeness": rate_json(report.wrong(guarded=False)),
        "right": rate_json(report.right()),
        "right_by_likeness": rate_json(report.right(guarded=False)),
        "thresholds": by_threshold(report),
    }


def wrong(one: Judged) -> bool:
    """Whether the rules let a near miss through, at the lowest threshold that is shown."""
    return not one.pair.same and one.hit(0.8)


def let_through(one: Judged) -> list[object]:
    return [one.pair.one, one.pair.other, round(one.cosine, 3)]


def squad(data: Path) -> list[QuestionPair]:
    """Every two questions about one paragraph; the same where they share an answer or both have none of it."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (data / "qa" / "squad2" / "queries.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        groups[row["metadata"]["para"]].append(row)
    found = []
    for rows in groups.values():
        for one, other in combinations(rows, 2):
            answers = [
                {text.casefold().strip(" .") for text in row["metadata"]["answers"]} for row in (one, other)
            ]
            kinds = [row["metadata"]["answerable"] for row in (one, other)]
            same = bool(answers[0] & answers[1]) and all(kinds)
            if any(kinds):  # where neither has an answer, nothing can be given
                found.append(
                    QuestionPair(
                        one=one["text"],
                        other=other["text"],
                        same=same,
                        kind="squad2",
                        half="held-out",
                        language="en",
                    )
                )
    return [one for one in found if one.one != one.other]


async def looked_up(folder: Path) -> dict[str, Any]:
    """Milliseconds of a look, of keeping, and of what a route with a cache costs beside one without."""
    with Embedded.start(folder) as server:
        await Migrations(server.admin_url).migrate()
        url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
        async with Database(url) as database:
            store, replies = PostgresStore(database), PostgresReplies(database)
            document = a_document("\n\n".join(f"Paragraph {n} of the page." for n in range(5)))
            await put(store, document)
            ids = tuple(chunk.id for chunk in paragraphs(document))
            kept = [a_reply(str(n), question=str(n), chunk_ids=ids) for n in range(ROUNDS)]
            recent = Recent(replies)
            return {
                "rounds": ROUNDS,
                "keep_ms": await each(kept, lambda one: replies.put(one, ttl_s=3600)),
                "find_ms": await each(kept, lambda one: replies.get(tenant="acme", exact=one.key.exact)),
                "miss_ms": await each(kept, lambda one: replies.get(tenant="acme", exact="0" * 64)),
                "first_recent_ms": await each(kept, lambda one: recent.get(tenant="acme", exact=one.key.exact)),
                "recent_ms": await each(kept, lambda one: recent.get(tenant="acme", exact=one.key.exact)),
                "remove_document_ms": await once(lambda: store.remove(tenant="acme", document_ids=[document.id])),
                **await routed(),
            }


async def routed() -> dict[str, Any]:
    """A reply of 80 pieces, straight from a model in the process and through a cache that never has it."""
    chunks = [Chunk(document_id="d", start=n, end=n + 400, text="x" * 400) for n in range(5)]
    blocks = build_context([Passage(chunk=chunk, score=1.0) for chunk in chunks], budget=2000)
    query = Query(text="How long?", tenant="acme", language="en")
    renderer = Renderer(prompt=load_library("answer"))
    today = datetime.now(UTC).date()
    prompt = renderer.render(query, blocks, weights={}, today=today)
    model = ScriptedLLM([Reply(text="Some ten words of a sentence stand here, and cite [1]. " * 7)])
    ground = Ground(use="answer", models=("m",), index="e")
    cached = Cached(llm=model, replies=MemoryReplies(), ground=ground, ttl_s=60)

    async def read(llm: Cached | ScriptedLLM) -> Completion | str:
        *_, last = [piece async for piece in llm.stream(prompt, deadline=Deadline.after(60))]
        return last

    rounds = list(range(ROUNDS))
    bare = await cpu(rounds, lambda _: read(model))
    through = await cpu(rounds, lambda _: read(cached))
    started = time.process_time()
    for n in rounds:
        make_key(replace(prompt, question=str(n)), ground)
    key_ms = (time.process_time() - started) / ROUNDS * 1000
    return {"stream_cpu_ms": bare, "stream_cached_cpu_ms": through, "key_cpu_ms": round(key_ms, 4)}


async def each(kept: list[CachedReply], work: Callable[[CachedReply], Awaitable[object]]) -> dict[str, float]:
    """Wall milliseconds, median and 95th percentile."""
    taken = []
    for one in kept:
        started = time.perf_counter()
        await work(one)
        taken.append((time.perf_counter() - started) * 1000)
    return {"p50": round(statistics.median(taken), 4), "p95": round(statistics.quantiles(taken, n=20)[-1], 4)}


async def cpu(rounds: list[int], work: Callable[[int], Awaitable[object]]) -> float:
    """CPU milliseconds of one, the mean."""
    started = time.process_time()
    for n in rounds:
        await work(n)
    return round((time.process_time() - started) / len(rounds) * 1000, 4)


async def once(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return round((time.perf_counter() - started) * 1000, 2)


if __name__ == "__main__":
    main()
