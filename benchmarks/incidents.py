"""How long an incident takes to hold in another process whose view is warm, and what looking costs.

    python benchmarks/incidents.py [--rounds N]

An embedded Postgres in a fresh folder. A second process looks every 20 ms, as a busy server would: at a question,
at a stored answer, and for a document. This one opens and closes incidents of each kind; the seconds are those
between the end of opening (or closing) and the first look that shows it. No model is asked. Writes
benchmarks/results/incidents.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.incidents import PostgresIncidents
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.texts import Texts
from answerable.app.incidents import IncidentDesk
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.incident import Blocked
from answerable.core.query import Filter, Principal, Query, Scope
from answerable.guards.incidents import Posted

RESULT = Path(__file__).parent / "results" / "incidents.json"
TEXT = "The return window for headphones is 30 days."
DOCUMENT = Document(tenant="acme", source="docs", uri="returns.md", title="Returns", text=TEXT)
SCOPE = Scope(tenant="acme", groups=("public",), filter=Filter())
PLAIN = {"outcome": "answered", "language": "en", "text": "Yes."}
BLOCKED = {**PLAIN, "id": "an_1", "sources": []}  # by its id alone
MADE = {**PLAIN, "id": "an_2", "sources": [{"document": DOCUMENT.id}]}  # by its document alone
ANSWER = """INSERT INTO answer (tenant, id, trace_id, principal_id, outcome, language, created_at, record)
            VALUES ('acme', 'an_1', 'tr_1', 'p', 'answered', 'en', now(), '{}')"""
VALUES = {Blocked.TOPIC: "return window", Blocked.DOC: DOCUMENT.id, Blocked.ANSWER: "an_1"}


def desk_of(database: Database) -> IncidentDesk:
    port = PostgresIncidents(database)
    words = NonAnswers(texts=Texts(), contact="help@example.com")
    return IncidentDesk(
        incidents=port, posted=Posted(incidents=port), non_answers=words, happenings=MemoryHappenings()
    )


def question() -> Query:
    return Query(
        text="How long is the return window?",
        tenant="acme",
        principal=Principal(id="p"),
        language="en",
        deadline=Deadline.after(60),
    )


async def look(url: str) -> None:
    """The second process: a line whenever what it sees is another than before, and how long a look took."""
    async with Database(url) as database:
        desk = desk_of(database)
        guards, documents = Guards().after(desk.guard), PostgresDocuments(database)
        before, spent = None, []
        while True:
            start = time.perf_counter()
            asked = (await guards.question(question())).blocked is not None
            answer = await desk.stored("acme", dict(BLOCKED)) != BLOCKED
            made = await desk.stored("acme", dict(MADE)) != MADE
            spent.append((time.perf_counter() - start) * 1e3)
            gone = not await documents.documents(SCOPE)
            seen = {"topic": asked, "answer": answer, "doc": gone and made}
            if seen != before:
                line = {"at": time.time(), "seen": seen, "ms": spent[-500:]}
                sys.stdout.write(json.dumps(line) + "\n")
                sys.stdout.flush()
                before, spent = seen, []
            await asyncio.sleep(0.02)


async def until(process: asyncio.subprocess.Process, kind: Blocked, wanted: bool, looks: list[float]) -> float:
    """When the other process first saw it so."""
    assert process.stdout is not None
    while True:
        line = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        looks += line["ms"]
        if line["seen"][kind.value] is wanted:
            return float(line["at"])


async def measured(url: str, rounds: int) -> dict[str, Any]:
    embedder = HashEmbedder()
    looks: list[float] = []
    found: dict[str, dict[str, list[float]]] = {kind.value: {"opened": [], "closed": []} for kind in VALUES}
    async with Database(url) as database:
        async with database.tenant("acme") as conn:
            await conn.execute(ANSWER)
        chunk = Chunk(document_id=DOCUMENT.id, start=0, end=len(TEXT), text=TEXT)
        vectors = await embedder.embed([embedding_text(DOCUMENT, chunk)], kind="passage")
        await PostgresStore(database).replace(DOCUMENT, [chunk], vectors, model=embedder.model)
        process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--look", url, stdout=asyncio.subprocess.PIPE, limit=2**22
        )
        try:
            await until(process, Blocked.TOPIC, False, [])
            desk = desk_of(database)
            for _ in range(rounds):
                for kind, value in VALUES.items():
                    one = await desk.open(tenant="acme", kind=kind, value=value, reason="", message={}, by="me")
                    done = time.time()
                    found[kind.value]["opened"].append(await until(process, kind, True, looks) - done)
                    await desk.close(tenant="acme", reference=one.id, by="me")
                    done = time.time()
                    found[kind.value]["closed"].append(await until(process, kind, False, looks) - done)
        finally:
            process.terminate()
            await process.wait()
            await desk.close_down()
    return {"seconds": {kind: figures(rows) for kind, rows in found.items()}, "look_ms": quantiles(looks)}


def figures(rows: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {name: {**quantiles(spent), "max": round(max(spent), 3)} for name, spent in rows.items()}


def quantiles(spent: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(spent, [50, 95])
    return {"p50": round(float(p50), 3), "p95": round(float(p95), 3), "n": len(spent)}


async def run(rounds: int) -> dict[str, Any]:
    folder = tempfile.TemporaryDirectory(prefix="answerable-incidents-")
    with folder, Embedded.start(Path(folder.name)) as server:
        await Migrations(server.admin_url).migrate()
        url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
        return await measured(url, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--look", default="")
    args = parser.parse_args()
    if args.look:
        asyncio.run(look(args.look))
        return
    result = asyncio.run(run(args.rounds))
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    told = {"at": datetime.now(UTC).date().isoformat(), "machine": machine, "model": "none", **result}
    RESULT.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
