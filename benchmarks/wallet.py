"""Whether somebody can make a served system spend more than it may: denial of wallet, with a scripted provider.

    python benchmarks/wallet.py [--questions 200]

The sample's pages are served over HTTP in this process; the gateway is the real one, with a made-up price and a
budget for about ten calls; the provider is a scripted server on loopback. Parts: parallel (so many questions at
once), aborted (streams that are left at their first event), storm (a provider that fails every call), long
(questions, histories and bodies as long as may be). Rates are off but for the last part, `limits`. Writes
benchmarks/results/wallet.json. The model is scripted: nothing here is a model's quality.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2 as httpx
from proof import say
from served import marked, questions

from answerable.api import create_api
from answerable.api.serving import Serving, web_settings
from answerable.app import Project, open_system
from answerable.app.ingesting import open_ingestion
from answerable.app.sample import sample_folder
from answerable.app.system import System
from answerable.core.query import Principal
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Drip, Status

RESULT = Path(__file__).parent / "results" / "wallet.json"
OFF = 'per_user = "off"\nper_key_tokens = "off"\nper_network = "off"\nconcurrent_user = 0\nsweep = "off"\n'
CONFIG = """
[project]
name = "wallet"
[[source]]
id = "knowledge"
uri = "knowledge"
[abstain]
threshold = 0.0
[retrieval]
mode = "lexical"
reranker = "none"
[answer]
deadline = "60s"
[limits]
adaptive = false
concurrent = 12
queue = 400
queue_time = "30s"
%(limits)s
[[route]]
use = "answer"
chain = ["main", "extractive"]
[provider.main]
kind = "openai-compatible"
base_url = "%(url)s"
model = "scripted"
timeout = "20s"
first_token = "20s"
max_concurrency = 400
[price.scripted]
input = 10.0
output = 10.0
[budget]
daily = %(daily)s
"""


@dataclass(slots=True, kw_only=True)
class There:
    """The served system, its provider, and who asks."""

    system: System
    provider: ModelServer
    url: str
    secret: str

    def client(self) -> httpx.AsyncClient:
        """With room for all at once."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=400)
        headers = {"Authorization": f"Bearer {self.secret}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=120, trust_env=False, limits=limits)

    async def spent(self) -> tuple[Decimal, int, int]:
        """Money in the book of today, and calls: all, and those whose tokens we had to estimate."""
        calls = self.system.money.calls
        await calls.flush()
        since = datetime.now(UTC) - timedelta(days=1)
        rows = await calls.totals(tenant="default", since=since, until=since + timedelta(days=2), by=["tenant"])
        return (
            sum((row["cost"] for row in rows), Decimal(0)),
            sum(row["calls"] for row in rows),
            sum(row["estimated"] for row in rows),
        )


@asynccontextmanager
async def served(provider: ModelServer, *, daily: str, limits: str = OFF) -> AsyncIterator[There]:
    """A fresh project with this budget."""
    with tempfile.TemporaryDirectory(prefix="answerable-wallet-", dir="/tmp", ignore_cleanup_errors=True) as name:
        base = Path(name)
        base.chmod(0o755)  # root's database server runs as another account
        shutil.copytree(sample_folder() / "knowledge", base / "knowledge")
        config = CONFIG % {"url": provider.openai_url, "daily": daily, "limits": limits}
        (base / "answerable.toml").write_text(config)
        async with open_system(Project.open(base / "answerable.toml")) as system:
            async with open_ingestion(system) as ingestion:
                for section in system.settings.source:
                    await ingestion.sync(section)
            _, secret = await system.tokens.create(tenant="default", principal=Principal(id="eve"), label="bench")
            serving = Serving(system=system, app=create_api(system, web_settings(system)), port=0)
            async with serving.started() as url:
                yield There(system=system, provider=provider, url=url, secret=secret)


def asked(count: int) -> list[str]:
    """So many questions, none like another."""
    known = questions()["en"]
    return [marked(known[n % len(known)])[0] for n in range(count)]


async def insist(http: httpx.AsyncClient, question: str) -> httpx.Response:
    """Ask until there is a place: what is measured is money, not load."""
    while True:
        reply = await http.post("/v1/answers", json={"question": question})
        if reply.status_code not in (429, 503):
            return reply
        await asyncio.sleep(1.0)


async def parallel(count: int) -> dict[str, Any]:
    """All at once on a budget for about ten."""
    with ModelServer(Drip(first_s=0.3, chars=400, interval_s=0.05)) as provider:
        async with served(provider, daily="0.30") as there:
            async with there.client() as http:
                told = await asyncio.gather(*(insist(http, one) for one in asked(count)))
            spent, calls, _ = await there.spent()
            by = Counter(
                "model" if reply.json().get("model", "").startswith("main") else "quotes" for reply in told
            )
            return {
                "questions": count, "budget": "0.30", "spent": f"{spent:f}", "calls_of_the_provider": calls,
                "requests_the_provider_saw": provider.seen.requests,
                "overspent": f"{max(Decimal(0), spent - Decimal('0.30')):f}",
                "answers_by": dict(by), "statuses": dict(Counter(str(reply.status_code) for reply in told)),
            }  # fmt: skip


async def aborted(count: int) -> dict[str, Any]:
    """Streams that are left at the first event that came."""
    with ModelServer(Drip(first_s=0.2, chars=10, interval_s=0.2)) as provider:
        async with served(provider, daily="100") as there:
            async with there.client() as http:

                async def leave(question: str) -> None:
                    body = {"question": question, "stream": True}
                    async with http.stream("POST", "/v1/answers", json=body) as reply:
                        async for line in reply.aiter_lines():
                            if line.startswith("event: text"):
                                return

                await asyncio.gather(*(leave(one) for one in asked(count)))
            await asyncio.sleep(3.0)
            spent, calls, estimated = await there.spent()
            async with there.system.database.tenant("default") as conn:
                row = await (await conn.execute("SELECT sum(held) AS held FROM budget_period")).fetchone()
            return {
                "streams": count, "spent": f"{spent:f}", "calls": calls, "estimated": estimated,
                "left_by_us_at_the_provider": provider.seen.requests - provider.seen.completed,
                "held_after": f"{row['held']:f}",
            }  # fmt: skip


async def storm(count: int) -> dict[str, Any]:
    """Every call fails: how many requests that makes."""
    with ModelServer(Status(503)) as provider:
        async with served(provider, daily="100") as there:
            async with there.client() as http:
                told = await asyncio.gather(*(insist(http, one) for one in asked(count)))
            spent, _, _ = await there.spent()
            outcomes = Counter(reply.json().get("outcome", "problem") for reply in told)
            return {
                "questions": count, "requests_the_provider_saw": provider.seen.requests, "spent": f"{spent:f}",
                "outcomes": dict(outcomes),
            }  # fmt: skip


async def long() -> dict[str, Any]:
    """The longest that may be asked, and longer."""
    with ModelServer(Drip(first_s=0.0, chars=4000, interval_s=0.0)) as provider:
        async with served(provider, daily="100") as there:
            rows: dict[str, Any] = {}
            async with there.client() as http:
                first = asked(1)[0]
                turns = [{"role": "user", "text": "word " * 2400}] * 20
                wanted = {
                    "question of 4,000 characters": {"question": (first + " ") * (3900 // len(first))},
                    "question of 200,000 characters": {"question": "word " * 40_000},
                    "20 turns of 12,000 characters": {"question": first, "history": turns},
                    "body of 400 kB": {"question": "word " * 80_000},
                }
                for name, body in wanted.items():
                    provider.requests.clear()
                    reply = await http.post("/v1/answers", json=body)
                    said = reply.json()
                    rows[name] = {
                        "status": reply.status_code,
                        "ended": said.get("outcome") or said.get("code"),
                        "calls": len(provider.requests),
                        "most_input_tokens": max((one.input_tokens for one in provider.requests), default=0),
                    }
            return rows


async def limits(count: int) -> dict[str, Any]:
    """All at once with the limits that ship: 16 under way of one person, 20 a minute."""
    with ModelServer(Drip(first_s=0.3, chars=400, interval_s=0.05)) as provider:
        async with served(provider, daily="100", limits="") as there:
            async with there.client() as http:
                told = await asyncio.gather(
                    *(http.post("/v1/answers", json={"question": one}) for one in asked(count))
                )
            codes = Counter(reply.json().get("code", "answered") for reply in told)
            return {"questions": count, "ended": dict(codes), "requests_the_provider_saw": provider.seen.requests}


async def everything(count: int) -> dict[str, Any]:
    """All parts, one after the other."""
    found: dict[str, Any] = {}
    for name, part in (
        ("parallel", parallel(count)),
        ("aborted", aborted(max(1, count // 5))),
        ("storm", storm(max(1, count // 2))),
        ("long", long()),
        ("limits", limits(200)),
    ):
        found[name] = await part
        say(f"{name}: {json.dumps(found[name])}")
    return found


def main() -> None:
    """Run it and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    figures = asyncio.run(everything(options.questions))
    figures |= {
        "about": "the model is scripted and its price made up",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "python benchmarks/wallet.py",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
    }
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
