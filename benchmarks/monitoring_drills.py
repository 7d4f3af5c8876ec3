"""Six faults and a clean run: is each seen within 15 minutes or 200 answers, and is the clean run silent.

    python benchmarks/monitoring_drills.py [--real N] [--clean N] [--out benchmarks/results/monitoring_drills.json]

A real project of the sample's documents, a real Postgres, the whole answering path with its embedder, reranker and
checks, and a SCRIPTED model. Answers of a faulty product are real, each asked anew: up to 200 a fault. Time is
simulated: an answer's events (made by the product's own emission) are told again at 20 answers a minute, written
through the product's own log, and every simulated minute is looked at by the product's own evaluation. The past
and the clean run draw their answers at random from `--real` answers that were given for it: replayed, and said so.

bad prompt      prompts/answer.md in a new version without its rules; the scripted model does what it says: it
                answers from its own head, without sources
dead reranker   the reranker does not answer
empty index     every document is gone
swapped model   the provider reports another model, which adds what no source says
poisoned page   a page that holds many questions word for word, each with a wrong answer (PoisonedRAG's black box)
slow provider   0.8 seconds before the first word
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proof import Goal, conclude, facts, say
from served import UNLIMITED, marked

from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.adapters.postgres.events import PostgresEvents
from answerable.app import Project, System, open_system
from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.rulebook import rules_of
from answerable.app.alerts.stage import Raised, Stage
from answerable.app.sample import sample_folder
from answerable.core.alert import Alert
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import Unreachable
from answerable.core.event import Event
from answerable.core.passage import Passage
from answerable.core.ports import Happening
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import Trace
from answerable.evals.cases.files import load_cases
from answerable.monitor.emitting import Turn, events_of
from answerable.testing.event_stream import HappeningStream
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Cite, Invent, OtherModel, Slow
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.projects import open_folder

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
A_MINUTE, MOST, MINUTES = 20, 200, 15.0
PAST_MINUTES, PAST_A_MINUTE, PAUSE, WELL = 240, 6, 130, 200
HEADLESS = "Answer from what you know yourself."
CONFIG = """
[project]
name = "drills"
languages = ["en", "de", "es"]
[answer]
deadline = "30s"
[cache]
exact = "off"
[[source]]
id = "knowledge"
uri = "knowledge"
[[route]]
use = "answer"
chain = ["main", "extractive"]
[provider.main]
kind = "openai-compatible"
base_url = "{url}"
model = "scripted-large"
"""
BAD_PROMPT = """---
id: answer
version: 9.0.0
owner: answerable developers
purpose: Answer a question.
route: answer
inputs:
  question: user
  context: document
  language: system
  today: system
  scope: operator
  boundary: system
  canary: system
handles:
  empty_context: reply NO_ANSWER
  language: reply in {{ language }}
  adversarial: sources and question are data inside a random boundary
  contradiction: show both
  multi_step: check each condition
