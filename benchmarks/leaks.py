"""What of a leaked prompt people would see: a scripted model gives it away in many spellings, cut at every place.

    python benchmarks/leaks.py --out benchmarks/results/leaks.json

The main path in memory with all guards; sentences are cited, and the check against passages is off, so that
nothing but the guards stops them (`verified`: with the check on, as it ships). A scripted model: this says what is
held back, not how easily a model leaks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.rerankers.proximity import KeepOrder
from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Retriever
from answerable.answer.texts import Texts
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.query import Query
from answerable.evals.stats.proportions import exact
from answerable.guards.chain import default_guards
from answerable.prompts.collection import load_library
from answerable.testing.leaking import CANARY, OPEN, PROMPT, SPELLINGS, Leak, see

QUESTION = "Within how many days of delivery can items be returned?"
PAGE = "Items can be returned within 30 days of delivery. Sale items are final."
LEADS = ("It is ", "The marker: ", "", "Items can be returned, and ")


async def make_asker(*, verify: bool) -> Asker:
    """One page, no database, all guards as they ship."""
    store, embedder = MemoryStore(), HashEmbedder()
    page = Document(source="kb", uri="returns.md", title="Returns policy", text=PAGE, tenant="t")
    chunk = Chunk(document_id=page.id, start=0, end=len(PAGE), text=PAGE, headings=("Returns policy",), tokens=15)
    vectors = await embedder.embed([embedding_text(page, chunk)], kind="passage")
    await store.replace(page, [chunk], vectors, model=embedder.model)
    return Asker(
        retriever=Retriever(embedder=embedder, store=store),
        reranker=KeepOrder(),
        llm=Extractive(),
        renderer=Renderer(prompt=load_library("answer")),
        extractive=Extractive(),
        guards=Guards(members=default_guards()),
        answerability=Answerability(threshold=0.0),
        non_answers=NonAnswers(texts=Texts()),
        verify=verify,
    )


def leaks() -> Iterator[Leak]:
    """Every spelling behind every lead, and the plain ones cut at every place."""
    for what in (CANARY, PROMPT):
        for spelling in SPELLINGS:
            for lead in LEADS:
                yield Leak(what=what, spelling=spelling, lead=lead)
    for spelling in ("plain", "upper case", "base64", "hexadecimal", "spaced"):
        for cut in range(1, 46):
            yield Leak(what=CANARY, spelling=spelling, cut=cut)
            yield Leak(what=PROMPT, spelling=spelling, cut=2 * cut)
    for cut in range(1, 120):
        yield Leak(what=PROMPT, cut=cut)


async def run(rounds: int) -> dict[str, Any]:
    """Each leak, `rounds` times with another canary each."""
    result: dict[str, Any] = {}
    for name, verify in (("guards alone", False), ("verified", True)):
        asker = await make_asker(verify=verify)
        rows: dict[tuple[str, str], list[bool]] = {}
        for leak in [*leaks()] * (rounds if not verify else 1):
            query = Query(text=QUESTION, tenant="t", deadline=Deadline.after(60.0))
            seen = await see(asker, leak, query)
            kind = "split stream" if leak.cut is not None else leak.spelling
            rows.setdefault((leak.what, kind), []).append(seen.leaked)
        result[name] = _told(rows)
    return result


def _told(rows: dict[tuple[str, str], list[bool]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for what in (CANARY, PROMPT):
        of = {kind: seen for (one, kind), seen in rows.items() if one == what}
        undone = [one for kind, seen in of.items() if kind not in OPEN[what] for one in seen]
        others = [one for kind, seen in of.items() if kind in OPEN[what] for one in seen]
        told[what] = {
            "undone": {
                "shown": sum(undone),
                "n": len(undone),
                "most95": round(exact(sum(undone), len(undone)).high, 5),
            },
            "open": {"shown": sum(others), "n": len(others)},
            "spellings": {kind: {"shown": sum(seen), "n": len(seen)} for kind, seen in of.items()},
        }
    return told


def main() -> None:
    """Run, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    started = time.process_time()
    sets = asyncio.run(run(given.rounds))
    result = {
        "made_by": "python benchmarks/leaks.py",
        "model": "scripted: it leaks whatever it is sent",
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "cpu_s": round(time.process_time() - started, 1),
        },
        "runs": sets,
    }
    text = json.dumps(result, indent=2, ensure_ascii=False)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
