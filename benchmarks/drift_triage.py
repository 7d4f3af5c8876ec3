"""What the daily look at drift says of made-up months whose truth is known: through Postgres and the real job.

    python benchmarks/drift_triage.py [--per-day 1000] [--only WORLD] [--out benchmarks/results/drift_triage.json]

Each world is 28 days of events, by persons who come again, with weekdays; something happens to it at 10:00 of day
14. `drift_daily` runs after each day, on that day's clock. No model was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.drift import PostgresDrift
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.drift.daily import DriftParts, drift_daily
from answerable.config.monitoring import DriftSection
from answerable.core.event import Event, event_id_of
from answerable.core.ports import Happening

START = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday
DAYS, CHANGE = 28, START + timedelta(days=14, hours=10)
WEEK = (1.1, 1.1, 1.05, 1.1, 1.0, 0.5, 0.4)
HOURS = np.array([0.1] * 6 + [0.9] * 2 + [2.0] * 9 + [1.2] * 4 + [0.4] * 3)
TOPICS = {"delivery": (0.4, 0.05), "refunds": (0.3, 0.08), "accounts": (0.2, 0.10), "taxes": (0.1, 0.30)}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happens at CHANGE: refusals rise by `rise` for the share `of` of answers that `part` names."""

    name: str
    cause: str  # what is to be blamed; empty: nothing happens
    rise: float = 0.0
    part: str = ""  # prompt | model | language | document
    of: float = 1.0
    shift: float = 0.0  # of questions that go to the topic "taxes"
    mark: tuple[str, tuple[tuple[str, Any], ...]] | None = None


WORLDS = (
    World(name="nothing happens", cause=""),
    World(
        name="a deploy of a worse prompt, to everybody", cause="us", rise=0.10, part="prompt",
        mark=("deploy.marked", (("what", "prompt answer@1.0.0 → answer@1.1.0"), ("first", False))),
    ),
    World(
        name="a rollout of a worse prompt, to 30 %", cause="us", rise=0.25, part="prompt", of=0.3,
        mark=("rollout.changed", (("prompt", "answer"), ("to", "1.1.0"), ("what", "begun"))),
    ),
    World(
        name="a provider swaps its model, and says so", cause="provider", rise=0.10, part="model",
        mark=("model.changed", (("provider", "main"), ("old", "m-2026-05"), ("new", "m-2026-09"))),
    ),
    World(name="a fifth of the questions goes to another topic", cause="users", shift=0.2),
    World(name="a poisoned page in a fifth of the answers", cause="data", rise=0.5, part="document", of=0.2),
    World(name="one language gets worse, nobody knows why", cause="unknown", rise=0.3, part="language", of=0.25),
    World(name="everything gets worse, nobody knows why", cause="unknown", rise=0.10),
)  # fmt: skip


def month(world: World, per_day: int, seed: int) -> Iterator[list[Event]]:
    """The events of each day."""
    rng = np.random.default_rng(seed)
    persons = rng.pareto(1.5, size=max(50, per_day)) + 0.2
    persons /= persons.sum()
    leaning = rng.normal(0.0, 0.6, size=len(persons))  # of a person to be refused, on the logit
    for day in range(DAYS):
        count = int(rng.poisson(per_day * WEEK[day % 7]))
        hours = rng.choice(24, size=count, p=HOURS / HOURS.sum())
        seconds = rng.integers(0, 3600, size=count)
        who = rng.choice(len(persons), size=count, p=persons)
        events: list[Event] = []
        for n in range(count):
            at = START + timedelta(days=day, hours=int(hours[n]), seconds=int(seconds[n]), microseconds=n)
            events += _answer(world, rng, at, int(who[n]), float(leaning[who[n]]))
        yield events


