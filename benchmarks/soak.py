"""Half an hour of everything at once, with one provider call in twenty going wrong: does anything break or grow?

    python benchmarks/soak.py [--minutes 30] [--share 0.05] [--out benchmarks/results/soak.json]
    python benchmarks/soak.py --small          two minutes: shows that it runs; memory needs the long form

`answerable serve` with two scripted providers and `extractive`, two tenants with two people each, eight clients:
answers whole and streamed in three languages, searches, sources read, opinions given, clients that leave in the
middle, questions that are too long. Memory is the resident memory of the server and, apart from that, what the
database's processes do not share, every five seconds. What grows is told after a warm-up of a sixth of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import numpy as np
from asking import Told, ask
from proof import Goal, conclude, facts, quantiles, say, slope
from provider_dies import configuration
from scripted import Provider
from served import Served, Taken, marked, questions, served, traces

CLIENTS, THINK_S, EVERY_S = 8, 0.6, 5.0
TOKENS = (("default", "ann"), ("default", "bob"), ("other", "eve"), ("other", "joe"))
LONGEST = 4000
KINDS = {
    "answer": 40,
    "stream": 25,
    "search": 10,
    "source": 6,
    "feedback": 8,
    "leaves": 6,
    "too long": 5,
}


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the clients saw. `other` holds (kind, status) of what is not a question."""

    told: list[tuple[str, Told]] = field(default_factory=list)
    other: Counter[tuple[str, int]] = field(default_factory=Counter)
    left: int = 0
    broken: list[str] = field(default_factory=list)


async def client(number: int, there: Served, asked: dict[str, list[str]], seen: Seen, until: float) -> None:
    """One person: something by chance, a pause, something else."""
    chance, last = random.Random(number), None
    kinds, weights = list(KINDS), list(KINDS.values())
    async with there.client(number % len(TOKENS)) as http:
        while time.monotonic() < until:
            kind = chance.choices(kinds, weights)[0]
            language = chance.choices(("en", "de", "es"), (6, 3, 1))[0]
            question, marker = marked(chance.choice(asked[language]))
            try:
                last = await act(http, kind, question, marker, last, seen, chance)
            except httpx.HTTPError as error:
                seen.broken.append(f"{kind}: {type(error).__name__}: {error}"[:200])
            await asyncio.sleep(chance.uniform(0.5, 1.5) * THINK_S)


async def act(
    http: httpx.AsyncClient,
    kind: str,
    question: str,
    marker: str,
    last: Told | None,
    seen: Seen,
    chance: random.Random,
) -> Told | None:
    """Do one thing; gives the last answer, which opinions are about and sources come from."""
    if kind in ("answer", "stream", "too long"):
        text = question + " and" * LONGEST if kind == "too long" else question
        told = await ask(http, text, stream=kind == "stream", marker=marker)
        seen.told.append((kind, told))
        return told if told.answered else last
    if kind == "leaves":
        seen.left += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0.02, 0.6)):
                await ask(http, question, stream=chance.random() < 0.5)
    elif kind == "search":
        seen.other[kind, (await http.post("/v1/search", json={"query": question})).status_code] += 1
    elif last is not None and kind == "feedback":
        body = {"value": chance.choice(("up", "down"))}
        seen.other[kind, (await http.post(f"/v1/answers/{last.answer_id}/feedback", json=body)).status_code] += 1
    elif last is not None and last.sources:
        document = quote(str(chance.choice(last.sources)["document"]), safe="")
        seen.other["source", (await http.get(f"/v1/sources/{document}")).status_code] += 1
    return last


