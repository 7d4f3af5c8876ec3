"""A process with everything imported. For each line `FOLDER KILL_AFTER URL` on stdin it forks a child that syncs
the folder into the database, kills it after so many seconds (never below 0), and prints its wait status."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from answerable.adapters.fakes.embedder import HashEmbedder, WhitespaceTokenizer
from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.store import PostgresStore
from answerable.adapters.sources.folder import Folder
from answerable.core.document import Document
from answerable.core.ports import Raw
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.pipeline import Limits
from answerable.ingest.sync import Sync

TENANT = "acme"


async def parse(raw: Raw) -> Document:
    """Plain text, without a sandbox: what is tested is what comes after it."""
    return Document(
        source=raw.source, uri=raw.uri, title=raw.uri, text=raw.data.decode(), tenant=raw.tenant, acl=raw.acl
    )


async def sync(folder: Path, url: str) -> None:
    async with Database(url, limits=PoolLimits(size=4)) as database:
        await Sync(
            parse=parse,
            chunker=StructureChunker(tokenizer=WhitespaceTokenizer(), max_tokens=25),
            embedder=HashEmbedder(),
            store=PostgresStore(database),
            ledger=PostgresLedger(database),
            settings="1",
            limits=Limits(texts=32, record=4),  # many small steps, so that kills fall between all kinds of them
        ).run(Folder(id="docs", root=folder, tenant=TENANT), tenant=TENANT)


def main() -> None:
    for line in sys.stdin:
        folder, kill_after_s, url = line.rstrip("\n").split(" ", 2)
        child = os.fork()
        if not child:
            asyncio.run(sync(Path(folder), url))
            os._exit(0)
        if float(kill_after_s) >= 0:
            time.sleep(float(kill_after_s))
            os.kill(child, signal.SIGKILL)  # not waited for yet, so the number is still the child's
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
