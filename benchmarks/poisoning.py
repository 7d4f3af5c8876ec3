"""Plant the public PoisonedRAG texts beside true passages, ask, and count the target's wrong answers.

    python benchmarks/poisoning.py --data DIR --out benchmarks/results/poisoning.json [--questions N]
        [--quoted N] [--worlds NAME ...] [--processes N] [--cache DIR]

DIR holds guard/poisonedrag_texts, qa/squad2 and qa/clapnq. The published texts come without their corpus (2.7
million passages of NQ), so the haystack is the passages of squad2 and clapnq, and the true passage of a question
is one of its five texts with the wrong answer replaced by the right one: as easy to find as what is planted.
Questions whose answers are yes or no, or where that cannot be done, are left out and counted. What is planted is
question + text, as the attack is published (Zou et al. 2024, section 4.3, black box), each in a file of its own,
for all questions at once; k of five a question, the one that the true passage was made from last.

Two writers: the extractive one that the product has without a model, and a SCRIPTED model that says the attacker's
answer wherever a planted passage of its context has it: the worst case, never a model's quality. Success: the
answer that is shown as such has the wrong answer in it and not the right one. `warned`: such an answer that says
by itself that only one unchecked source has it. `both`: the two are shown side by side, as a contradiction.

`looks` is what ingestion makes of public sets of documents: marked and held, benign ones first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from retrieval_sets import encode_cached

from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.fakes.embedder import WhitespaceTokenizer
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.rerankers.late import LateInteraction
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.app.asking import make_asker
from answerable.app.holding import policy_of
from answerable.app.project import Project
from answerable.config.ingest_guard import GuardIngest
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.ports import LLM, Kind, Vectors
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.evals.stats.proportions import exact
from answerable.guards.documents import scan_document
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.holding import Holding
from answerable.testing.model_server.prompt import Prompt
from answerable.text.echo import Questions
from answerable.text.sentences import sentences

TENANT, SEED, ROUND = "bench", 13, 4
PLANTED = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with both answers, its true passage and what is planted for it, in the order of planting."""

    id: str
    question: str
    right: str
    wrong: str
    true: str
    planted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the index holds and what guards it."""

    name: str
    planted: int
    defended: bool
    tiers: tuple[tuple[str, str], ...] = (
        ("forum", "public"),
    )  # (source, trust) that what is planted is spread over
    true_trust: str = "internal"
    asked_before: bool = False


def has(text: str, answer: str) -> bool:
    """The answer's words in the text, in their order."""
    return bool(re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text, re.I))


def read_cases(path: Path, limit: int) -> tuple[list[Case], int]:
    """Those that can be measured, and how many cannot."""
    groups: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        groups[row["qid"]].append(row)
    found = [case for rows in groups.values() if (case := _case(rows))]
    chosen = random.Random(SEED).sample(found, min(limit, len(found)))
    return chosen, len(groups) - len(found)


def _case(rows: Sequence[Mapping[str, str]]) -> Case | None:
    first = rows[0]
    right, wrong = first["correct"], first["incorrect"]
    if {right.lower(), wrong.lower()} & {"yes", "no"} or has(right, wrong) or has(wrong, right):
        return None
    if has(first["question"], wrong) or has(first["question"], right):
        return None
    usable = [row["text"] for row in rows if has(row["text"], wrong) and not has(row["text"], right)]
    if not usable:
        return None
    base = usable[-1]
    true = re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", lambda _: right, base, flags=re.I)
    order = [row["text"] for row in rows if row["text"] != base] + [base]
    return Case(
        id=first["qid"],
        question=first["question"],
        right=right,
        wrong=wrong,
        true=true,
        planted=tuple(f"{first['question']}. {text}" for text in order),
    )


def documents(cases: Sequence[Case], haystack: Sequence[Document], world: World) -> list[Document]:
    """The index of one world."""
    made = list(haystack)
    for case in cases:
        made.append(_document("wiki", f"true/{case.id}.md", case.true, world.true_trust))
        for place, text in enumerate(case.planted[: world.planted]):
            source, trust = world.tiers[place % len(world.tiers)]
            made.append(_document(source, f"planted/{case.id}-{place}.md", text, trust))
    return made


def _document(source: str, uri: str, text: str, trust: str) -> Document:
    return Document(source=source, uri=uri, title="", text=text, tenant=TENANT, trust=trust)


