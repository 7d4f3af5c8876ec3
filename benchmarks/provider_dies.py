"""A provider dies at peak: 32 clients; the first provider fails in five ways by turns, with recoveries between.

    python benchmarks/provider_dies.py [--minutes 5] [--forms served extractive gateway] [--faults 503 …]
    python benchmarks/provider_dies.py --small          two faults, 75 seconds of each form: shows that it runs

A phase must be long enough for a circuit's pauses, which double up to a minute: with five faults, five minutes.


served      `answerable serve` on a sample project, two scripted providers and `extractive`; real HTTP, half of
            the questions streamed. Each client thinks between two questions, since answering takes CPU (embedding,
            search, checks) and clients, server, database and providers share the machine's cores.
extractive  the same without a second provider.
gateway     the route alone with passages already found, so that no other work hides it: little thinking time.

Every question is marked, so none is answered from a cache, and the providers count by marker how often they were
asked. What the breaker does is read from the provider's side: when the calls stop, and when they come again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from asking import Told, ask
from phases import FAULTS, Phase, again, closed_after, opened_after, schedule, told_of
from phases_chart import chart
from proof import Goal, conclude, facts, quantiles, say
from scripted import Provider
from served import UNLIMITED, marked, questions, served

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.answer.extractive import Extractive
from answerable.app import Project
from answerable.app.gateway import open_gateway
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.errors import AnswerableError
from answerable.core.passage import Passage
from answerable.core.ports import LLM
from answerable.core.prompt import ContextBlock, Rendered
from answerable.testing.prompts import sealed

CLIENTS, DEADLINE_S = 32, 4.0
FORMS = ("served", "extractive", "gateway")
THINK_S, GATEWAY_THINK_S = 4.0, 0.5
CONFIG = (
    """
[project]
name = "peak"
tenant = "{tenant}"
languages = ["en", "de", "es"]
[[source]]
id = "knowledge"
type = "folder"
uri = "knowledge"
[abstain]
threshold = 0.0
"""
    + UNLIMITED
    + """[answer]
