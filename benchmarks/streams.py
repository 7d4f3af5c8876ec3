"""Two hundred streams at once: does one get another's words, does memory grow, is a quiet tenant heard?

    python benchmarks/streams.py [--streams 200] [--rounds 5] [--seconds 60] [--out FILE]
    python benchmarks/streams.py --small         40 streams, 2 rounds, 15 s of fairness, 6 clients that leave

Every question holds a word of its own, and the scripted model says the word of ITS prompt: a word of somebody
else in any event of an answer is cross-talk. Clients leave while the provider is silent, and it says when it
saw its call closed. Then one tenant sends ten times as much as another, both more than there are places.
`answerable serve` with one scripted provider; clients, server, database and provider share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asking import Told, ask
from proof import Goal, conclude, facts, jain, quantiles, say
from scripted import Provider
from served import UNLIMITED, Served, Taken, marked, questions, served

PLACES, HEAVY, LIGHT = 16, 160, 16  # questions answered at once; those that each tenant always has under way
TOKENS = (("default", "ann"), ("other", "eve"))
CONFIG = (
    """
[project]
name = "streams"
tenant = "{tenant}"
languages = ["en", "de", "es"]
[[source]]
id = "knowledge"
type = "folder"
uri = "knowledge"
[abstain]
threshold = 0.0
[answer]
deadline = "60s"
verify = "off"
"""
    + UNLIMITED
    + """concurrent = %(places)d