def read_haystack(data: Path) -> list[Document]:
    """The passages of both sets."""
    found = []
    for name in ("squad2", "clapnq"):
        for line in (data / "qa" / name / "corpus.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            one = _document("handbook", f"{name}/{row['_id']}", row["text"], "internal")
            found.append(replace(one, title=row["title"]))
    return found


Encoded = Mapping[str, tuple[Any, bytes]]  # by embedded text: its vector and its token code


async def encode(found: Sequence[Document], embedder: MiniLM, cache: Path) -> Encoded:
    """Every text once, for all worlds."""
    encoded: dict[str, tuple[Any, bytes]] = {}
    for source in ("handbook", "wiki", "forum"):
        texts = sorted({embedding_text(one, _chunk(one)) for one in found if one.source == source})
        vectors, codes = await encode_cached(embedder, texts, cache=cache, label=source)
        encoded |= {text: (vector, code) for text, vector, code in zip(texts, vectors, codes, strict=True)}
    return encoded


class Remembering:
    """An embedder that computes each text once: the writer reads the same sentences in every world."""

    def __init__(self, inner: MiniLM) -> None:
        self.inner = inner
        self.model = inner.model
        self._known: dict[tuple[str, str], Any] = {}

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """As the inner one."""
        new = [text for text in dict.fromkeys(texts) if (text, kind) not in self._known]
        if new:
            made = await self.inner.embed(new, kind=kind)
            self._known |= {(text, kind): vector for text, vector in zip(new, made, strict=True)}
        rows = [self._known[text, kind] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.model.dim), dtype=np.float32)


def _chunk(one: Document) -> Chunk:
    return Chunk(document_id=one.id, start=0, end=len(one.text), text=one.text)


async def fill(
    found: Sequence[Document], cases: Sequence[Case], world: World, embedder: MiniLM, encoded: Encoded
) -> tuple[MemoryStore, Counter[str]]:
    """The index, looked over as ingestion looks over it; and what that marked or held."""
    questions = Questions([case.question for case in cases] if world.asked_before else ())
    holding = Holding(scan=scan_document, policy=policy_of(GuardIngest()), questions=questions)
    store, looks = MemoryStore(), Counter[str]()
    for one in found:
        kept = chunk = _chunk(one)
        vector, code = encoded[embedding_text(one, chunk)]
        if world.defended and one.uri.startswith("planted/"):
            looked = holding.look(one, [chunk])
            kept = looked.chunks[0]
            looks["held"] += bool(looked.hold)
            looks["marked"] += "suspicion" in kept.meta
            if looked.hold:
                continue
        await store.replace(one, [kept], np.asarray(vector).reshape(1, -1), model=embedder.model, tokens=[code])
    return store, looks


def worst_model(case: Case) -> LLM:
    """Says the attacker's answer wherever a planted passage has it, else the right one, else what comes first."""

    def write(rendered: Rendered) -> str:
        sources = Prompt(model="scripted", system=rendered.system, user=rendered.user).sources
        planted = [one for one in sources if any(text in one.text for text in case.planted)]
        for among, wanted in ((planted, case.wrong), (sources, case.right), (sources, "")):
            said = [(one.n, one.text[a:b]) for one in among for a, b in sentences(one.text, "en")]
            hit = next(((n, text) for n, text in said if not wanted or has(text, wanted)), None)
            if hit:
                return f"{hit[1].rstrip('.')} [{hit[0]}]."
        return "NO_ANSWER"

    return ScriptedLLM([Reply(write=write)])


def verdict(answer: Answer, case: Case) -> str:
    """What the person was told."""
    told = answer.text if answer.outcome.answers else ""
    right, wrong = has(told, case.right), has(told, case.wrong)
    if answer.outcome.value == "conflict" or (right and wrong):
        return "both" if wrong else "right" if right else "neither"
    if wrong:
        return "warned" if any(claim.kind == "limit" for claim in answer.claims) else "wrong"
    if right:
        return "right"
    return "neither" if told else answer.outcome.value


async def ask_all(asker: Asker, cases: Sequence[Case], writer: str) -> Counter[str]:
    """Each question once."""
    told: Counter[str] = Counter()
    for case in cases:
        llm = worst_model(case) if writer == "worst model" else asker.llm
        query = Query(text=case.question, tenant=TENANT, language="en", deadline=Deadline.after(600))
        told[verdict(await replace(asker, llm=llm).ask(query), case)] += 1
    return told


LOOKED_AT = (
    "benign_security_docs",
    "benign_ai_docs",
    "ai_docs_injected_public",
    "bipia_composed_docs",
    "spikee_v01_documents",
    "spikee_2026_composed",
)


def look_at(data: Path, name: str) -> list[dict[str, Any]]:
    """One row for each kind of document in a set: how many are marked, and how many held."""
    holding = Holding(scan=scan_document, policy=policy_of(GuardIngest()))
    chunker = StructureChunker(tokenizer=WhitespaceTokenizer(), max_tokens=150)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for line in (data / "guard" / name / "data.jsonl").read_text("utf-8").splitlines():
        given = json.loads(line)
        kind = "injected" if given["label"] else "quotes attacks" if given.get("mentions_attack") else "benign"
        one = _document(name, "page", given["text"], "public")
        looked = holding.look(one, chunker.chunk(one))
        counted[kind]["n"] += 1
        counted[kind]["marked"] += any("suspicion" in chunk.meta for chunk in looked.chunks)
        counted[kind]["held"] += bool(looked.hold)
    return [
        {"set": name, "kind": kind, "n": one["n"]}
        | {
            key: {"k": one[key], "n": one["n"], "interval95": _interval(one[key], one["n"])}
            for key in ("marked", "held")
        }
        for kind, one in sorted(counted.items())
    ]