deadline = "4s"
[[route]]
use = "answer"
chain = [%(chain)s]
%(providers)s
"""
)
PROVIDER = """
[provider.%(name)s]
kind = "openai-compatible"
base_url = "%(url)s"
model = "scripted-%(name)s"
"""
Ask = Callable[[str, str, bool], Awaitable[Told]]


def configuration(providers: dict[str, str]) -> str:
    """Of a chain of these providers (name → address) that ends in `extractive`."""
    chain = ", ".join(f'"{name}"' for name in [*providers, "extractive"])
    sections = "".join(PROVIDER % {"name": name, "url": url} for name, url in providers.items())
    return CONFIG % {"chain": chain, "providers": sections}


async def answerable_ones(asks: Sequence[Ask]) -> list[str]:
    """The sample's English questions that the first provider answers, whole and streamed, as long as it is well.

    The others end in an honest "I don't know" whatever the provider does: they tell nothing of it.
    """
    waiting, kept = list(questions()["en"]), []

    async def work(one: Ask) -> None:
        while waiting:
            question = waiting.pop()
            tries = [await one(*marked(question), stream) for stream in (False, True)]
            if all("scripted-main" in told.by for told in tries):
                kept.append(question)

    every = len(waiting)
    await asyncio.gather(*(work(one) for one in asks))
    say(f"{len(kept)} of {every} questions are answered while all is well")
    return sorted(kept)


async def load(
    asks: Sequence[Ask], provider: Provider, phases: Sequence[Phase], think_s: float, known: Sequence[str]
) -> tuple[float, list[Told]]:
    """All clients for all phases. When it began (monotonic), and what each question came to."""
    told: list[Told] = []
    began = time.monotonic()

    async def client(number: int, one: Ask) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.random() * think_s)
        while time.monotonic() - began < phases[-1].end:
            question, marker = marked(chance.choice(known))
            told.append(await one(question, marker, chance.random() < 0.5))
            await asyncio.sleep(chance.uniform(0.5, 1.5) * think_s)

    async with asyncio.TaskGroup() as group:
        for number, one in enumerate(asks):
            group.create_task(client(number, one))
        for phase in phases:
            await asyncio.sleep(max(0.0, began + phase.begin - time.monotonic()))
            provider.order(script=phase.behavior)
            say(f"{time.monotonic() - began:5.0f} s  {phase.behavior}, {len(told)} questions so far")
    return began, told


async def over_http(
    form: str, phases: Sequence[Phase], think_s: float
) -> tuple[float, list[Told], dict[str, Provider]]:
    """The forms with a server."""
    with Provider() as main, Provider() as backup:
        providers = {"main": main, "backup": backup} if form == "served" else {"main": main}
        config = configuration({name: one.url for name, one in providers.items()})
        async with AsyncExitStack() as stack:
            there = await stack.enter_async_context(served(config, tokens=[("default", "somebody")]))
            clients = [await stack.enter_async_context(there.client()) for _ in range(CLIENTS)]

            def one(client: Any) -> Ask:
                async def asked(question: str, marker: str, stream: bool) -> Told:
                    return await ask(
                        client, question, stream=stream, marker=marker, deadline_ms=int(DEADLINE_S * 1000)
                    )

                return asked

            asks = [one(client) for client in clients]
            known = await answerable_ones(asks[:4])
            began, told = await load(asks, main, phases, think_s, known)
            say("".join(f"\n{line}" for line in there.crashes()))
        for provider in providers.values():
            provider.order(report=True)
        return began, told, providers


async def in_process(phases: Sequence[Phase]) -> tuple[float, list[Told], dict[str, Provider]]:
    """The route alone."""
    with Provider() as main, Provider() as backup, tempfile.TemporaryDirectory(prefix="answerable-peak-") as name:
        providers = {"main": main, "backup": backup}
        config = Path(name) / "answerable.toml"
        config.write_text(
            configuration({key: one.url for key, one in providers.items()}).replace("{tenant}", "peak")
        )
        async with open_gateway(Project.open(config)) as gateway:
            route = gateway.answers(Extractive(embedder=HashEmbedder(dim=8)))

            async def asked(question: str, marker: str, stream: bool) -> Told:
                return await _asked(route, question, marker, stream)

            began, told = await load([asked] * CLIENTS, main, phases, GATEWAY_THINK_S, GATEWAY_QUESTIONS)
        for provider in providers.values():
            provider.order(report=True)
        return began, told, providers


async def _asked(route: LLM, question: str, marker: str, stream: bool) -> Told:
    """One question, its deadline the whole request's; what a broken stream had given out is quoted to its end."""
    told = Told(at=time.monotonic(), stream=stream, marker=marker)
    rendered, deadline = _rendered(question), Deadline.after(DEADLINE_S)
    try:
        if stream:
            async for piece in route.stream(rendered, deadline=deadline):
                if isinstance(piece, Completion):
                    _finished(told, piece)
                elif told.first_s is None:
                    told.first_s = time.monotonic() - told.at
        else:
            _finished(told, await route.complete(rendered, deadline=deadline))
    except AnswerableError as error:
        broken = bool(getattr(error, "partial", ""))  # the answer path finishes such a one with quotes
        told.outcome = "partial" if broken else f"problem:{error.code}"
        told.degraded = ("extractive",) if broken else ()
        told.failure = str(error)[:200]
    told.took_s = time.monotonic() - told.at
    return told


def _finished(told: Told, completion: Completion) -> None:
    told.outcome, told.model, told.degraded = "answered", completion.model, completion.degraded


PASSAGES = tuple(
    ContextBlock(
        n=n,
        passage=Passage(
            chunk=Chunk(document_id=f"d{n}", start=0, end=len(text), text=text), score=1.0, title="Help"
        ),
    )
    for n, text in enumerate(
        (
            "A gift card is valid for three years from the day it was bought.",
            "Headphones can be returned within 30 days of delivery.",
            "Standard shipping takes two to four working days.",
        ),
        start=1,
    )
)
GATEWAY_QUESTIONS = (
    "How long is a gift card valid?",
    "When can headphones be returned?",
    "How long does shipping take?",
)


def _rendered(question: str) -> Rendered:
    return replace(sealed(_user(question)), question=question, blocks=PASSAGES)


def _user(question: str) -> str:
    sources = "\n".join(f'<source n="{one.n}">\n{one.passage.chunk.text}\n</source>' for one in PASSAGES)
    return f"{sources}\n<question>\n{question}\n</question>"


def found(
    form: str, phases: Sequence[Phase], began: float, told: Sequence[Told], providers: dict[str, Provider]
) -> dict[str, Any]:
    """The form's figures."""
    arrived = [call["at"] - began for call in providers["main"].calls]
    shares = {
        name: again([call["marker"] for call in one.calls if call["at"] >= began], len(told))
        for name, one in providers.items()
    }
    rows = []
    for phase in phases:
        row = told_of(phase, told, began=began, deadline_s=DEADLINE_S)
        if phase.dying:
            row["breaker_opened_s"] = opened_after(arrived, phase, quiet_s=2.5)
        else:
            row["breaker_closed_s"] = closed_after(arrived, phase, burst=5, within_s=3.0)
        rows.append({**row, "calls_of_main": sum(phase.begin <= at < phase.end for at in arrived)})
    first = [one.first_s * 1000 for one in told if one.first_s is not None]
    return {
        "form": form,
        "clients": CLIENTS,
        "asked": len(told),
        "answered_in_time": sum(one.answered and one.took_s <= DEADLINE_S for one in told),
        "typed": sum(one.typed for one in told),
        "late": sum(one.took_s > DEADLINE_S for one in told),
        "took_ms": quantiles([one.took_s * 1000 for one in told]),
        "first_text_ms": quantiles(first),
        "asked_again": {name: None if share is None else round(share, 4) for name, share in shares.items()},
        "not_answered": sorted({f"{one.outcome} {one.failure}".strip() for one in told if not one.answered})[:8],
        "phases": rows,
    }