async def watch(there: Served, taken: Taken, seen: Seen, began: float, until: float) -> None:
    """Sample the server's process until the end."""
    while time.monotonic() < until:
        there.sample(taken, began)
        if len(taken.at_s) % 12 == 1:
            say(
                f"{taken.at_s[-1]:6.0f} s  {len(seen.told)} questions, {taken.server_mb[-1]:.0f} MB, "
                f"database {taken.postgres_mb[-1]:.0f} MB, {taken.descriptors[-1]:.0f} descriptors"
            )
        await asyncio.sleep(EVERY_S)


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Fill, serve, load, count."""
    seen, taken, asked = Seen(), Taken(), questions()
    with Provider() as main, Provider() as backup:
        for one in (main, backup):
            one.order(mix=options.share)
        config = configuration({"main": main.url, "backup": backup.url})
        async with served(config, tenants=("default", "other"), tokens=TOKENS) as there:
            async with there.client() as http:
                for question in asked["en"][:5]:
                    seen.told.append(("answer", await ask(http, question, stream=False)))
            began = time.monotonic()
            until = began + options.minutes * 60
            async with asyncio.TaskGroup() as group:
                group.create_task(watch(there, taken, seen, began, until))
                for number in range(CLIENTS):
                    group.create_task(client(number, there, asked, seen, until))
            await asyncio.sleep(3.0)  # what is queued is written meanwhile
            idle = Taken()
            there.sample(idle, began)
            kept = await traces(there.folder, "default") | await traces(there.folder, "other")
            crashes = there.crashes()
        calls = [call for one in (main, backup) for call in one.order(report=True)]
    return figures(seen, taken, idle, kept, crashes, calls, options.minutes * 60)


def figures(
    seen: Seen, taken: Taken, idle: Taken, kept: set[str], crashes: Sequence[str], calls: Sequence[dict[str, Any]],
    seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """Everything that is told of the run."""
    told = [one for _, one in seen.told]
    outcomes = Counter(one.outcome for one in told)
    statuses = Counter(f"{kind} {status}" for (kind, status), count in seen.other.items() for _ in range(count))
    internal = sum(count for outcome, count in outcomes.items() if outcome in ("problem:internal", "untyped"))
    internal += sum(count for (_, status), count in seen.other.items() if status == 500)
    asked = [one for one in told if one.trace]
    place = next((n for n, at in enumerate(taken.at_s) if at >= seconds / 6), 0)
    return {
        "questions": len(told),
        "outcomes": dict(outcomes.most_common()),
        "others": dict(sorted(statuses.items())),
        "left": seen.left,
        "took_ms": quantiles([one.took_s * 1000 for kind, one in seen.told if kind != "too long"]),
        "provider_calls": len(calls),
        "provider_faults": sum(call["did"] not in ("well", "marked") for call in calls),
        "unhandled": internal + len(crashes) + len(seen.broken),
        "crashes": list(crashes)[:5],
        "broken": seen.broken[:5],
        "traces": len(kept),
        "with_an_answer_object": len(asked),
        "without_a_trace": sum(one.trace not in kept for one in asked),
        "memory": {
            name: growth(taken.at_s[place:], values[place:])
            for name, values in (("server", taken.server_mb), ("postgres", taken.postgres_mb))
        },
        "descriptors": {
            "after_warm_up": taken.descriptors[place],
            "most": max(taken.descriptors[place:]),
            "idle_at_the_end": idle.descriptors[-1],
        },
        "cpu_s_a_question": round((taken.cpu_s[-1] - taken.cpu_s[0]) / max(1, len(told)), 4),
        "samples": {
            "at_s": [round(one) for one in taken.at_s],
            "server_mb": [round(one, 1) for one in taken.server_mb],
            "postgres_mb": [round(one, 1) for one in taken.postgres_mb],
            "descriptors": taken.descriptors,
        },
    }


def growth(times_s: Sequence[float], values: Sequence[float]) -> dict[str, Any]:
    """The median of the last fifth over that of the first one, and the slope with its interval."""
    fifth = max(1, len(values) // 5)
    first, last = float(np.median(values[:fifth])), float(np.median(values[-fifth:]))
    return {
        "first_mb": round(first, 1),
        "last_mb": round(last, 1),
        "growth": round(last / first - 1, 4),
        "most_mb": round(max(values), 1),
        "slope_mb_an_hour": slope(times_s, values),
        "samples": len(values),
    }


def goals(found: dict[str, Any]) -> list[Goal]:
    """What is to be shown."""
    memory, descriptors = found["memory"], found["descriptors"]
    return [
        Goal(what="unhandled errors", at_most=0, figure=float(found["unhandled"])),
        Goal(
            what="the server's memory, growth after warm-up",
            at_most=10,
            figure=100 * memory["server"]["growth"],
            unit="%",
        ),
        Goal(
            what="the database's memory, growth after warm-up",
            at_most=10,
            figure=100 * memory["postgres"]["growth"],
            unit="%",
        ),
        Goal(what="answers without a trace", at_most=0, figure=float(found["without_a_trace"])),
        Goal(
            what="traces less questions, at most those that were left",
            at_least=0,
            at_most=found["left"],
            figure=float(found["traces"] - found["with_an_answer_object"]),
        ),
        Goal(
            what="descriptors when all is quiet again, over those after warm-up",
            at_most=0,
            figure=descriptors["idle_at_the_end"] - descriptors["after_warm_up"],
        ),
    ]


def show(found: dict[str, Any]) -> None:
    """The figures without the samples."""
    for name, value in found.items():
        if name != "samples":
            print(f"{name:<24}{value}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--small", action="store_true", help="two minutes")
    parser.add_argument("--share", type=float, default=0.05, help="of the provider's calls that go wrong")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.minutes = 2.0 if options.small else options.minutes
    result = facts(f"python benchmarks/soak.py --minutes {options.minutes:g} --share {options.share:g}")
    found = asyncio.run(measure(options))
    show(found)
    kept = {**result, "minutes": options.minutes, "share": options.share, "clients": CLIENTS, **found}
    return conclude(kept, goals(found), options.out)


if __name__ == "__main__":
    sys.exit(main())
