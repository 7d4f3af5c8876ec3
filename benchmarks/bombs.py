"""Files that are made to break their reader: `python benchmarks/bombs.py [--keep FILE]`.

Makes them in a temporary folder. Then `answerable ingest` of all of them, as a process of its own beside a served
system of which questions are asked meanwhile (bombs_served.py). Then each alone as a sync reads it (folder source,
then sandbox): how it ended, the wall seconds, and the most memory that its worker process held.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import io
import json
import os
import platform
import random
import signal
import struct
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from bombs_served import beside
from ingest import family, processes
from proof import say

from answerable.adapters.parsers.sandbox import Sandbox
from answerable.adapters.sources.folder import Folder
from answerable.core.errors import ParseError
from answerable.testing import files

COMMAND = "python benchmarks/bombs.py --keep benchmarks/results/bombs.json"
_ENTITIES = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
_LAUGHS = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{_ENTITIES}]>"
_XXE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
_PARAGRAPH = "<w:p><w:r><w:t>%s</w:t></w:r></w:p>"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument(
        "--half", choices=("served", "alone"), help="Only this one; the other is kept as it was."
    )
    given = arguments.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would pass on a deaf ear
    with tempfile.TemporaryDirectory(prefix="answerable-bombs-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file, make in BOMBS.items():
            make(folder / file)
        for half, measure in (("served", _served), ("alone", _alone)):
            if given.half in (None, half):
                _keep(asyncio.run(measure(folder)), given.keep)


def _keep(result: dict[str, object], file: Path | None) -> None:
    """Each half has keys of its own, and the machine as it was then."""
    print(json.dumps(result, indent=2))
    if file:
        kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.write_text(json.dumps({**kept, "command": COMMAND, **result}, indent=2) + "\n", encoding="utf-8")


async def _served(folder: Path) -> dict[str, object]:
    return {"served": {**await beside(folder), "machine": _machine()}}


def _machine() -> dict[str, object]:
    load = round(os.getloadavg()[1], 1)  # of the last five minutes
    system = platform.system()
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "system": system, "load_5min": load}


def _write(data: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data())


def _zeros(size: int) -> bytes:
    return b"\0" * size


def _nested_zip() -> bytes:
    """Like 42.zip: archives in archives, five deep."""
    data = _zeros(10_000_000)
    for depth in range(5):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(8):
                archive.writestr(f"{depth}-{n}.zip", data)
        data = out.getvalue()
    return data


def _many_entries(count: int) -> bytes:
    """A Word file of which only the directory is large: every entry names the same local header."""
    first = io.BytesIO()
    with zipfile.ZipFile(first, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    start = first.getvalue()[: first.getvalue().index(b"PK\x01\x02")]
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 4, 4, 1, 0, 0, 0, 0, 0, 0)
    last = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 4, 4, 17, 0, 0, 0, 0, 0, 0)
    directory = (entry + b"a") * count + last + b"word/document.xml"
    big = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(directory), len(start))
    where = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(start) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return start + directory + big + where + end


def _docx_with_picture() -> bytes:
    """A picture that claims 60,000 x 60,000 pixels, and a part of 900 MB of blanks under a picture's name."""
    pixels = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">2L", 60_000, 60_000) + b"\x08\x06\0\0\0"
    return files.docx(
        _PARAGRAPH % "Returns within 30 days", more={"word/media/a.png": pixels + _zeros(300_000_000)}
    )


def _sparse(path: Path) -> None:
    """One line of a gigabyte, without taking the disk for it."""
    with path.open("wb") as file:
        file.truncate(1 << 30)


