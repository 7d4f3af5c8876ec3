"""A production month whose truth is known, through the real jobs: what metrics say of it, and who noticed what.

    python benchmarks/simulate.py [--needs 54000] [--months 100] [--only month|coverage] [--out FILE]
    python benchmarks/simulate.py --small          a smaller month and four short ones: shows that it runs

Persons, needs, answers and reviewers are drawn (src/answerable/testing/simulation); no model was asked and nothing
here is a model's quality. What is real: the events' form, their table, and the jobs that make tasks, counts,
metrics, alerts and drift's findings of them. Truths are counted from what was drawn, by code of their own.

The month has two deploys (one spoils German answers), a provider that swaps the model, a poisoned page, a topic
that comes up, and a cost that creeps up; the same month is lived once more without any of them, and every alarm in
that one is a false one. Coverage: short months without changes, each in a tenant of its own; once with reviewers
who err in 3 of 100 readings, and once (faithful) with such as do not, which is what intervals are made for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from proof import Goal, conclude, facts, say
from simulate_compared import compared, coverage
from simulate_picture import FIGURE, picture
from simulate_product import Product, opened
from simulate_watch import Cadence, Watch, watched_month
from simulate_worlds import closed, last_look

from answerable.testing.simulation.month import Month, simulate
from answerable.testing.simulation.truth import truths
from answerable.testing.simulation.world import Reviewing, World

PARTS = ("month", "clean", "coverage", "faithful")
SHORT = 1200  # needs of a short month
Keep = Callable[[dict[str, Any]], None]
READ_MORE = Reviewing(rest=0.2, guarded=1.0, disliked=0.6, low_confidence=0.35, risky=0.5)
FAITHFUL = replace(READ_MORE, sees_yes=1.0, sees_no=1.0, sees_harm=1.0, invents_harm=0.0)
SIMULATED = "persons, answers and reviewers are simulated; no model was asked"


async def one_month(needs: int, seed: int, cadence: Cadence, *, clean: bool, keep: Keep) -> dict[str, Any]:
    """The whole month, event by event in order of time, with all jobs on the set clock; kept after every week."""
    world = World(seed=seed, needs=needs, persons=max(50, needs // 3))
    began = time.process_time()
    month = simulate(world.clean() if clean else world)
    made_s = time.process_time() - began
    say(f"{len(month.needs)} needs, {len(month.events)} events made in {made_s:.0f} s of CPU time")
    facts_of = {
        "start": world.start.isoformat(),
        "look_minutes": cadence.look.total_seconds() / 60,
        "close_days": cadence.close_days,
        "needs": len(month.needs),
        "tasks": sum(one.counts for one in month.needs),
        "events": len(month.events),
        "made_cpu_s": round(made_s, 1),
        "by_day": by_day(month),
    }

    def so_far(watch: Watch, day: int, table: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        took = {name: round(one, 1) for name, one in watch.cpu_s.items()}
        most = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        rest = {"until_day": day, "jobs_cpu_s": took, "most_mb": most, "metrics": table}
        return {**facts_of, **rest, **alarms(watch, month)}

    async with opened(world.start.date(), world.days + 10) as product:
        watch = await watched_month(product, month, cadence, lambda seen, day: keep(so_far(seen, day)))
        table = compared(truths(closed(month)), await _numbers(product, month))
    return so_far(watch, world.days, table)


async def _numbers(product: Product, month: Month) -> Any:
    return await product.numbers(month.world.tenant, month.world.start, last_look(month))


def alarms(watch: Watch, month: Month) -> dict[str, Any]:
    """What was noticed of each change, and what was said without any."""
    return {"incidents": watch.incidents(month), "alarms": watch.alarms(), "false_alarms": watch.false(month)}


def by_day(month: Month) -> list[dict[str, Any]]:
    """For the picture: of each day the tasks, and the truth of a few things."""
    days: dict[int, list[Any]] = {}
    for need in month.needs:
        if need.counts and (day := int(month.world.day_of(need.at))) < month.world.days:
            days.setdefault(day, []).append(need)
    rows = []
    for day, needs in sorted(days.items()):
        turns = [turn for need in needs for turn in need.turns]
        rows.append(
            {
                "day": day,
                "tasks": len(needs),
                "completed": round(sum(one.met for one in needs) / len(needs), 4),
                "refused": round(sum(one.outcome == "abstained" for one in turns) / len(turns), 4),
                "cost": round(float(sum(one.cost for one in needs)) / len(needs), 6),
                "latency_p95_ms": sorted(one.latency_ms for one in turns)[int(0.95 * len(turns))],
            }
        )
    return rows


async def many_months(count: int, needs: int, seed: int, reviewing: Reviewing, keep: Keep) -> dict[str, Any]:
    """How often the intervals of short months hold the truth; kept after every tenth."""
    first = World(seed=seed).start
    told = []
    began = time.process_time()
    async with opened(first.date(), 45) as product:
        for number in range(count):
            tenant = f"month-{number}"
            world = World(
                seed=seed + number, tenant=tenant, needs=needs, persons=needs // 3, changes=(), reviewing=reviewing
            )
            month = simulate(world)
            until = last_look(month)
            await product.take([one for one in month.events if one.at < until])
            await product.close(tenant, until)
            await product.count(tenant, until)
            told.append((truths(closed(month)), await product.numbers(tenant, world.start, until)))
            if number % 10 == 9 or number + 1 == count:
                took = time.process_time() - began
                found = {"months": len(told), "needs": needs, "cpu_s": round(took), "rows": coverage(told)}
                say(f"{number + 1} months in {took:.0f} s of CPU time")
                keep(found)
    return found


def goals(result: dict[str, Any]) -> list[Goal]:
    """What is to be shown."""
    found = []
    if month := result.get("month"):
        caught = [one for one in month["incidents"] if one["blame"]]
        found += [
            Goal(what="tasks that count", at_least=50_000, figure=float(month["tasks"])),
            Goal(what="metrics without a number", at_most=0,
                 figure=float(sum(one["value"] is None for one in month["metrics"]))),
            Goal(what="incidents not detected", at_most=0,
                 figure=float(sum(one["detected"] is None for one in caught))),
            Goal(what="incidents blamed on the wrong thing", at_most=0,
                 figure=float(sum(one["right"] is False for one in caught))),
        ]  # fmt: skip
    if clean := result.get("clean"):
        found.append(Goal(what="false alarms in the clean month", at_most=1, figure=float(clean["false_alarms"])))
    if short := result.get("faithful"):
        shares = [one["long_run"] / one["months"] for one in short["rows"] if not one["bound"]]
        found.append(
            Goal(what="lowest coverage of a 95 % interval", at_least=0.9, figure=min(shares, default=None))
        )
    return found


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """All parts that are wanted; each is kept as soon as it is there."""
    cadence = Cadence(look=timedelta(minutes=options.look), close_days=options.close_days)
    result = facts(f"python benchmarks/simulate.py --needs {options.needs} --months {options.months}")
    result["note"] = SIMULATED
    if options.out.exists():
        old = json.loads(options.out.read_text())
        result |= {name: old[name] for name in PARTS if name in old}

    def keep(name: str, found: dict[str, Any]) -> None:
        result[name] = found
        options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    many = options.clean_needs or options.needs
    parts: dict[str, Callable[[Keep], Awaitable[dict[str, Any]]]] = {
        "month": lambda each: one_month(options.needs, options.seed, cadence, clean=False, keep=each),
        "clean": lambda each: one_month(many, options.seed, cadence, clean=True, keep=each),
        "coverage": lambda each: many_months(options.months, options.short, options.seed + 1000, READ_MORE, each),
        "faithful": lambda each: many_months(options.months, options.short, options.seed + 1000, FAITHFUL, each),
    }
    for name, part in parts.items():
        if options.only in ("", name):
            keep(name, await part(partial(keep, name)))
    return result


def show(result: dict[str, Any]) -> None:
    """The tables."""
    for name in ("month", "clean"):
        for one in result.get(name, {}).get("metrics", ()):
            print(f"{one['metric']:<14}{one['part']:<16}{one['of']:<24}{one['truth']!s:<10}{one['value']!s:<10}"
                  f"{one['low']!s:<10}{one['high']!s:<10}{one['covered']}")  # fmt: skip
        for one in result.get(name, {}).get("incidents", ()):
            print(json.dumps(one))
        print(name, "false alarms:", result.get(name, {}).get("false_alarms"))
    for one in [one for name in PARTS[2:] for one in result.get(name, {}).get("rows", ())]:
        print(f"{one['metric']:<14}{one['part']:<16}{one['of']:<24}{one['truth']!s:<10}{one['mean']!s:<10}"
              f"own {one['own']}/{one['months']}  long run {one['long_run']}/{one['months']}")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--needs", type=int, default=54_000)
    parser.add_argument("--months", type=int, default=100)
    parser.add_argument("--short", type=int, default=SHORT, help="needs of a short month")
    parser.add_argument("--clean-needs", type=int, help="of the month without changes; as many as of the other")
    parser.add_argument("--look", type=int, default=15, help="minutes between two looks of the alerts")
    parser.add_argument("--close-days", type=int, default=1, help="days between two runs of the job of tasks")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--only", choices=("", *PARTS), default="")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/simulate.json"))
    options = parser.parse_args()
    if options.small:
        options.needs, options.months, options.short = 3000, 4, 600
        options.look, options.close_days = 180, 5
    result = asyncio.run(run(options))
    show(result)
    if "month" in result:
        FIGURE.parent.mkdir(parents=True, exist_ok=True)
        FIGURE.write_text(picture(result["month"]), encoding="utf-8")
    return conclude(result, goals(result), options.out)


if __name__ == "__main__":
    sys.exit(main())