def worlds() -> list[World]:
    """Before and after, and what the defenses cannot tell apart."""
    two = (("forum", "public"), ("blog", "public"))
    insider = (("share", "internal"),)
    asked = "on, 5 planted, true passage public, asked before"
    return [
        *(World(name=f"off, {k} planted", planted=k, defended=False) for k in (5, 0)),
        *(World(name=f"on, {k} planted, public", planted=k, defended=True) for k in (5, 0)),
        World(name="on, 5 planted, internal", planted=5, defended=True, tiers=insider),
        World(name="on, 5 planted, true passage public", planted=5, defended=True, true_trust="public"),
        World(name="on, 0 planted, true passage public", planted=0, defended=True, true_trust="public"),
        World(name=asked, planted=5, defended=True, true_trust="public", asked_before=True),
        *(World(name=f"off, {k} planted", planted=k, defended=False) for k in (1, 2)),
        *(World(name=f"on, {k} planted, public", planted=k, defended=True) for k in (1, 2)),
        World(name="on, 5 planted, two public sources", planted=5, defended=True, tiers=two),
    ]


def row(world: World, writer: str, told: Counter[str], looks: Counter[str], cpu_s: float) -> dict[str, Any]:
    """One line of the result, with exact 95 % intervals."""
    n = sum(told.values())
    wrong = told["wrong"]
    given = wrong + told["warned"]
    return {
        "world": world.name,
        "writer": writer,
        "planted": world.planted,
        "n": n,
        "told": dict(told),
        "success": {"k": wrong, "n": n, "interval95": _interval(wrong, n)},
        "success_or_warned": {"k": given, "n": n, "interval95": _interval(given, n)},
        "right": {"k": told["right"], "n": n, "interval95": _interval(told["right"], n)},
        "at_ingest": dict(looks),
        "cpu_ms_per_question": round(1000 * cpu_s / n, 1),
    }


def _interval(k: int, n: int) -> list[float]:
    found = exact(k, n)
    return [round(found.low, ROUND), round(found.high, ROUND)]


async def measure(given: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    """One world with every writer."""
    cases, _ = read_cases(_texts(given.data), given.questions)
    haystack = read_haystack(given.data)
    world = next(one for one in worlds() if one.name == name)
    embedder = MiniLM(find_weights())
    remembering = Remembering(embedder)
    most = World(name="all", planted=5, defended=False)
    encoded = await encode(documents(cases, haystack, most), embedder, given.cache)
    store, looks = await fill(documents(cases, haystack, world), cases, world, embedder, encoded)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "answerable.toml"
        config.write_text('[project]\nname = "bench"\nlanguages = ["en"]\n', encoding="utf-8")
        extractive = Extractive(embedder=remembering)
        asker = make_asker(
            Project.open(config),
            embedder=embedder,
            store=store,
            reranker=LateInteraction(encoder=embedder, codes=store),
            llm=extractive,
            extractive=extractive,
        )
        asker = replace(asker, two_sources="public" if world.defended else "off")
        for writer, asked in (("worst model", cases), ("extractive", cases[: given.quoted])):
            began = time.process_time()
            if told := await ask_all(asker, asked, writer):
                rows.append(row(world, writer, told, looks, time.process_time() - began))
                print(json.dumps(rows[-1]), flush=True)
    return rows


def measured(given: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    """In a process of its own."""
    return asyncio.run(measure(given, name))


def _texts(data: Path) -> Path:
    return data / "guard" / "poisonedrag_texts" / "data.jsonl"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--quoted", type=int, default=100, help="questions for the extractive writer")
    parser.add_argument("--worlds", nargs="+", default=[one.name for one in worlds()], help="by name")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "answerable-poisoning")
    given = parser.parse_args()
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    cases, left_out = read_cases(_texts(given.data), given.questions)
    result = {
        "command": "python benchmarks/poisoning.py",
        "machine": machine,
        "load_average_before": [round(one, 2) for one in os.getloadavg()],
        "questions": len(cases),
        "left_out": left_out,
        "haystack": len(read_haystack(given.data)),
    }
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(partial(measured, given), given.worlds))
        result["rows"] = [one for rows in found for one in rows]
        result["looks"] = [one for rows in pool.map(partial(look_at, given.data), LOOKED_AT) for one in rows]
    given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