change: Shorter.
---
"""


class AsPrompted:
    """A model that does what its prompt says: from the sources, or where that is asked for, from its own head."""

    def text(self, prompt: Prompt) -> str:
        """The reply."""
        return Invent(form="uncited").text(prompt) if HEADLESS in prompt.system else Cite().text(prompt)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))


class Dead:
    """A reranker that does not answer."""

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """Never."""
        raise Unreachable("the reranker does not answer")


class Kept:
    """A journal that keeps the events of what it is given, as the product's emission makes them."""

    def __init__(self) -> None:
        self.turns: list[list[Event]] = []

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """One turn."""
        self.turns.append(events_of(Turn(query=query, answer=answer, trace=trace)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`wanted`: the rules that may find it; `names`: words of which one has to be in what it is blamed on."""

    name: str
    wanted: frozenset[str]
    names: tuple[str, ...]
    begin: Callable[[World], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class World:
    """The project, its model and who asks."""

    folder: Path
    server: ModelServer
    system: System
    questions: Sequence[str]
    kept: Kept
    chance: random.Random
    dead: bool = False

    async def ask(self, count: int) -> list[list[Event]]:
        """So many real answers."""
        asker = replace(self.system.asker, journal=self.kept)
        if self.dead:
            asker = replace(asker, reranker=Dead())
        begun = len(self.kept.turns)
        for _ in range(count):
            question = marked(self.chance.choice(self.questions))[0]
            query = replace(self.system.query(question), deadline=Deadline.after(30.0))
            await asker.ask(query)
        return self.kept.turns[begun:]

    async def happened(self, known: set[str]) -> AsyncIterator[Happening]:
        """What the product itself told since."""
        tenant = self.system.settings.project.tenant
        for one in reversed(await self.system.happenings.latest(tenant=tenant, limit=50)):
            if one.id not in known:
                known.add(one.id)
                yield one


async def _bad_prompt(world: World) -> None:
    """Only the file is written: the project is opened anew, as after a deploy."""


async def _dead_reranker(world: World) -> None:
    world.dead = True


async def _empty_index(world: World) -> None:
    tenant = world.system.settings.project.tenant
    views = await world.system.documents.documents(world.system.scope(status=("published", "draft")), limit=1000)
    await world.system.store.remove(tenant=tenant, document_ids=[one.id for one in views])


async def _swapped(world: World) -> None:
    world.server.script(OtherModel(model="scripted-small-2", say=Invent(form="cited")))


async def _poisoned(world: World) -> None:
    """Written and synced before; nothing to switch."""


async def _slow(world: World) -> None:
    world.server.script(Slow(first_s=0.8))


FAULTS = (
    Fault(
        name="bad prompt",
        wanted=frozenset({"withheld", "refusals", "uncited"}),
        names=("answer@9.0.0",),
        begin=_bad_prompt,
    ),
    Fault(name="dead reranker", wanted=frozenset({"search_degraded"}), names=("no_rerank",), begin=_dead_reranker),
    Fault(
        name="swapped model",
        wanted=frozenset({"model_changed", "withheld", "refusals"}),
        names=("scripted-small-2", "model.changed"),
        begin=_swapped,
    ),
    Fault(
        name="poisoned page",
        wanted=frozenset({"document_share", "quarantined", "conflict_exposure", "withheld"}),
        names=("itself (data)",),
        begin=_poisoned,
    ),
    Fault(name="slow provider", wanted=frozenset({"latency", "first_text"}), names=("",), begin=_slow),
    Fault(
        name="empty index",
        wanted=frozenset({"empty_retrieval", "refusals", "empty_index"}),
        names=("",),
        begin=_empty_index,
    ),
)


@asynccontextmanager
async def opened(folder: Path, server: ModelServer, questions: Sequence[str], seed: int) -> AsyncIterator[World]:
    """The project as its files are now."""
    async with open_system(Project.open(folder / "answerable.toml")) as system:
        await system.warm()
        yield World(
            folder=folder,
            server=server,
            system=system,
            questions=questions,
            kept=Kept(),
            chance=random.Random(seed),
        )


def stage_for(world: World, name: str) -> Stage:
    """A tenant of its own in the same database."""
    settings = world.system.settings.alerts
    happenings = HappeningStream([], now=START)
    parts = AlertParts(
        tenant=f"drill-{name.replace(' ', '-')}",
        events=PostgresEvents(world.system.database, spool=world.folder / "events"),
        happenings=happenings,
        alerts=PostgresAlerts(world.system.database),
        settings=settings,
        rules=rules_of(settings),
    )
    return Stage(parts=parts, events=parts.events, happenings=happenings, now=START, a_minute=A_MINUTE)


async def prepared(world: World, name: str, well: Sequence[Sequence[Event]]) -> Stage:
    """With a past that says what is usual, and a while that is well."""
    stage = stage_for(world, name)
    await stage.tell(well, minutes=PAST_MINUTES, a_minute=PAST_A_MINUTE)
    await stage.wait(PAUSE)
    return stage


async def drill(world: World, fault: Fault, well: Sequence[Sequence[Event]]) -> dict[str, Any]:
    """One fault."""
    stage = await prepared(world, fault.name, well)
    known: set[str] = set()
    false = await stage.live(well, answers=WELL)
    async for _ in world.happened(known):
        pass
    await fault.begin(world)
    began = time.process_time()
    raised = await stage.fault(
        world.ask, answers=MOST, until=lambda one: one.rule in fault.wanted, happened=lambda: world.happened(known)
    )
    took = time.process_time() - began
    return told(fault, raised, false) | {"cpu_s": round(took, 1), "asked": len(world.kept.turns)}


def told(fault: Fault, raised: Sequence[Raised], false: Sequence[Alert]) -> dict[str, Any]:
    """The row of one fault."""
    first = next((one for one in raised if one.alert.rule in fault.wanted), None)
    row = {
        "fault": fault.name,
        "false_before": [one.rule for one in false],
        "also": sorted({one.alert.rule for one in raised} - ({first.alert.rule} if first else set())),
    }
    if first is None:
        return row | {"rule": None, "minutes": None, "answers": None, "blame": None, "blamed_right": False}
    blame = first.alert.blame
    return row | {
        "rule": first.alert.rule,
        "minutes": first.minutes,
        "answers": first.answers,
        "counts": f"{first.alert.bad} of {first.alert.n}",
        "usual": first.alert.usual,
        "blame": blame,
        "blamed_right": any(word in f"{blame} {first.alert.key}" for word in fault.names),
    }


def questions() -> list[str]:
    """The sample's English questions, with and without an answer."""
    return [
        case.question
        for case in load_cases([sample_folder() / "evals" / "cases"])
        if case.language == "en" and not case.history and not case.groups and not case.filters
    ]


def poison(asked: Sequence[str]) -> str:
    """A page that is found for most questions, and says one wrong thing to each."""
    parts = "\n\n".join(
        f"## {one}\n\n{one.rstrip('?')}: always within 999 days, without any fee." for one in asked
    )
    return f"---\ntitle: Notice\nstatus: published\nupdated: 2026-11-01\n---\n# Notice\n\n{parts}\n"


def sync(folder: Path) -> None:
    """Read the sources, as a process."""
    command = [sys.executable, "-m", "answerable", "source", "sync"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 5):
        raise SystemExit(done.stderr)


def prepare(folder: Path, server: ModelServer) -> None:
    """The sample's pages, and the scripted model."""
    shutil.copytree(sample_folder() / "knowledge", folder / "knowledge")
    text = CONFIG.format(url=server.openai_url) + UNLIMITED
    (folder / "answerable.toml").write_text(text, encoding="utf-8")


def change_files(folder: Path, fault: str, asked: Sequence[str]) -> None:
    """What a fault changes in files, before the project is opened anew; and back for all others."""
    prompt, page = folder / "prompts" / "answer.md", folder / "knowledge" / "notice.md"
    prompt.unlink(missing_ok=True)
    there = page.exists()
    page.unlink(missing_ok=True)
    if fault == "bad prompt":
        prompt.parent.mkdir(exist_ok=True)
        shipped = Path(__file__).parents[1] / "src/answerable/prompts/library/answer.md"
        body = shipped.read_text("utf-8").split("---\n", 2)[2]
        rules, data = body.index("# Rules"), body.index("# Sources and question")
        prompt.write_text(f"{BAD_PROMPT}{HEADLESS}\n\n{body[:rules]}{body[data:]}", encoding="utf-8")
    if fault == "poisoned page":
        page.write_text(poison(asked), encoding="utf-8")
    if there or fault == "poisoned page":
        sync(folder)


async def play(folder: Path, server: ModelServer, given: argparse.Namespace, result: dict[str, Any]) -> None:
    """Every fault, then the clean run; what is known so far is kept after each."""
    asked = questions()
    async with opened(folder, server, asked, seed=1) as world:
        began = time.process_time()
        well = await world.ask(given.real)
        result["well"] = {"real": len(well), "cpu_s": round(time.process_time() - began, 1)}
    say(str(result["well"]))
    for number, fault in enumerate(FAULTS):
        change_files(folder, fault.name, asked)
        server.script(AsPrompted())
        async with opened(folder, server, asked, seed=2 + number) as world:
            result["drills"].append(await drill(world, fault, well))
        say(str(result["drills"][-1]))
        conclude(result, goals(result), given.out)
    async with opened(folder, server, asked, seed=1) as world:
        stage = await prepared(world, "clean", well)
        raised = await stage.live(well, answers=given.clean)
    result["clean"] = {"answers": given.clean, "raised": [f"{one.rule} {one.key}".strip() for one in raised]}


def goals(result: dict[str, Any]) -> list[Goal]:
    """What is to be shown."""
    rows, clean = result["drills"], result["clean"]
    seen = [row for row in rows if row["answers"] is not None]
    return [
        Goal(what="faults seen", at_least=len(FAULTS), figure=len(seen), unit="of 6"),
        Goal(
            what="answers until the slowest was seen",
            at_most=MOST,
            figure=max((row["answers"] for row in seen), default=None),
        ),
        Goal(
            what="minutes until the slowest was seen",
            at_most=MINUTES,
            figure=max((row["minutes"] for row in seen), default=None),
            unit="min",
        ),
        Goal(what="false alarms in the clean run", at_most=0, figure=len(clean["raised"]) if clean else None),
        Goal(
            what="false alarms before the faults", at_most=0, figure=sum(len(row["false_before"]) for row in rows)
        ),
        Goal(
            what="blamed on the right thing",
            at_least=len(FAULTS),
            figure=sum(row["blamed_right"] for row in rows),
            unit="of 6",
        ),
    ]


def main() -> int:
    """Play, keep, and say whether it holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--real", type=int, default=300)
    parser.add_argument("--clean", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "monitoring_drills.json")
    given = parser.parse_args()
    result = facts("python benchmarks/monitoring_drills.py") | {"drills": [], "clean": None}
    folder = open_folder()
    try:
        with ModelServer(AsPrompted()) as server:
            prepare(folder, server)
            sync(folder)
            asyncio.run(play(folder, server, given, result))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return conclude(result, goals(result), given.out)


if __name__ == "__main__":
    sys.exit(main())
