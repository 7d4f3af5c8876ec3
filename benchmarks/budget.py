"""What holding and settling money takes, and whether it is ever overdrawn.

    python benchmarks/budget.py [--folder DIR]

An embedded Postgres in a fresh folder inside --folder (by default the machine's own for such). Latencies are wall
times of one reserve and one settle against a daily and a monthly budget: one caller, then 16 at once on the same
budgets. Then, five times, 200 callers in two processes ask at once for money out of a budget for 10. Writes
benchmarks/results/budget.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from answerable.adapters.postgres.budgets import PostgresBudgets
from answerable.adapters.postgres.database import Database, PoolLimits
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.core.errors import BudgetExceeded
from answerable.core.ports import Limit

RESULT = Path(__file__).parent / "results" / "budget.json"
DAY = date(2026, 11, 22)
ONE = Decimal("0.01")
ALONE, TOGETHER, ROUNDS, CALLERS, ROOM = 400, 16, 5, 200, 10


def limits(tenant: str, amount: Decimal) -> list[Limit]:
    month = DAY.replace(day=1)
    return [
        Limit(scope="daily", name=tenant, period=DAY, amount=amount),
        Limit(scope="monthly", name=tenant, period=month, amount=amount * 30),
    ]


async def timed(budgets: PostgresBudgets, tenant: str, times: int) -> tuple[list[float], list[float]]:
    wanted, held_ms, settled_ms = limits(tenant, Decimal(10**6)), [], []
    for _ in range(times):
        start = time.perf_counter()
        held = await budgets.reserve(tenant=tenant, amount=ONE, limits=wanted)
        middle = time.perf_counter()
        await budgets.settle(held, cost=ONE)
        held_ms.append((middle - start) * 1e3)
        settled_ms.append((time.perf_counter() - middle) * 1e3)
    return held_ms, settled_ms


def quantiles(spent_ms: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(spent_ms, [50, 95])
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2), "n": len(spent_ms)}


async def latencies(url: str) -> dict[str, Any]:
    async with Database(url) as database:
        budgets = PostgresBudgets(database)
        await timed(budgets, "warm", 20)
        alone = await timed(budgets, "alone", ALONE)
        each = await asyncio.gather(*(timed(budgets, "together", ALONE // TOGETHER) for _ in range(TOGETHER)))
    together = [one for held, _ in each for one in held], [one for _, settled in each for one in settled]
    return {
        callers: {"reserve": quantiles(held), "settle": quantiles(settled)}
        for callers, (held, settled) in (("1", alone), (str(TOGETHER), together))
    }


async def rush(url: str, tenant: str, callers: int) -> int:
    """How many of the callers get the money. The budget has room for ROOM of all."""
    async with Database(url, limits=PoolLimits(size=20, wait_s=30.0)) as database:
        budgets = PostgresBudgets(database)

        async def call() -> bool:
            try:
                held = await budgets.reserve(tenant=tenant, amount=ONE, limits=limits(tenant, ONE * ROOM))
            except BudgetExceeded:
                return False
            await asyncio.sleep(0.05)  # the model's time
            await budgets.settle(held, cost=ONE)
            return True

        return sum(await asyncio.gather(*(call() for _ in range(callers))))


async def two_processes(url: str, tenant: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--rush", url, tenant, str(CALLERS // 2)]
    started = [await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(2)]
    ran = [int((await one.communicate())[0]) for one in started]
    async with Database(url) as database:
        wanted = limits(tenant, ONE * ROOM)
        daily, _ = await PostgresBudgets(database).standings(tenant=tenant, limits=wanted)
    over = max(Decimal(0), daily.spent - daily.limit.amount)
    return {
        "asked": CALLERS,
        "ran": sum(ran),
        "by_process": ran,
        "spent": str(daily.spent),
        "overspent": str(over),
    }


async def main(folder: Path) -> None:
    with Embedded.start(folder) as server:
        await Migrations(server.admin_url).migrate()
        url = await give_login(server.admin_url, schema="answerable", password=server.service_password)
        result = {
            "command": "python benchmarks/budget.py",
            "date": datetime.now(UTC).date().isoformat(),
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
            "load_average_before": [round(one, 2) for one in os.getloadavg()],
            "callers": await latencies(url),
            "rushes": [await two_processes(url, f"rush{n}") for n in range(ROUNDS)],
        }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rush"]:
        sys.stdout.write(str(asyncio.run(rush(sys.argv[2], sys.argv[3], int(sys.argv[4])))))
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--folder", type=Path, help="where the database lives while it is measured")
        with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as top:
            asyncio.run(main(Path(top)))