queue = 400
queue_time = "%(wait)s"
[[route]]
use = "answer"
chain = ["main", "extractive"]
[provider.main]
kind = "openai-compatible"
base_url = "%(url)s"
model = "scripted-main"
timeout = "60s"
first_token = "60s"
max_concurrency = 400
"""
)


def configuration(url: str, *, places: int, wait: str) -> str:
    """With so many places."""
    return CONFIG % {"url": url, "places": places, "wait": wait}


async def rounds(there: Served, count: int, streams: int, asked: Sequence[str]) -> dict[str, Any]:
    """All streams at once, again and again: whose words each got, and the memory after each round."""
    chance, taken, rows = random.Random(3), Taken(), []
    for number in range(count):
        async with there.client() as http:
            given = [marked(chance.choice(asked)) for _ in range(streams)]
            told = await asyncio.gather(*(ask(http, text, stream=True, marker=word) for text, word in given))
        await asyncio.sleep(1.0)
        there.sample(taken, 0.0)
        rows.append(
            {
                "streams": len(told),
                "answered": sum(one.answered for one in told),
                "with_their_own_word": sum(one.marker in one.markers for one in told),
                "with_another_word": sum(bool(one.markers - {one.marker}) for one in told),
                "outcomes": dict(Counter(one.outcome for one in told)),
                "first_event_ms": quantiles([one.begun_s * 1000 for one in told if one.begun_s is not None]),
                "took_ms": quantiles([one.took_s * 1000 for one in told]),
                "server_mb": round(taken.server_mb[-1], 1),
                "descriptors": taken.descriptors[-1],
            }
        )
        own = rows[-1]["with_their_own_word"]
        say(f"round {number + 1}: {own} of {streams} with their own word, {rows[-1]['server_mb']} MB")
    return {"rounds": rows}


async def speaking(there: Served, candidates: Sequence[str]) -> list[str]:
    """The questions for which the model is asked, and whose answers say their word: others tell nothing."""
    kept = []
    async with there.client() as http:
        for question in candidates:
            text, word = marked(question)
            if word in (await ask(http, text, stream=True, marker=word)).markers:
                kept.append(question)
    say(f"{len(kept)} of {len(candidates)} questions get an answer of the model")
    return kept


async def fairness(there: Served, seconds: float, asked: Sequence[str]) -> dict[str, Any]:
    """One tenant has ten times as many streams under way as the other, for so long."""
    began = time.monotonic()
    alone = await _pressed(there, {1: 4}, seconds / 4, asked)
    both = await _pressed(there, {0: HEAVY, 1: LIGHT}, seconds, asked)
    say(f"fairness after {time.monotonic() - began:.0f} s")
    done = [sum(one.answered for one in both[token]) for token in (0, 1)]
    return {
        "seconds": seconds,
        "places": PLACES,
        "completed": {"heavy": done[0], "light": done[1]},
        "jain": jain(done),
        "light_alone": _of(alone[1]),
        "heavy": _of(both[0]),
        "light": _of(both[1]),
    }


async def _pressed(
    there: Served, clients: dict[int, int], seconds: float, asked: Sequence[str]
) -> dict[int, list[Told]]:
    """So many clients by token, each with its next question at once, or after the wait that it is told."""
    told: dict[int, list[Told]] = {token: [] for token in clients}
    until = time.monotonic() + seconds

    async def one(token: int, number: int) -> None:
        chance = random.Random(number * 2 + token)
        async with there.client(token) as http:
            while time.monotonic() < until:
                text, word = marked(chance.choice(asked))
                told[token].append(await ask(http, text, stream=True, marker=word))
                if told[token][-1].retry_after:
                    await asyncio.sleep(min(2.0, float(told[token][-1].retry_after)) * chance.uniform(0.8, 1.2))

    async with asyncio.TaskGroup() as group:
        for token, count in clients.items():
            for number in range(count):
                group.create_task(one(token, number))
    return told


def _of(told: Sequence[Told]) -> dict[str, Any]:
    answered = [one for one in told if one.answered]
    return {
        "asked": len(told),
        "outcomes": dict(Counter(one.outcome for one in told)),
        "refused_without_retry_after": sum(one.outcome == "problem:busy" and not one.retry_after for one in told),
        "first_event_ms": quantiles([one.begun_s * 1000 for one in answered if one.begun_s is not None]),
        "first_text_ms": quantiles([one.first_s * 1000 for one in answered if one.first_s is not None]),
        "took_ms": quantiles([one.took_s * 1000 for one in answered]),
        "with_another_word": sum(bool(one.markers - {one.marker}) for one in told),
    }


async def leaving(there: Served, provider: Provider, clients: int, asked: Sequence[str]) -> dict[str, Any]:
    """Clients leave while the provider holds its reply back; how long until its call is closed."""
    provider.order(script="hold", report=True)
    found = {}
    for name, stream in (("JSON", False), ("SSE", True)):
        waits, unseen = [], 0
        for number in range(clients):
            wait_s = await _leave(there, provider, asked[number % len(asked)], stream=stream)
            waits, unseen = ([*waits, wait_s], unseen) if wait_s is not None else (waits, unseen + 1)
        found[name] = {"until_closed_ms": quantiles([one * 1000 for one in waits]), "not_closed_in_10_s": unseen}
        say(f"{name}: closed after {found[name]['until_closed_ms']}")
    provider.order(script="marked", report=True)
    return found


async def _leave(there: Served, provider: Provider, question: str, *, stream: bool) -> float | None:
    """Seconds from the client's leaving to the end of the provider's call; None after 10 s."""
    text, word = marked(question)
    async with there.client() as http:
        asking = asyncio.create_task(ask(http, text, stream=stream, marker=word))
        if await _until(lambda: _call(provider, word) is not None) is None:
            asking.cancel()
            return None
        left = time.monotonic()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    gone = await _until(lambda: (_call(provider, word) or {}).get("left_at"))
    return None if gone is None else gone - left


def _call(provider: Provider, word: str) -> dict[str, Any] | None:
    provider.order(report=True, keep=True)
    return next((call for call in reversed(provider.calls) if call["marker"] == word), None)


async def _until(true: Any, limit_s: float = 10.0) -> Any:
    """What it gives once it gives something; None after `limit_s`."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if found := true():
            return found
        await asyncio.sleep(0.02)
    return None


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Three servers one after the other: each part with the limits that it is about."""
    with Provider() as provider:
        provider.order(script="marked")
        wide = configuration(provider.url, places=400, wait="30s")
        async with served(wide, tokens=TOKENS) as there:
            asked = await speaking(there, questions()["en"])
            words = await rounds(there, options.rounds, options.streams, asked)
            left = await leaving(there, provider, options.clients, asked)
            crashes = there.crashes()
        narrow = configuration(provider.url, places=PLACES, wait="5s")
        async with served(narrow, tenants=("default", "other"), tokens=TOKENS) as there:
            await rounds(there, 1, 8, asked)
            fair = await fairness(there, options.seconds, asked)
            crashes += there.crashes()
    return {**words, "fairness": fair, "leaving": left, "crashes": crashes}


def goals(found: dict[str, Any]) -> list[Goal]:
    """What is to be shown."""
    rows, fair = found["rounds"], found["fairness"]
    streams = sum(row["streams"] for row in rows)
    foreign = sum(row["with_another_word"] for row in [*rows, fair["heavy"], fair["light"]])
    own = sum(row["with_their_own_word"] for row in rows)
    made = [
        Goal(what="answers that hold another's word", at_most=0, figure=float(foreign)),
        Goal(
            what="streams that hold their own word, so that the test means something",
            at_least=95,
            figure=100 * own / streams,
            unit="%",
        ),
        Goal(
            what="memory after the last round over that after the first",
            at_most=10,
            figure=100 * (rows[-1]["server_mb"] / rows[0]["server_mb"] - 1),
            unit="%",
        ),
        Goal(
            what="fairness of completions, one sends ten times as much (Jain)", at_least=0.9, figure=fair["jain"]
        ),
        Goal(what="crashes", at_most=0, figure=float(len(found["crashes"]))),
    ]
    for name, one in found["leaving"].items():
        most = one["until_closed_ms"]["max"] if not one["not_closed_in_10_s"] else None
        made.append(
            Goal(
                what=f"a client that leaves: its call is closed within, at most ({name})",
                at_most=1000,
                figure=most,
                unit="ms",
            )
        )
    return made


def show(found: dict[str, Any]) -> None:
    """The figures."""
    for row in found["rounds"]:
        print(row)
    for name, one in found["fairness"].items():
        print(f"{name:<14}{one}")
    for name, one in found["leaving"].items():
        print(f"{name:<14}{one}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the part about fairness")
    parser.add_argument("--clients", type=int, default=30, help="that leave, of each kind")
    parser.add_argument("--small", action="store_true", help="40 streams, 2 rounds, 15 seconds, 6 clients")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.small:
        options.streams, options.rounds, options.seconds, options.clients = 40, 2, 15.0, 6
    size = f"--streams {options.streams} --rounds {options.rounds} --seconds {options.seconds:g}"
    result = facts(f"python benchmarks/streams.py {size} --clients {options.clients}")
    found = asyncio.run(measure(options))
    show(found)
    return conclude({**result, **found}, goals(found), options.out)


if __name__ == "__main__":
    sys.exit(main())
