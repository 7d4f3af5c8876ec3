"""How much of a corpus a crawler gets through the served system, without limits and with those that ship.

    python benchmarks/extraction.py --data DIR [--questions 1000] [--sweep 10000] [--part NAME] [--form NAME]

The application itself answers (routes, gate, guards, search, quotes; an embedded Postgres), asked as HTTP
inside one process. Two corpora: the sample's pages, and the public sets of retrieval below DIR together, cut
into passages. The large one is searched by words alone (its vectors would take an hour and decide nothing
here), every question is answered from quotes, and streams are read with all their events, so that a crawler
gets every passage an answer was made from: more than its words. Time is simulated: the counters are those in
memory, which keep the same contract as Postgres' (tests/conformance/test_tolls.py), on a clock that a request
moves by a second. No model is asked.

Parts: before, after (each form of crawler), sweep (so many templated questions, one a second), identities (five
persons), slow (one person who waits as told, for a day), honest (sessions of 60 questions a day, each about
something else, drawn from the public question sets), sample. Writes benchmarks/results/extraction.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
from crawlers import Crawler, Wish, passages_of, spans_of
from proof import say

from answerable.adapters.fakes.tolls import MemoryTolls
from answerable.api import create_api
from answerable.api.serving import web_settings
from answerable.app import Project, open_system
from answerable.app.canaries import plant
from answerable.app.ingesting import open_ingestion
from answerable.app.sample import sample_folder
from answerable.app.system import System
from answerable.core.bounds import UNBOUND
from answerable.core.document import Chunk, Document
from answerable.core.ports import Happening, Indexed
from answerable.core.query import Principal, Scope
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold

RESULT = Path(__file__).parent / "results" / "extraction.json"
FORMS = ("generic", "template", "walk", "continue", "search", "open")
DAY_S, PASSAGE = 86_400.0, 900
START_S = 20_000 * DAY_S
_BREAK = re.compile(r"(?<=[.!?])\s+")
CONFIG = """
[project]
name = "extraction"
contact = "help@example.com"
[answer]
deadline = "60s"
[abstain]
threshold = 0.0
[retrieval]
mode = "lexical"
reranker = "none"
typo_tolerance = false
[[source]]
id = "knowledge"
uri = "knowledge"
"""


@dataclass(slots=True, kw_only=True)
class Clock:
    """Simulated seconds since 1970."""

    now: float = START_S

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True, kw_only=True)
class Haul:
    """What a crawler has: spans by document, and how its requests ended."""

    chars: int  # of the corpus
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    first_refused: int | None = None  # the request, counted from 1
    share_then: float | None = None
    longest: int = 0  # characters of one passage in one reply

    def take(self, reply: dict[str, Any]) -> None:
        """What a reply shows."""
        for document, start, end in spans_of(reply):
            self.spans.setdefault(document, []).append((start, end))
            self.longest = max(self.longest, end - start)

    @property
    def share(self) -> float:
        """Of the corpus' characters."""
        return sum(_covered(spans) for spans in self.spans.values()) / self.chars

    def row(self) -> dict[str, Any]:
        """For the result."""
        return {
            "requests": self.requests,
            "ended": dict(self.ended.most_common()),
            "share": round(self.share, 4),
            "first_refused_at_request": self.first_refused,
            "share_at_first_refusal": None if self.share_then is None else round(self.share_then, 4),
            "longest_passage_chars": self.longest,
        }


def _covered(spans: list[tuple[int, int]]) -> int:
    total, reached = 0, 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


@dataclass(slots=True, kw_only=True)
class World:
    """One corpus behind the application."""

    system: System
    name: str
    chars: int
    passages: int
    documents: int
    vocabulary: tuple[str, ...]
    tokens: tuple[str, ...]
    seconds: list[float] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Front:
    """The application with limits or without, its clock and what it told."""

    world: World
    clock: Clock
    told: list[Happening]
    tolls: MemoryTolls
    clients: tuple[httpx.AsyncClient, ...]

    async def send(self, wish: Wish, *, who: int = 0) -> tuple[str, dict[str, Any], float]:
        """How it ended, what came back, and the seconds to wait where it was refused."""
        client = self.clients[who]
        if wish.kind == "search":
            reply = await client.post("/v1/search", json={"query": wish.text[:4000], "limit": 20})
        elif wish.kind == "open":
            reply = await client.get(f"/v1/sources/{wish.text}")
        else:
            reply = await client.post("/v1/answers", json={"question": wish.text[:4000], "stream": True})
        body = _body(reply)
        ended = body.get("code") or body.get("outcome") or ("found" if reply.status_code == 200 else "failed")
        return str(ended), body, float(reply.headers.get("Retry-After", 0))


