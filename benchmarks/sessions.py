"""How fast events become tasks: `python benchmarks/sessions.py [--events N]`.

Made-up events of 28 days: persons with conversations of one to five turns, each with a question, what was found,
two calls, an answer and what the page tells; one person in ten comes back with the same need; every twentieth
answer is rated. Fed as the job reads them: by time. CPU seconds of one process, fastest of three rounds, with the
garbage collector as it is. The second figure is one run of the job over the days that it reads, in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.tasks import MemoryTasks
from answerable.app.tasks import close_tasks
from answerable.config.metrics import MetricsSection
from answerable.core.event import Event, event_id_of
from answerable.monitor.tasks import sessions_of, tasks_of
from answerable.monitor.turns import fold

HERE = Path(__file__).parent
START = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 28
CLASSES = ("rephrase", "clarify", "drill_down", "drill_down", "pushback", "thanks", "new_topic")


def conversation(number: int, chance: random.Random) -> Iterator[Event]:
    """All events of one conversation."""
    at = START + timedelta(days=DAYS * chance.random())
    person, back = number % 9000, number % 10 == 0
    need = random.Random(f"{person}" if back else f"{number}").getrandbits(128)
    for turn in range(chance.choices((1, 2, 3, 5), (5, 3, 1, 1))[0]):
        at += timedelta(seconds=chance.expovariate(1 / 60))
        yield from events_of(
            f"{number}-{turn}", at, number, person, need, chance.choice(CLASSES) if turn else "first"
        )


def events_of(turn: str, at: datetime, number: int, person: int, need: int, follow_up: str) -> Iterator[Event]:
    """Of one turn."""
    where: dict[str, Any] = {
        "tenant": "default", "conversation": f"cv_{number}", "turn": turn, "answer": f"an_{turn}",
        "person": person.to_bytes(16, "big"), "language": "en", "topic": f"t{number % 40}", "model": "m-1",
        "prompt_id": "answer", "prompt_version": "1.2.0", "channel": "web",
        "outcome": "abstained" if number % 9 == 0 else "answered",
    }  # fmt: skip

    def one(name: str, after_ms: int, cost: str = "", **props: Any) -> Event:
        when = at + timedelta(milliseconds=after_ms)
        price = Decimal(cost) if cost else None
        return Event(name=name, at=when, id=event_id_of(when, name, turn), cost=price, props=props, **where)

    yield one("question.asked", 0, follow_up=follow_up, need=f"v{need:032x}", chars=40)
    yield one("retrieval.done", 30, kept=5, margin=0.2, documents=[f"d{number % 40}", "d1"])
    yield one("model.called", 400, "0.0003", use="rewrite")
    yield one("model.called", 1400, "0.002", use="answer")
    yield one("answer.shown" if number % 9 else "answer.abstained", 1500, "0.0023", claims=3, claims_supported=3)
    yield one("answer.displayed", 1600, ms=100)
    if number % 20 == 0:
        yield one("feedback.given", 9000, value="up" if number % 60 else "down")


def made(events: int) -> list[Event]:
    """So many, by time."""
    chance = random.Random(7)
    found: list[Event] = []
    number = 0
    while len(found) < events:
        found.extend(conversation(number, chance))
        number += 1
    return sorted(found[:events], key=lambda one: (one.at, one.id))


def cpu(work: Any, rounds: int = 3) -> float:
    """Seconds, of the fastest."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def job(events: list[Event], now: datetime) -> tuple[int, float]:
    """One run of the job with everything done but the last five minutes: events read, and CPU seconds."""
    log, tasks = MemoryEvents(), MemoryTasks()
    log.written = [one for one in events if one.at >= now - timedelta(days=11)]
    settings = MetricsSection()
    asyncio.run(close_tasks(log, tasks, tenant="default", now=now - timedelta(minutes=5), settings=settings))
    began = time.process_time()
    done = asyncio.run(close_tasks(log, tasks, tenant="default", now=now, settings=settings))
    return done.events, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    wanted = parser.parse_args()
    events = made(wanted.events)
    now = START + timedelta(days=DAYS + 2)
    turns = fold(events).turns
    tasks = tasks_of(events, now=now)
    folding = cpu(lambda: fold(events))
    cutting = cpu(lambda: sessions_of(turns, now=now))
    run_events, run_s = job(events, START + timedelta(days=DAYS))
    result = {
        "machine": {
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
        },
        "events": len(events),
        "turns": len(turns),
        "tasks": len(tasks),
        "reopened": sum(one.state == "reopened" for one in tasks),
        "fold_s": round(folding, 2),
        "sessions_s": round(cutting, 2),
        "events_per_s": round(len(events) / (folding + cutting)),
        "us_per_turn": round((folding + cutting) / len(turns) * 1e6, 1),
        "job": {"events": run_events, "cpu_s": round(run_s, 2)},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    (HERE / "results" / "sessions.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