def goals(figures: dict[str, Any]) -> list[Goal]:
    """What the issue asks of a form."""
    asked, form = figures["asked"], figures["form"]
    dying = [row["breaker_opened_s"] for row in figures["phases"] if "breaker_opened_s" in row]
    well = [row["breaker_closed_s"] for row in figures["phases"] if "breaker_closed_s" in row][1:]
    opened = max(dying) if None not in dying else None
    return [
        Goal(
            what=f"{form}: answers inside the deadline",
            at_least=99,
            figure=100 * figures["answered_in_time"] / asked if asked else None,
            unit="%",
        ),
        Goal(
            what=f"{form}: ends in a typed outcome",
            at_least=100,
            figure=100 * figures["typed"] / asked if asked else None,
            unit="%",
        ),
        Goal(what=f"{form}: breaker open after, the latest", at_most=10, figure=opened, unit="s"),
        Goal(
            what=f"{form}: recoveries in which it closed by itself",
            at_least=len(well),
            figure=float(sum(one is not None for one in well)),
        ),
        Goal(
            what=f"{form}: asked again, of the questions",
            at_most=20,
            figure=100 * sum(share or 0.0 for share in figures["asked_again"].values()),
            unit="%",
        ),
    ]


async def measure(options: argparse.Namespace) -> tuple[list[dict[str, Any]], list[Goal]]:
    """Form after form."""
    forms, made = [], []
    for form in options.forms:
        phases = schedule(options.minutes * 60, options.faults)
        say(f"-- {form}")
        began, told, providers = await (
            in_process(phases) if form == "gateway" else over_http(form, phases, options.think)
        )
        think_s = GATEWAY_THINK_S if form == "gateway" else options.think
        forms.append({**found(form, phases, began, told, providers), "think_s": think_s})
        made += goals(forms[-1])
        if form == "served" and options.picture:
            title = (
                f"{CLIENTS} clients while the first of two scripted providers dies, {len(options.faults)} times"
            )
            options.picture.write_text(
                chart(told, phases, began=began, deadline_s=DEADLINE_S, title=title), encoding="utf-8"
            )
    return forms, made


def table(forms: Sequence[dict[str, Any]]) -> None:
    """A row a phase."""
    for one in forms:
        print(f"\n{one['form']}: {one['asked']} questions of {one['clients']} clients, all scripted")
        print(
            f"{'phase':<10}{'asked':>6}{'in time':>9}{'typed':>7}"
            f"{'p50':>7}{'p99 ms':>8}{'breaker':>16}  who answered"
        )
        for row in one["phases"]:
            kind = "opened" if "breaker_opened_s" in row else "closed"
            at = row[f"breaker_{kind}_s"]
            who = ", ".join(f"{name} {count}" for name, count in row["by"].items())
            print(
                f"{row['phase']:<10}{row['asked']:>6}{row['answered_in_time']:>9}{row['typed']:>7}"
                f"{row['took_ms']['p50'] or 0:>7.0f}{row['took_ms']['p99'] or 0:>8.0f}"
                f"{kind + (f' {at:.1f} s' if at is not None else ' never'):>16}  {who}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="of each form")
    parser.add_argument("--small", action="store_true", help="two faults, 75 seconds of each form")
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    parser.add_argument("--think", type=float, default=THINK_S, help="seconds between two questions over HTTP")
    parser.add_argument("--picture", type=Path, help="an SVG of the form `served`")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.small:
        options.minutes, options.faults = 1.25, ["503", "drip"]
    size = f"--minutes {options.minutes:g} --faults {' '.join(options.faults)} --think {options.think:g}"
    result = facts(f"python benchmarks/provider_dies.py {size}")
    forms, made = asyncio.run(measure(options))
    table(forms)
    return conclude(
        {**result, "minutes": options.minutes, "deadline_s": DEADLINE_S, "forms": forms}, made, options.out
    )


if __name__ == "__main__":
    sys.exit(main())