def _body(reply: httpx.Response) -> dict[str, Any]:
    """The JSON, or a stream's answer together with the passages that it showed before."""
    if not reply.headers.get("content-type", "").startswith("text/event-stream"):
        return reply.json()
    shown, done, event = [], {}, ""
    for line in reply.text.splitlines():
        if line.startswith("event:"):
            event = line[6:].strip()
        elif line.startswith("data:") and event == "sources":
            shown = json.loads(line[5:])["sources"]
        elif line.startswith("data:") and event in ("done", "error"):
            done = json.loads(line[5:])
    return {**done, "sources": [*done.get("sources", []), *shown]}


def front(world: World, *, limited: bool) -> Front:
    """A fresh application over the world's system."""
    clock, told = Clock(), []

    class Told:
        def write(self, happening: Happening) -> None:
            told.append(happening)

    web = web_settings(world.system)
    web = replace(web, bounds=web.bounds if limited else UNBOUND, allowed_hosts=(), adaptive=False)
    tolls = MemoryTolls(clock=clock)
    system = replace(world.system, tolls=tolls)
    app = create_api(system, web)
    turnstile = app.state.services.turnstile
    turnstile.alarms.told, turnstile.alarms.clock = Told().write, clock
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    clients = tuple(
        httpx.AsyncClient(
            transport=transport, base_url="http://shop", headers={"Authorization": f"Bearer {one}"}, timeout=120
        )
        for one in world.tokens
    )
    return Front(world=world, clock=clock, told=told, tolls=tolls, clients=clients)


async def crawl(
    at: Front,
    crawler: Crawler,
    *,
    requests: int,
    patient: bool = False,
    until_s: float = float("inf"),
    people: int = 1,
) -> Haul:
    """So many requests at one a second; a patient one waits as long as it is told, and asks again."""
    haul = Haul(chars=at.world.chars)
    while haul.requests < requests and at.clock.now < START_S + until_s:
        wish = crawler.next()
        ended, body, wait_s = await at.send(wish, who=haul.requests % people)
        haul.requests += 1
        haul.ended[ended] += 1
        at.clock.now += 1.0
        refused = ended in ("too_much", "seen_enough", "own_share", "escalated")
        if refused and haul.first_refused is None:
            haul.first_refused, haul.share_then = haul.requests, haul.share
        if refused and patient:
            at.clock.now += wait_s if wait_s else 600.0
            continue
        haul.take(body)
        crawler.learn(passages_of(body))
    return haul


def alarms(told: Sequence[Happening]) -> dict[str, int]:
    """Alarms and limits reached, by kind."""
    return dict(Counter(str(one.props.get("kind", one.name)) for one in told))


async def crawled(world: World, form: str, *, limited: bool, requests: int, **how: Any) -> dict[str, Any]:
    """One crawler against one fresh application."""
    at = front(world, limited=limited)
    began, cpu = time.monotonic(), time.process_time()
    haul = await crawl(at, Crawler(form=form, vocabulary=world.vocabulary), requests=requests, **how)
    row = {"corpus": world.name, "form": form, "limits": "shipped" if limited else "off", **haul.row()}
    row |= {"alarms": alarms(at.told), "cpu_s": round(time.process_time() - cpu, 1)}
    row["simulated_hours"] = round((at.clock.now - START_S) / 3600, 2)
    took_s = time.monotonic() - began
    say(f"{world.name} {form} {row['limits']}: {row['share']:.1%} in {haul.requests} ({took_s:.0f} s)")
    return row


