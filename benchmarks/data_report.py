"""What looking at many documents costs: `data report` without the database, at 1,000 and at 10,000 documents.

    python benchmarks/data_report.py --data DIR [--out benchmarks/results/data_report.json]

Real text: scifact, clapnq, squad2 and XQuAD below --data, each page once; pages past the last
one are earlier ones with their sentences in another order. CPU is the own of this process; memory is the peak of
resident memory, less that of the loaded corpus. Each size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from answerable.adapters.minhash import MinHashLikeness, is_installed
from answerable.core.document import Chunk
from answerable.core.ports import DocumentView
from answerable.ingest.quality.inspection import Inspection, Thresholds
from answerable.ingest.statements.conflicts import Contradictions
from answerable.ingest.statements.extraction import topics
from answerable.text.sentences import sentences

HERE = Path(__file__).parent
SETS = ("retrieval/scifact", "qa/clapnq", "qa/squad2", "multilingual/xquad_en")
SIZES = (1_000, 10_000)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, required=True)
    given.add_argument("--out", type=Path, default=HERE / "results" / "data_report.json")
    given.add_argument("--documents", type=int, help="one size, in this process")
    options = given.parse_args()
    if options.documents:
        sys.stdout.write(json.dumps(measured(options.data, options.documents)))
        return
    rows = []
    for size in SIZES:
        command = [sys.executable, __file__, "--data", str(options.data), "--documents", str(size)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    machine = {"python": platform.python_version(), "processor": platform.machine(), "cores": 2}
    options.out.write_text(json.dumps({"machine": machine, "sizes": rows}, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(rows, indent=1) + "\n")


def measured(data: Path, size: int) -> dict[str, Any]:
    pages = [(one["title"], one["text"]) for one in corpus(data, size)]
    before, started = memory_mb(), time.process_time()
    contradictions = Contradictions(vocabulary=topics(views(pages)))
    likeness = MinHashLikeness(Thresholds().duplicate_likeness) if is_installed() else None
    inspection = Inspection(
        today=date(2026, 11, 22), languages=("en",), thresholds=Thresholds(), likeness=likeness
    )
    inspecting = comparing = 0.0
    for view in views(pages):
        at = time.process_time()
        inspection.see(view)
        seen = time.process_time()
        contradictions.see(view)
        inspecting, comparing = inspecting + seen - at, comparing + time.process_time() - seen
    at = time.process_time()
    pairs = contradictions.pairs()
    compared = time.process_time() - at
    at = time.process_time()
    found = inspection.findings()
    return {
        "documents": size,
        "characters": sum(len(text) for _, text in pages),
        "cpu_s": round(time.process_time() - started, 1),
        "inspect_cpu_s": round(inspecting, 1),
        "read_statements_cpu_s": round(comparing, 1),
        "compare_cpu_s": round(compared, 1),
        "findings_cpu_s": round(time.process_time() - at, 1),
        "peak_mb_above_corpus": round(memory_mb() - before, 1),
        "statements": contradictions.statements,
        "pairs": len(pairs),
        "findings": len(found),
    }


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def corpus(data: Path, size: int) -> list[dict[str, str]]:
    """The first `size` pages in a fixed random order."""
    found = []
    for name in SETS:
        for line in (data / name / "corpus.jsonl").read_text("utf-8").splitlines():
            one = json.loads(line)
            found.append({"title": one.get("title") or one["text"][:60], "text": one["text"]})
    order = random.Random(7)
    order.shuffle(found)
    for one in found[: max(0, size - len(found))]:
        cut = [one["text"][start:end] for start, end in sentences(one["text"], "en")]
        order.shuffle(cut)
        found.append({"title": f"{one['title']} again", "text": " ".join(cut)})
    return found[:size]


def views(pages: list[tuple[str, str]]) -> Iterator[DocumentView]:
    for n, (title, text) in enumerate(pages):
        chunk = Chunk(document_id=f"d{n}", start=0, end=len(text), text=text, headings=(title,))
        yield DocumentView(
            id=f"d{n}", uri=f"{n}.md", source="real", title=title, text=text, version=1, language="en",
            status="published", trust="internal", owner=None, updated_at="2026-01-01", review_by=None,
            media_type="", meta={}, chunks=(chunk,),
        )  # fmt: skip


if __name__ == "__main__":
    main()