def _line(size: int) -> bytes:
    return b"word " * (size // 5)


BOMBS: dict[str, Callable[[Path], object]] = {
    "zip42.zip": _write(_nested_zip),
    "zip42.docx": _write(_nested_zip),
    "entries-900k.docx": _write(lambda: _many_entries(900_000)),
    "entries-1M-50MB.docx": _write(lambda: _many_entries(1_100_000)),
    "laughs.docx": _write(lambda: files.docx(_PARAGRAPH % "&a11;", doctype=_LAUGHS)),
    "xxe.docx": _write(lambda: files.docx(_PARAGRAPH % "&a;", doctype=_XXE)),
    "blanks.docx": _write(lambda: files.docx(_PARAGRAPH % (" " * 90_000_000 + "end"))),
    "picture.docx": _write(_docx_with_picture),
    "deep.docx": _write(lambda: files.docx("<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000)),
    "flate.pdf": _write(lambda: files.flate_bomb_pdf(1 << 30)),
    "pages-50k.pdf": _write(lambda: files.many_pages_pdf(50_000)),
    "deep.json": _write(lambda: b'{"messages":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"),
    "deep.html": _write(lambda: b"<html><body>" + b"<div>" * 1_000_000 + b"Within 30 days."),
    "wide.html": _write(lambda: b"<html><body>" + b"<p>a" * 5_000_000),
    "attributes.html": _write(lambda: b"<html><body " + b"".join(b"a%d=1 " % n for n in range(300_000)) + b">x"),
    "deep.md": _write(lambda: b"> " * 1_000_000 + b"deep\n\n" + b"[" * 200_000 + b"](x)"),
    "emphasis.md": _write(lambda: b"*a **b " * 150_000),
    "deep-list.md": _write(lambda: b"".join(b" " * (2 * n) + b"- a\n" for n in range(3_000))),
    "backticks.md": _write(lambda: b" ".join(b"`" * n for n in range(1, 4_000))),
    "deep.rst": _write(lambda: b"".join(b"   " * n + b"* a\n\n" for n in range(2_000))),
    "line-1GB.txt": _sparse,
    "line-45MB.txt": _write(lambda: _line(45_000_000)),
    "one-word-45MB.txt": _write(lambda: b"a" * 45_000_000),
    "cell-45MB.csv": _write(lambda: b'a,b\n"' + _line(45_000_000) + b'",1\n'),
    "quotes.csv": _write(lambda: b'"' * 5_000_001),
    "columns.csv": _write(lambda: b",".join(b"c%d" % n for n in range(400_000)) + b"\n" + b"1," * 400_000),
    "parts.eml": _write(
        lambda: (
            b"From: a@b\nSubject: x\nMIME-Version: 1.0\n"
            + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
        )
    ),
    "headers.eml": _write(lambda: b"From: a@b\nSubject: x\n" + b"X-A: b\n" * 1_000_000 + b"\nbody"),
    "yaml.md": _write(
        lambda: (
            b"---\na0: &a0 [x,x]\n"
            + b"".join(b"a%d: &a%d [%b]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 10))
            + b"---\n# x\n"
        )
    ),
    "packed.txt.gz": _write(lambda: gzip.compress(_zeros(200_000_000))),
    "noise.pdf": _write(lambda: b"%PDF-1.7\n" + random.Random(7).randbytes(20_000_000)),
    "after.md": _write(lambda: b"# Returns\n\nWithin 30 days.\n"),  # sound: it must be read after all of these
}


async def _alone(folder: Path) -> dict[str, object]:
    source = Folder(id="bombs", root=folder, tenant="bench")
    rows: dict[str, dict[str, object]] = {}
    async with Sandbox(workers=1) as sandbox:
        for candidate in source.list():
            peak = Peak()
            begun = time.perf_counter()
            watching = asyncio.create_task(peak.watch())
            try:
                if candidate.error:
                    outcome = "refused unread"
                else:
                    raw = await asyncio.to_thread(source.read, candidate.uri)
                    await sandbox.parse(raw)
                    outcome = "read"
            except ParseError as error:
                outcome = error.reason
            watching.cancel()
            seconds = time.perf_counter() - begun
            rows[candidate.uri] = {"outcome": outcome, "s": round(seconds, 2), "worker_mb": round(peak.mb)}
            say(f"{candidate.uri}: {outcome}, {seconds:.1f} s, {peak.mb:.0f} MB")
        walls = list(sandbox.walls)
    return {
        "machine": _machine(),
        "walls": walls,
        "files": len(rows),
        "max_s": max(float(str(row["s"])) for row in rows.values()),
        "max_worker_mb": max(int(str(row["worker_mb"])) for row in rows.values()),
        "rows": rows,
    }


class Peak:
    """The most resident memory, in MB, that any worker of this process held."""

    def __init__(self) -> None:
        self.mb = 0.0

    async def watch(self) -> None:
        """Until cancelled; a sample each 50 ms, of the kernel's own high-water mark."""
        while True:
            self.look(os.getpid())
            await asyncio.sleep(0.05)

    def look(self, root: int) -> None:
        """One sample of the parser processes below `root`."""
        for one in family(processes(), root):
            try:
                command = Path(f"/proc/{one.pid}/cmdline").read_bytes()
                status = Path(f"/proc/{one.pid}/status").read_text()
            except OSError:
                continue
            if b"parsers.worker" in command and "VmRSS" in status:
                self.mb = max(self.mb, int(status.split("VmRSS:")[1].split()[0]) / 1000)


if __name__ == "__main__":
    main()