def _answer(world: World, rng: np.random.Generator, at: datetime, who: int, leaning: float) -> list[Event]:
    after = at >= CHANGE
    names = list(TOPICS)
    weights = np.array([TOPICS[one][0] for one in names])
    topic = str(rng.choice(names, p=weights))
    if after and rng.random() < world.shift:
        topic = "taxes"
    hit = after and rng.random() < world.of
    chance = TOPICS[topic][1]
    language = "de" if (who % 4 == 0) else "en"
    if world.part == "language":
        hit = after and language == "de"
    chance = 1.0 / (1.0 + np.exp(-(np.log(chance / (1 - chance)) + leaning)))
    chance += world.rise if hit else 0.0
    refused = rng.random() < chance
    documents = [f"doc-{topic}-{int(rng.integers(5))}"]
    if world.part == "document" and hit:
        documents.append("doc-new-page")
    shared = {
        "tenant": "default", "at": at, "person": who.to_bytes(8, "big"), "language": language,
        "topic": topic, "answer": f"an-{at.timestamp():.6f}", "prompt_id": "answer",
        "prompt_version": "1.1.0" if world.part == "prompt" and hit else "1.0.0",
        "model": "m-2026-09" if world.part == "model" and hit else "m-2026-05", "provider": "main",
    }  # fmt: skip
    answer = shared["answer"]
    asked = Event(
        name="question.asked", id=event_id_of(at, "asked", answer),
        props={"chars": int(rng.lognormal(4, 0.5)) + 5}, **shared,
    )  # fmt: skip
    made = replace(
        asked,
        id=event_id_of(at, "made", answer),
        name="answer.abstained" if refused else "answer.shown",
        latency_ms=int(rng.lognormal(7, 0.4)),
        props={"documents": documents, **({"reason": "low_score"} if refused else {"claims": 3})},
    )
    found = [asked, made]
    if rng.random() < 0.1:
        vote = "down" if rng.random() < (0.6 if refused else 0.1) else "up"
        found.append(
            replace(asked, id=event_id_of(at, "vote", answer), name="feedback.given", props={"value": vote})
        )
    return found


async def run(world: World, per_day: int, seed: int, database: Database, folder: Path) -> dict[str, Any]:
    """The month, day by day: what was said, and when."""
    async with PostgresHappenings(database, spool=folder / "h", home="default") as happenings:
        events = PostgresEvents(database, spool=folder / "e")
        parts = DriftParts(
            drift=PostgresDrift(database), topics=PostgresTopics(database), happenings=happenings,
            settings=DriftSection(), tenant="default", model="none",
        )  # fmt: skip
        said: list[dict[str, Any]] = []
        cpu = []
        for day, several in enumerate(month(world, per_day, seed)):
            await events.append(several)
            now = START + timedelta(days=day + 1, minutes=5)
            if world.mark is not None and day == (CHANGE - START).days:
                name, props = world.mark
                happenings.write(Happening(name=name, tenant="default", at=CHANGE, props=dict(props)))
                await happenings.flush()
            begun = time.process_time()
            report = await drift_daily(parts, now=now)
            cpu.append(time.process_time() - begun)
            await happenings.flush()
            said += [
                {"day": day + 1, "cause": one.blame.cause.value, "sure": one.blame.sure.value,
                 "sentence": one.sentence()}
                for one in report.new
            ]  # fmt: skip
        first = next((one for one in said if one["day"] > 14), None)
        return {
            **asdict(world), "mark": world.mark[0] if world.mark else None, "said": said,
            "hours_to_tell": None if first is None else (first["day"] * 24 - 14 * 24 - 10),
            "blamed": None if first is None else first["cause"], "sure": None if first is None else first["sure"],
            "before_the_change": sum(one["day"] <= 14 for one in said),
            "cpu_s_a_look": round(float(np.median(cpu)), 3),
        }  # fmt: skip


async def worlds(arguments: argparse.Namespace, server: Embedded) -> list[dict[str, Any]]:
    """Each in a database of its own."""
    rows = []
    for seed, world in enumerate(WORLDS):
        if arguments.only and arguments.only not in world.name:
            continue
        with TemporaryDirectory() as folder:
            import psycopg

            name = f"world_{seed}"
            with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
                conn.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
            url = server.url(name)
            await Migrations(url).migrate()
            async with Database(url) as database:
                rows.append(await run(world, arguments.per_day, seed, database, Path(folder)))
            print(json.dumps(rows[-1], ensure_ascii=False, indent=1), flush=True)
            _keep(arguments, rows)
    return rows


def _keep(arguments: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    if arguments.out is None:
        return
    result = {
        "what": "the daily look at drift over made-up months; traffic simulated, no model asked",
        "machine": {"python": platform.python_version(), "cpu": platform.processor() or platform.machine()},
        "per_day": arguments.per_day, "days": DAYS, "rows": rows,
    }  # fmt: skip
    arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-day", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="answerable-pg-", dir="/tmp") as folder, Embedded.start(Path(folder)) as server:
        asyncio.run(worlds(arguments, server))


if __name__ == "__main__":
    main()