async def honest(world: World, questions: Sequence[str], *, people: int, each: int) -> dict[str, Any]:
    """Sessions of `each` questions in eight hours of one day, every one about something else."""
    at, ended, seen = front(world, limited=True), Counter[str](), []
    chance = random.Random(11)
    for who in range(people):
        at.clock.now = START_S + DAY_S * who
        for question in chance.sample(list(questions), each):
            outcome, _, _ = await at.send(Wish(kind="ask", text=question), who=who)
            ended[outcome] += 1
            at.clock.now += chance.uniform(0.1, 1.9) * 8 * 3600 / each
        at.clock.now = max(at.clock.now, START_S + DAY_S * who + 86_000)
        await at.send(Wish(kind="ask", text=""), who=who)  # refused as empty: nothing waits to be settled then
        (walk,) = await at.tolls.walks(tenant="default", name=f"p{who}", periods=[int(DAY_S)])
        seen.append(round(walk.passages))
    refused = sum(ended[one] for one in ("too_much", "seen_enough", "own_share", "escalated"))
    return {
        "corpus": world.name, "people": people, "questions_each": each, "asked": sum(ended.values()),
        "refused": refused, "ended": dict(ended.most_common()), "alarms": alarms(at.told),
        "passages_seen": {"median": float(np.median(seen)), "most": max(seen)},
    }  # fmt: skip


def corpora(data: Path) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Documents (id, title, text) and questions of the public sets."""
    documents, questions = [], []
    for folder in sorted(path.parent for path in data.rglob("corpus.jsonl")):
        name = folder.relative_to(data).as_posix()
        if name not in ("qa/squad2", "qa/clapnq", "retrieval/scifact", "chunking/covidqa"):
            continue
        for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            documents.append((f"{name}/{one['_id']}", one.get("title") or one["_id"], one["text"]))
        asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
        questions += [one["text"] for one in asked if one.get("metadata", {}).get("answerable", True)]
    return documents, questions


def cut(document: Document) -> list[Chunk]:
    """Passages of whole sentences, up to PASSAGE characters."""
    chunks, start, end = [], 0, 0
    for one in [*_BREAK.finditer(document.text), None]:
        stop = one.start() if one else len(document.text)
        if stop - start > PASSAGE and end > start:
            chunks.append((start, end))
            start = end
            while start < len(document.text) and document.text[start].isspace():
                start += 1
        end = stop
    chunks.append((start, end))
    return [Chunk(document_id=document.id, start=a, end=b, text=document.text[a:b]) for a, b in chunks if b > a]


async def fill(system: System, documents: Sequence[tuple[str, str, str]]) -> None:
    """Write them with one and the same vector, which nobody looks at."""
    dim = system.embedder.model.dim
    for at in range(0, len(documents), 200):
        indexed = []
        for uri, title, text in documents[at : at + 200]:
            document = Document(source="public", uri=uri, title=title[:200], text=text, tenant="default")
            chunks = cut(document)
            vectors = np.zeros((len(chunks), dim), dtype=np.float32)
            vectors[:, 0] = 1.0
            indexed.append(Indexed(document=document, chunks=chunks, vectors=vectors))
        await system.store.replace_all(indexed, model=system.embedder.model)
    await system.store.tend(tenant="default")


async def sync(system: System) -> None:
    """The sample's pages, as they are ingested."""
    async with open_ingestion(system) as ingestion:
        for section in system.settings.source:
            await ingestion.sync(section)


async def world_of(system: System, name: str, vocabulary: Sequence[str]) -> World:
    """The corpus as it is stored, canaries planted, and tokens for six people."""
    await plant(system, groups=("public",))
    views = await system.documents.read(Scope(tenant="default"), limit=100_000)
    views = [one for one in views if one.source != "canary"]
    tokens = []
    for n in range(20):
        _, secret = await system.tokens.create(tenant="default", principal=Principal(id=f"p{n}"), label="bench")
        tokens.append(secret)
    words = Counter(
        word
        for text in vocabulary
        for word in re.findall(r"[A-Za-z]{5,}", text)
        if fold(word) not in STOPWORDS["en"]
    )
    return World(
        system=system,
        name=name,
        chars=sum(len(one.text) for one in views),
        passages=sum(len(one.chunks) for one in views),
        documents=len(views),
        vocabulary=tuple(word for word, _ in words.most_common(6000)),
        tokens=tuple(tokens),
    )


