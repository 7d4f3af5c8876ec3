"""What counting a question in Postgres costs.

    python benchmarks/tolls.py

An embedded Postgres in a fresh folder. One caller, then 16 at once on the same tenant's row: the shipped limits
and one of the tenant (five meters), with the settlement of the question before and five passages shown. CPU is
this process's, wall times are of one journey. Writes benchmarks/results/tolls.json.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.tolls import PostgresTolls
from answerable.core.toll import Charge, Meter, Rate, Settlement, View

RESULT = Path(__file__).parent / "results" / "tolls.json"
DAY, TIMES, TOGETHER = 86_400, 400, 16
LIMITS = (
    ("user", "questions", 1e9, 60),
    ("user", "questions", 1e9, DAY),
    ("network", "questions", 1e9, 60),
    ("tenant", "questions", 1e9, 60),
    ("key", "tokens", 1e12, 3600),
)


async def take(tolls: PostgresTolls, who: int, n: int) -> float:
    """One question's journey; milliseconds."""
    name = {"tenant": "acme", "network": f"net_{who % 3}"}
    charges = [
        Charge(
            meter=Meter(
                scope=scope, name=name.get(scope, f"p{who}"), unit=unit, rate=Rate(most=most, period_s=period)
            ),
            amount=1.0 if unit == "questions" else 2500.0,
        )
        for scope, unit, most, period in LIMITS
    ]
    view = View(
        name=f"p{who}", period_s=DAY, asked=1, shapes=(f"s{n}",), passages=tuple(f"{n}-{i}" for i in range(5))
    )
    debts = (Charge(meter=charges[-1].meter, amount=-900.0),)
    began = time.perf_counter()
    await tolls.take(
        tenant="acme",
        charges=charges,
        name=f"p{who}",
        periods=[DAY],
        settled=Settlement(debts=debts, views=(view,)),
    )
    return (time.perf_counter() - began) * 1e3


def quantiles(times: list[float]) -> dict[str, float]:
    """In ms."""
    return {
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
    }


async def measured(database: Database) -> dict[str, Any]:
    """Alone, then together."""
    tolls = PostgresTolls(database)
    for n in range(50):
        await take(tolls, 0, n)
    cpu = time.process_time()
    alone = [await take(tolls, 0, n) for n in range(TIMES)]
    cpu_ms = (time.process_time() - cpu) * 1e3 / TIMES

    async def caller(who: int) -> list[float]:
        return [await take(tolls, who, n) for n in range(TIMES // TOGETHER)]

    began = time.perf_counter()
    together = [one for times in await asyncio.gather(*(caller(who) for who in range(TOGETHER))) for one in times]
    return {
        "alone": {**quantiles(alone), "cpu_ms_of_this_process": round(cpu_ms, 2), "n": TIMES},
        "16 at once": {
            **quantiles(together),
            "questions_per_s": round(len(together) / (time.perf_counter() - began)),
            "n": len(together),
        },
        "transactions_a_question": 1,
        "load_of_the_machine": round(os.getloadavg()[0], 1),
    }


async def main() -> None:
    """Start a server of its own, measure, keep."""
    with tempfile.TemporaryDirectory(prefix="answerable-tolls-", dir="/tmp") as name:
        base = Path(name)
        base.chmod(0o755)  # root's database server runs as another account
        with Embedded.start(base / "pg") as server:
            await Migrations(server.admin_url).migrate()
            url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
            async with Database(url, limits=PoolLimits(size=TOGETHER)) as database:
                found = await measured(database)
    found |= {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "python benchmarks/tolls.py",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
    }
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
