"""Contradictions between documents: how many are found, how many findings are false, and what reaches the answer.

    python benchmarks/conflicts.py --data DIR [--out benchmarks/results/conflicts.json] [--no-answers]

benchmarks/conflicts/ holds seeded pairs; its README says which part was held out when. Every part is one
corpus: whatever is found between pages of two pairs is false, too. --data is a folder with documents/ (policy
pages and guides for the false findings), retrieval/, qa/, multilingual/, pdf/ and conflicts/ramdocs. Answers are
quotes, no model is asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from answerable.adapters.parsers.registry import all_parsers
from answerable.adapters.sources.folder import Folder
from answerable.adapters.stored import document_view
from answerable.app import Project, System, open_system
from answerable.app.data import find_conflicts
from answerable.app.ingesting import open_ingestion
from answerable.app.sample import sample_folder
from answerable.core.document import Chunk, Document
from answerable.core.errors import ParseError
from answerable.core.outcome import Outcome
from answerable.core.ports import DocumentView
from answerable.evals.stats.proportions import exact
from answerable.ingest.statements.conflicts import Contradictions
from answerable.ingest.statements.extraction import topics
from answerable.ingest.statements.pairing import Pair
from answerable.text.statements.decision import Decision

HERE = Path(__file__).parent
PARTS = ("a", "b", "c", "d")
REAL = ("documents/basecamp_policies", "documents/github_site_policy", "documents/python_devguide")
UNSEEN = (
    "retrieval/scifact",
    "qa/squad2",
    "multilingual/xquad_en",
    "multilingual/xquad_de",
    "multilingual/xquad_es",
)
SHOWN = 10


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, required=True)
    given.add_argument("--out", type=Path, default=HERE / "results" / "conflicts.json")
    given.add_argument("--no-answers", action="store_true")
    given.add_argument("--only", choices=PARTS, help="one seeded part, with its answers, and no real corpus")
    options = given.parse_args()
    if options.only:
        alone = {"seeded": seeded(part(options.only)), "answers": asyncio.run(answers((options.only,)))}
        sys.stdout.write(json.dumps(alone, ensure_ascii=False, indent=1, default=str) + "\n")
        return
    result: dict[str, Any] = {
        "machine": {"python": platform.python_version(), "processor": platform.machine(), "cores": 2},
        "seeded": {name: seeded(part(name)) for name in PARTS},
        "sample": sample(),
        # Looked at while the rules were made: their figures are those of a corpus that somebody has tuned on.
        "real": {Path(name).name: real(options.data / name) for name in REAL},
        "unseen": {name: abstracts(options.data / name / "corpus.jsonl") for name in UNSEEN}
        | {"sec_10q": real(options.data / "pdf" / "sec_10q")},
        "ramdocs": ramdocs(options.data / "conflicts" / "ramdocs" / "items.jsonl"),
    }
    if not options.no_answers:
        result["answers"] = asyncio.run(answers())
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    sys.stdout.write(
        json.dumps({key: brief(value) for key, value in result.items()}, indent=1, default=str) + "\n"
    )


# --- corpora ----------------------------------------------------------------------------------------------------


def part(name: str) -> list[dict[str, Any]]:
    lines = (HERE / "conflicts" / f"part_{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def views_of(pairs: Sequence[dict[str, Any]]) -> list[DocumentView]:
    return [
        small_view(f"{one['id']}-{side}", one[side], one["lang"]) for one in pairs for side in ("left", "right")
    ]


def small_view(name: str, page: Sequence[str], language: str) -> DocumentView:
    title, heading, updated, text = page
    whole = f"{title}\n\n{heading}\n\n{text}"
    chunk = Chunk(
        document_id=name, start=len(whole) - len(text), end=len(whole), text=text, headings=(title, heading)
    )
    return DocumentView(
        id=name, uri=f"{name}.md", source="seeded", title=title, text=whole, version=1, language=language,
        status="published", trust="internal", owner=None, updated_at=updated, review_by=None, media_type="",
        meta={}, chunks=(chunk,),
    )  # fmt: skip


def folder_views(root: Path) -> list[DocumentView]:
    parsers, source, found = all_parsers(), Folder(id="real", root=root, tenant="bench"), []
    for candidate in source.list():
        try:
            found.append(viewed(parsers.parse(source.read(candidate.uri))))
        except ParseError:
            continue
    return found


def viewed(document: Document) -> DocumentView:
    """With a chunk for each block: headings and places are what is needed of chunks here."""
    chunks = [
        Chunk(document_id=document.id, start=one.start, end=one.end, text="", headings=one.headings)
        for one in document.blocks
    ]
    return document_view(document, chunks, version=1)


def compared(views: Sequence[DocumentView]) -> tuple[list[Pair], dict[str, Any]]:
    started = time.process_time()
    contradictions = Contradictions(vocabulary=topics(views))
    for view in views:
        contradictions.see(view)
    read = time.process_time()
    pairs = contradictions.pairs()
    done = time.process_time()
    costs = {"read_cpu_s": round(read - started, 2), "compare_cpu_s": round(done - read, 2)}
    return pairs, {"documents": len(views), "statements": contradictions.statements, **costs}


# --- what is measured -------------------------------------------------------------------------------------------


def seeded(pairs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found, facts = compared(views_of(pairs))
    wanted = {one["id"] for one in pairs if one["label"] == "conflict"}
    conflicts = [one for one in found if one.decided.decision is Decision.CONFLICT]
    hit: set[str] = set()
    false: list[dict[str, Any]] = []
    for one in conflicts:
        ids = {side.page.id.partition("-")[0] for side in (one.first, one.second)}
        if len(ids) == 1 and ids <= wanted:
            hit |= ids
        else:
            false.append(row(one))
    negatives = Counter(one["label"] for one in pairs if one["label"] != "conflict")
    return {
        **facts,
        "conflicts": len(wanted),
        "others": dict(negatives),
        "precision": share(len(hit), len(hit) + len(false)),
        "recall": share(len(hit), len(wanted)),
        "missed": sorted(wanted - hit),
        "false": false,
    }


def sample() -> dict[str, Any]:
    found, facts = compared(folder_views(sample_folder() / "knowledge"))
    return {**facts, "conflicts": [row(one) for one in found if one.decided.decision is Decision.CONFLICT]}


def real(root: Path) -> dict[str, Any]:
    return on_a_corpus(folder_views(root))


def abstracts(path: Path) -> dict[str, Any]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    language = path.parent.name[-2:] if "xquad" in path.parent.name else "en"
    return on_a_corpus([abstract(one["_id"], one.get("title", ""), one["text"], language) for one in rows])


def abstract(name: str, title: str, text: str, language: str = "en") -> DocumentView:
    chunk = Chunk(document_id=name, start=0, end=len(text), text=text, headings=(title,) if title else ())
    return replace(
        small_view(name, (title, "", "2020-01-01", text), language), text=text, chunks=(chunk,), updated_at=None
    )


def on_a_corpus(views: Sequence[DocumentView]) -> dict[str, Any]:
    found, facts = compared(views)
    conflicts = [one for one in found if one.decided.decision is Decision.CONFLICT]
    return {
        **facts,
        "findings": len(conflicts),
        "per_1000_documents": round(1000 * len(conflicts) / len(views), 2),
        "other_decisions": dict(Counter(str(one.decided.decision) for one in found)),
        "shown": [row(one) for one in conflicts[:SHOWN]],
    }


def ramdocs(path: Path) -> dict[str, Any]:
    """Web passages that answer one ambiguous question differently: not pages of one organization."""
    items = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    differing = agreeing = found_differing = found_agreeing = 0
    for n, item in enumerate(items):
        pages = [abstract(f"{n}-{m}", item["question"], one["text"]) for m, one in enumerate(item["documents"])]
        answers = {one["answer"] for one in item["documents"] if one["type"] != "noise"}
        found, _ = compared(pages)
        any_found = any(one.decided.decision is Decision.CONFLICT for one in found)
        if len(answers) > 1:
            differing, found_differing = differing + 1, found_differing + any_found
        else:
            agreeing, found_agreeing = agreeing + 1, found_agreeing + any_found
    return {
        "questions with several answers": differing, "with a conflict found": found_differing,
        "questions with one answer": agreeing, "with a conflict found there": found_agreeing,
    }  # fmt: skip


# --- the answers ------------------------------------------------------------------------------------------------


async def answers(parts: Sequence[str] = PARTS) -> dict[str, Any]:
    """Every seeded conflict asked of the whole path: Postgres, the embedding model, quotes."""
    folder = Path(tempfile.mkdtemp(prefix="answerable-conflicts-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        pairs = [one for name in parts for one in part(name)]
        write_project(folder, pairs)
        async with open_system(Project.open(folder / "answerable.toml")) as system:
            async with open_ingestion(system) as ingestion:
                await ingestion.sync(system.settings.source[0])
            search = await find_conflicts(system)
            wanted = [one for one in pairs if one["label"] == "conflict"]
            others = [one for one in pairs if one["label"] != "conflict"]
            newest = replace(system.asker, on_conflict="newest")
            alone = replace(system.asker, conflicts=None)
            return {
                "recorded": len(search.conflicts),
                "show_both": tally([await ask(system, one) for one in wanted]),
                "without recorded conflicts": tally([await ask(system, one, asker=alone) for one in wanted]),
                "newest": tally([await ask(system, one, asker=newest) for one in wanted]),
                "no conflict": tally([await ask(system, one) for one in others]),
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_project(folder: Path, pairs: Sequence[dict[str, Any]]) -> None:
    (folder / "answerable.toml").write_text(
        '[project]\nname = "seeded"\n[answer]\ndeadline = "60s"\n[data]\nconflicts = "on_demand"\n'
        '[[source]]\nid = "seeded"\nuri = "pages"\n',
        "utf-8",
    )
    for name, one, side in pages(pairs):
        title, heading, updated, text = one[side]
        path = folder / "pages" / name
        path.parent.mkdir(exist_ok=True)
        head = f"---\ntitle: {json.dumps(title)}\nlanguage: {one['lang']}\nupdated: {updated}\n---\n"
        path.write_text(f"{head}# {title}\n\n## {heading}\n\n{text}\n", "utf-8")


def pages(pairs: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], str]]:
    for one in pairs:
        for side in ("left", "right"):
            yield f"{one['id']}-{side}.md", one, side


async def ask(system: System, one: dict[str, Any], *, asker: Any = None) -> tuple[str, str]:
    """The pair's id, and how it ended: shown, ruled, silent (one side only), or the outcome of a non-answer."""
    query = system.query(one["q"], language=one["lang"])
    answer = await (asker or system.asker).ask(query)
    cited = {citation.uri.partition("-")[0] + citation.uri[-8:-3] for citation in answer.citations}
    mine = [name for name in cited if name.startswith(one["id"])]
    if answer.outcome is Outcome.CONFLICT:
        return one["id"], "both shown" if len(mine) == 2 else "another conflict shown"
    if not answer.outcome.answers:
        return one["id"], answer.outcome.value
    if re.search("our rule|unserer Regel|nuestra regla", answer.text):
        return one["id"], "rule named" if mine else "rule named of another conflict"
    return one["id"], "both cited" if len(mine) == 2 else "one cited" if mine else "another page cited"


def tally(ended: Sequence[tuple[str, str]]) -> dict[str, Any]:
    counts = Counter(how for _, how in ended)
    silent = [name for name, how in ended if how == "one cited"]
    return {
        "asked": len(ended),
        "ended": dict(counts),
        "silent": share(len(silent), len(ended)),
        "silent_ids": silent,
    }


# --- figures ----------------------------------------------------------------------------------------------------


def share(k: int, n: int) -> dict[str, Any]:
    within = exact(k, n)
    value = round(k / n, 3) if n else None
    return {"k": k, "n": n, "share": value, "low": round(within.low, 3), "high": round(within.high, 3)}


def row(one: Pair) -> dict[str, Any]:
    sides = [{"uri": side.page.uri, "text": side.text[:300]} for side in (one.first, one.second)]
    return {"kind": one.decided.kind, "reason": one.decided.reason, "sides": sides}


def brief(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: brief(one) for key, one in value.items() if key not in ("shown", "false", "missed", "silent_ids")
        }
    return value


if __name__ == "__main__":
    main()
