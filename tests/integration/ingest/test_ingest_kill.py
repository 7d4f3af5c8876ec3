"""kill -9 in the middle of a sync: nothing half is ever visible, and the next sync ends where one alone would."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from answerable.adapters.postgres.embedded import Embedded
from answerable.testing.chunker import uncovered
from answerable.testing.postgres import Clone, administer
from answerable.testing.postings import held_terms

KILLS = 20
ZYGOTE = Path(__file__).with_name("sync_zygote.py")

DOCUMENTS = """
SELECT d.no, d.uri, d.version, v.text, d.id
  FROM answerable.document d
  LEFT JOIN answerable.document_version v ON (v.tenant, v.document, v.version) = (d.tenant, d.no, d.version)
 ORDER BY d.uri
"""
CHUNKS = """
SELECT c.no, c.document, c.n, c.id, c.start_at, c.end_at, c.text, c.length,
       (SELECT count(*) FROM answerable.embedding e WHERE e.chunk = c.no AND e.document = c.document) AS vectors
  FROM answerable.chunk c ORDER BY c.document, c.n
"""
ORPHANS = """
SELECT (SELECT count(*) FROM answerable.chunk c
         WHERE NOT EXISTS (SELECT FROM answerable.document d WHERE d.no = c.document)) AS chunks,
       (SELECT count(*) FROM answerable.embedding e
         WHERE NOT EXISTS (SELECT FROM answerable.chunk c WHERE c.no = e.chunk)) AS vectors,
       (SELECT coalesce(sum(s.chunks), 0) FROM answerable.index_size s)
         - (SELECT count(*) FROM answerable.chunk) AS counted_chunks,
       (SELECT coalesce(sum(s.terms), 0) FROM answerable.index_size s)
         - (SELECT coalesce(sum(length), 0) FROM answerable.chunk) AS counted_terms
"""
FILES = "SELECT uri, sha256, document_id, size, mtime_ns, error FROM answerable.source_file ORDER BY uri"


@dataclass(frozen=True)
class Piece:
    """What `uncovered` looks at."""

    start: int
    end: int


@dataclass
class Zygote:
    """Starts syncs that can be killed."""

    process: subprocess.Popen[str]

    def begin(self, folder: Path, url: str, *, kill_after_s: float = -1) -> None:
        print(f"{folder} {kill_after_s} {url}", file=self._stdin, flush=True)

    def end(self) -> int:
        """The wait status of the sync begun last."""
        return int(self._stdout.readline())

    @property
    def _stdin(self) -> IO[str]:
        assert self.process.stdin
        return self.process.stdin

    @property
    def _stdout(self) -> IO[str]:
        assert self.process.stdout
        return self.process.stdout


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    with subprocess.Popen(
        [sys.executable, str(ZYGOTE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Zygote(process)


def text_of(n: int, edition: int) -> str:
    """A few paragraphs; most of them the same in both editions."""
    paragraphs = [f"Document {n} paragraph {p} " + " ".join(f"word{p}x{i}" for i in range(12)) for p in range(5)]
    paragraphs[2] += f" edition{edition}"
    return "\n\n".join(paragraphs[: 4 + edition])


def write(folder: Path, n: int, edition: int) -> None:
    path = folder / f"{n % 7}" / f"{n:03}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(n, edition))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(100):
        write(tmp_path, n, 0)
    return tmp_path


def change(folder: Path) -> None:
    """40 files change, 20 go, 50 come: 130 in all."""
    for n in range(40):
        write(folder, n, 1)
    for n in range(40, 60):
        (folder / f"{n % 7}" / f"{n:03}.txt").unlink()
    for n in range(100, 150):
        write(folder, n, 0)


def rows(url: str, query: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as conn:
        return conn.execute(query).fetchall()


def contents(url: str) -> dict[str, Any]:
    """Everything a sync is answerable for, without the numbers that depend on the order of work."""
    chunks: dict[int, list[dict[str, Any]]] = {}
    terms = held_terms(url)
    for row in rows(url, CHUNKS):
        chunk = {**row, "terms": terms.pop(row["no"], Counter()).total()}
        chunks.setdefault(row["document"], []).append({**chunk, "no": 0, "document": 0})
    assert not terms  # postings of nobody's chunks
    documents = rows(url, DOCUMENTS)
    return {
        one["uri"]: {
            **one,
            "chunks": [{**chunk, "no": 0, "document": 0} for chunk in chunks.get(one["no"], [])],
            "no": 0,
        }
        for one in documents
    }


def check_whole(url: str) -> None:
    """Every document that is there is there with all that belongs to it, and nothing belongs to nobody."""
    assert set(rows(url, ORPHANS)[0].values()) == {0}
    possible = {text_of(n, edition) for n in range(150) for edition in (0, 1)}
    found = contents(url)
    for one in found.values():
        text, chunks = one["text"], one["chunks"]
        assert text in possible
        assert [chunk["n"] for chunk in chunks] == list(range(len(chunks)))
        assert uncovered(text, [Piece(chunk["start_at"], chunk["end_at"]) for chunk in chunks]) == ""
        for chunk in chunks:
            assert text[chunk["start_at"] : chunk["end_at"]] == chunk["text"]
            assert chunk["vectors"] == 1
            assert chunk["terms"] == chunk["length"] > 0
    known = {file["document_id"] for file in rows(url, FILES)}
    assert {one["id"] for one in found.values()} <= known  # so that none is orphaned when its file goes


@pytest.mark.slow
def test_a_sync_killed_at_any_point_leaves_whole_documents_and_the_next_one_finishes(
    zygote: Zygote, folder: Path, embedded_server: Embedded, clone: Clone
) -> None:
    zygote.begin(folder, clone.service_url)
    assert zygote.end() == 0
    change(folder)
    admin = embedded_server.url("postgres")

    def copy(name: str) -> tuple[str, str]:
        administer(admin, "CREATE DATABASE {} TEMPLATE {}", name, clone.name)
        return embedded_server.url(name), make_conninfo(clone.service_url, dbname=name)

    owner, service = copy(f"{clone.name}_whole")
    started = time.monotonic()
    zygote.begin(folder, service)
    assert zygote.end() == 0
    duration = time.monotonic() - started
    check_whole(owner)
    expected, expected_files = contents(owner), rows(owner, FILES)
    assert len(expected) == 130

    chance, killed, between = random.Random(7), 0, 0
    for n in range(KILLS):
        owner, service = copy(f"{clone.name}_{n}")
        before = contents(owner)
        zygote.begin(folder, service, kill_after_s=duration * (n + chance.random()) / KILLS)
        killed += os.WIFSIGNALED(zygote.end())
        check_whole(owner)
        between += contents(owner) not in (before, expected)
        zygote.begin(folder, service)
        assert zygote.end() == 0
        assert contents(owner) == expected
        assert rows(owner, FILES) == expected_files
        administer(admin, "DROP DATABASE {} WITH (FORCE)", f"{clone.name}_{n}")
    administer(admin, "DROP DATABASE {} WITH (FORCE)", f"{clone.name}_whole")
    assert killed >= KILLS // 2  # else the kills came too late to show anything
    assert between >= KILLS // 4