async def large(options: argparse.Namespace, base: Path) -> dict[str, Any]:
    """All parts on the large corpus."""
    documents, questions = corpora(options.data)
    (base / "answerable.toml").write_text(CONFIG)
    (base / "knowledge").mkdir()
    rows: dict[str, Any] = {}
    async with open_system(Project.open(base / "answerable.toml")) as system:
        await fill(system, documents)
        # What an outsider has for a vocabulary: the words of questions on such topics, not of the documents.
        world = await world_of(system, "public", questions)
        say(f"{world.documents} documents, {world.passages} passages, {world.chars} characters")
        rows["corpus"] = {"documents": world.documents, "passages": world.passages, "chars": world.chars}
        for part in options.part:
            rows[part] = await PARTS[part](world, options, questions)
            options.keep(rows, "public")
    return rows


async def sample(options: argparse.Namespace, base: Path) -> dict[str, Any]:
    """The crawlers on the sample's pages, with the configuration of a new project."""
    shutil.copytree(sample_folder() / "knowledge", base / "knowledge")
    (base / "answerable.toml").write_text(CONFIG)
    rows: dict[str, Any] = {}
    async with open_system(Project.open(base / "answerable.toml")) as system:
        await sync(system)
        texts = [path.read_text(errors="replace") for path in (base / "knowledge").rglob("*.md")]
        world = await world_of(system, "sample", texts)
        say(f"{world.documents} documents, {world.passages} passages, {world.chars} characters")
        rows["corpus"] = {"documents": world.documents, "passages": world.passages, "chars": world.chars}
        asked = min(300, options.questions)
        rows["before"] = [await crawled(world, form, limited=False, requests=asked) for form in ("walk", "open")]
        rows["after"] = [await crawled(world, form, limited=True, requests=asked) for form in ("walk", "open")]
        options.keep(rows, "sample")
    return rows


async def _before(world: World, options: argparse.Namespace, _: Sequence[str]) -> list[dict[str, Any]]:
    return [await crawled(world, form, limited=False, requests=options.questions) for form in options.form]


async def _after(world: World, options: argparse.Namespace, _: Sequence[str]) -> list[dict[str, Any]]:
    return [await crawled(world, form, limited=True, requests=options.questions) for form in options.form]


async def _sweep(world: World, options: argparse.Namespace, _: Sequence[str]) -> list[dict[str, Any]]:
    return [await crawled(world, form, limited=True, requests=options.sweep) for form in ("template", "search")]


async def _identities(world: World, options: argparse.Namespace, _: Sequence[str]) -> dict[str, Any]:
    return await crawled(world, "search", limited=True, requests=options.questions, people=5)


async def _slow(world: World, options: argparse.Namespace, _: Sequence[str]) -> list[dict[str, Any]]:
    return [
        await crawled(world, form, limited=True, requests=10**6, patient=True, until_s=DAY_S - 1)
        for form in ("search", "open")
    ]


async def _honest(world: World, options: argparse.Namespace, questions: Sequence[str]) -> dict[str, Any]:
    return await honest(world, questions, people=options.people, each=60)


PARTS = {
    "honest": _honest,
    "after": _after,
    "sweep": _sweep,
    "identities": _identities,
    "slow": _slow,
    "before": _before,
}


def main() -> None:
    """Read the options, run the parts, keep what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--sweep", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--part", action="append", choices=(*PARTS, "sample"))
    parser.add_argument("--form", action="append", choices=FORMS, help="of the crawlers before and after")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    wanted = options.part or [*PARTS, "sample"]
    options.form = options.form or list(FORMS)
    options.part = [one for one in wanted if one != "sample"]
    kept = json.loads(options.out.read_text()) if options.out.is_file() else {}
    kept |= {
        "about": "no model was asked: answers are quotes; time is simulated, one second a request",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "python benchmarks/extraction.py --data DIR",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
    }

    def keep(rows: dict[str, Any], name: str) -> None:
        kept[name] = {**kept.get(name, {}), **rows}
        options.out.write_text(json.dumps(kept, indent=1) + "\n")

    options.keep = keep
    for part, run in (("sample", sample), ("public", large)):
        if (part == "sample" and "sample" in wanted) or (part == "public" and options.part):
            with tempfile.TemporaryDirectory(prefix="answerable-extraction-", dir="/tmp") as name:
                Path(name).chmod(0o755)  # root's database server runs as another account
                asyncio.run(run(options, Path(name)))


if __name__ == "__main__":
    main()
