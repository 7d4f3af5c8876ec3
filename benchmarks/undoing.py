"""Measure how long it takes to take a sync back, and a document out of everything, on Postgres.

    python benchmarks/undoing.py --out benchmarks/results/undoing.json [--documents N ...]

An embedded Postgres in a fresh folder, documents of five paragraphs, vectors by hashing (256 numbers; a rollback
takes them from the cache, so a real model would cost it nothing either). The second sync changes a fifth of the
documents, adds a fifth and removes a tenth; then it is taken back. `wrong` counts the documents whose text, title,
access or chunks differ from those before, and those that are missing or left over. Then one document is purged.
Wall seconds are of a busy machine: the CPU seconds are of this process, without those of Postgres.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from answerable.adapters.fakes.embedder import HashEmbedder, WhitespaceTokenizer
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.sources.folder import Folder
from answerable.app.project import Project
from answerable.app.purging import blast_radius, purge
from answerable.app.undoing import rollback
from answerable.core.document import Document
from answerable.core.ports import Raw
from answerable.core.query import Filter, Scope
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.sync import Sync

TENANT = "default"
PAGE = 500


async def parse(raw: Raw) -> Document:
    """Plain text."""
    return Document(
        source=raw.source, uri=raw.uri, title=raw.uri, text=raw.data.decode(), tenant=raw.tenant, acl=raw.acl
    )


def text_of(number: int, version: str) -> str:
    """Five paragraphs of a page."""
    words = [f"word{(number * 31 + place * 7) % 997}" for place in range(200)]
    lines = [" ".join(words[at : at + 40]) for at in range(0, 200, 40)]
    return f"Page {number}, {version}.\n\n" + "\n\n".join(lines)


async def states(system: Any) -> dict[str, Any]:
    """Everything a reader could find, by file."""
    found, after = {}, ""
    scope = Scope(tenant=TENANT, groups=("public",), filter=Filter(status=()))
    while page := await system.documents.read(scope, limit=PAGE, after=after):
        found |= {one.uri: (one.text, one.title, one.chunks) for one in page}
        after = page[-1].uri
    return found


async def measure(url: str, folder: Path, count: int) -> dict[str, Any]:
    """One size."""
    files = folder / "knowledge"
    files.mkdir()
    (folder / "answerable.toml").write_text('[project]\nname = "bench"\n', encoding="utf-8")
    project = Project.open(folder / "answerable.toml")
    async with Database(url) as database:
        system = SimpleNamespace(
            project=project,
            settings=project.settings,
            database=database,
            store=PostgresStore(database),
            ledger=PostgresLedger(database),
            documents=PostgresDocuments(database),
            embedder=HashEmbedder(),
            happenings=MemoryHappenings(home=TENANT),
        )
        sync = Sync(
            parse=parse,
            chunker=StructureChunker(tokenizer=WhitespaceTokenizer(), max_tokens=60),
            embedder=system.embedder,
            store=system.store,
            ledger=system.ledger,
            settings="1",
        )
        source = Folder(id="docs", root=files, tenant=TENANT)
        for number in range(count):
            (files / f"{number:06}.md").write_text(text_of(number, "good"), encoding="utf-8")
        await sync.run(source, tenant=TENANT)
        before = await states(system)
        for number in range(count // 5):
            (files / f"{number:06}.md").write_text(text_of(number, "poisoned"), encoding="utf-8")
            (files / f"{count + number:06}.md").write_text(text_of(count + number, "planted"), encoding="utf-8")
        for number in range(count - count // 10, count):
            (files / f"{number:06}.md").unlink()
        report = await sync.run(source, tenant=TENANT)
        began, cpu = time.perf_counter(), time.process_time()
        done = await rollback(system, report.run, by="bench", really=True)
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        after = await states(system)
        wrong = sum(after.get(uri) != before.get(uri) for uri in after.keys() | before.keys())
        began = time.perf_counter()
        radius = await blast_radius(system, "000000.md")
        shown_s, began = time.perf_counter() - began, time.perf_counter()
        receipt = await purge(system, radius, by="bench")
        return {
            "documents": count,
            "changed": report.added + report.changed + report.removed,
            "restored": len(done.restored),
            "removed": len(done.removed),
            "seconds": round(seconds, 1),
            "cpu_s": round(cpu_s, 1),
            "wrong": wrong,
            "blast_radius_s": round(shown_s, 2),
            "purge_s": round(time.perf_counter() - began, 2),
            "rows_left_after_purge": receipt.left,
        }


async def run(count: int) -> dict[str, Any]:
    """In a database of its own."""
    with tempfile.TemporaryDirectory(prefix="answerable-undoing-", dir="/tmp") as home:
        Path(home).chmod(0o755)
        with Embedded.start(Path(home) / "db") as server:
            await Migrations(server.admin_url).migrate()
            url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
            folder = Path(home) / "project"
            folder.mkdir()
            return await measure(url, folder, count)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000])
    given = parser.parse_args()
    result = {
        "command": "python benchmarks/undoing.py",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "load_average_before": [round(one, 2) for one in os.getloadavg()],
        "rows": [asyncio.run(run(count)) for count in given.documents],
    }
    given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
