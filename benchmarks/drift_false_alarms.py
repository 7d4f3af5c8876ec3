"""How often the watch over drift is wrong in months in which nothing happens, and how soon it is right.

    python benchmarks/drift_false_alarms.py [--months 200] [--delays 20] [--out FILE]

Simulated traffic: persons who come again and are alike (a beta-binomial, correlation 0.1 between two answers of a
person), half of the answers from a tenth of them, weekdays and hours with effects of their own on each signal, and
days that differ for no reason. Every signal of the real list is drawn, with its own base rate; the statistic and
its limits are those of production. No model was asked.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from answerable.config.monitoring import DriftSection
from answerable.evals.stats.changes import PER_DAY, Block, Sensing, changes
from answerable.evals.stats.proportions import exact
from answerable.monitor.drift.signals import FAMILIES, PARTED, SIGNALS, Kind

DAYS, WARM = 44, 14  # false alarms are counted after two weeks that are known, over 30 days
ALIKE, SEASON, DAY_NOISE = 0.1, 0.08, 0.02  # the last two in standard deviations of an answer
WEEK = np.array([1.1, 1.1, 1.05, 1.1, 1.0, 0.5, 0.4])
SLOTS = np.array([0.05, 0.35, 0.4, 0.2])
# Base rates of shares and how many answers of a hundred have a value; the others are drawn as logarithms.
RATES = {
    "refusals": (0.10, 100), "withheld": (0.06, 90), "guards": (0.004, 100), "conflicts": (0.01, 90),
    "rephrased": (0.12, 40), "dislikes": (0.25, 6), "completion": (0.72, 45), "escalation": (0.05, 45),
    "deadlines": (0.01, 90), "fallback": (0.005, 100), "latency": (0.4, 90), "cost": (0.5, 100),
    "novelty": (0.15, 100), "length": (0.5, 100),
}  # fmt: skip
TOPICS, LANGUAGES = 10, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One signal of one month."""

    rate: float  # of a share; else the standard deviation between answers
    share: bool
    per_day: float
    days: int = DAYS
    shift: float = 0.0
    at: int = 0  # the block from which on


def blocks(draw: Draw, rng: np.random.Generator) -> list[Block]:
    """By persons: who asks much, asks often, and is alike to themselves over the whole time."""
    many = max(30, int(draw.per_day))
    weight = rng.pareto(1.5, size=many) + 0.1
    weight /= weight.sum()
    one = np.sqrt(draw.rate * (1 - draw.rate)) if draw.share else draw.rate
    if draw.share:
        own = rng.beta(draw.rate * (1 / ALIKE - 1), (1 - draw.rate) * (1 / ALIKE - 1), size=many)
        own += draw.rate - float((own * weight).sum())
    else:
        own = rng.normal(0.0, np.sqrt(ALIKE) * draw.rate, size=many)
    weekday, hour = rng.normal(0, SEASON * one, 7), rng.normal(0, SEASON * one, PER_DAY)
    found = []
    for day in range(draw.days):
        noise = rng.normal(0, DAY_NOISE * one)
        for slot in range(PER_DAY):
            moved = weekday[day % 7] + hour[slot] + noise
            moved += draw.shift if draw.shift and day * PER_DAY + slot >= draw.at else 0.0
            n = rng.multinomial(rng.poisson(draw.per_day * WEEK[day % 7] * SLOTS[slot]), weight)
            here = n > 0
            sizes, mean = n[here].astype(float), own[here] + moved
            if draw.share:
                x = rng.binomial(n[here], np.clip(mean, 0.0, 1.0)).astype(float)
            else:
                x = sizes * mean + rng.normal(0, np.sqrt((1 - ALIKE) * sizes) * draw.rate)
            found.append(
                Block(
                    day=day,
                    slot=slot,
                    n=int(sizes.sum()),
                    total=float(x.sum()),
                    nn=float((sizes**2).sum()),
                    nx=float((sizes * x).sum()),
                    xx=float((x**2).sum()),
                )
            )
    return found


def sensing(*, share: bool, several: int = 1) -> Sensing:
    """As the daily job has it."""
    days = DriftSection().false_alarm_days
    return Sensing(blocks_to_false_alarm=days * PER_DAY * FAMILIES * several, share=share)


def clean_month(per_day: int, rng: np.random.Generator) -> dict[str, int]:
    """False alarms by signal."""
    alarms: dict[str, int] = {}
    for name, signal in SIGNALS.items():
        share = signal.kind is Kind.SHARE
        rate, often = RATES[name]
        drawn = blocks(Draw(rate=rate, share=share, per_day=per_day * often / 100), rng)
        alarms[name] = _late(drawn, sensing(share=share))
    for name in PARTED:
        rate, often = RATES[name]
        for _ in range(LANGUAGES):
            drawn = blocks(Draw(rate=rate, share=True, per_day=per_day * often / 100 / LANGUAGES), rng)
            alarms[f"{name}@"] = alarms.get(f"{name}@", 0) + _late(drawn, sensing(share=True, several=LANGUAGES))
    for mix, several in (("topic", TOPICS), ("language", LANGUAGES)):
        for _ in range(several):
            drawn = blocks(Draw(rate=1 / several, share=True, per_day=per_day), rng)
            alarms[mix] = alarms.get(mix, 0) + _late(drawn, sensing(share=True, several=several))
    return alarms


def _late(drawn: Sequence[Block], limits: Sensing) -> int:
    return sum(one.found >= WARM * PER_DAY for one in changes(drawn, limits))


def false_alarms(months: int, per_day: int, seed: int) -> Iterator[dict[str, Any]]:
    """Over clean months: how many alarms of all signals together, and in how many months there was one; said after
    every ten."""
    rng = np.random.default_rng(seed)
    begun = time.process_time()
    found: list[dict[str, int]] = []
    while len(found) < months:
        found += [clean_month(per_day, rng) for _ in range(min(10, months - len(found)))]
        yield _counted(found, per_day, time.process_time() - begun)


def _counted(found: Sequence[dict[str, int]], per_day: int, cpu_s: float) -> dict[str, Any]:
    months = len(found)
    total, hit = sum(sum(one.values()) for one in found), sum(any(one.values()) for one in found)
    interval = exact(hit, months)
    by_signal = {name: sum(one.get(name, 0) for one in found) for name in found[0]}
    return {
        "per_day": per_day, "months": months, "alarms": total, "months_with_one": hit,
        "alarms_in_30_days": total / months, "share": hit / months, "low": interval.low, "high": interval.high,
        "by_signal": {name: count for name, count in by_signal.items() if count},
        "cpu_s": round(cpu_s, 1),
    }  # fmt: skip


def delay(runs: int, per_day: int, shift: float, seed: int) -> dict[str, Any]:
    """Days until refusals of 10 % that rise by `shift` at noon of day 14 are told of, looked at every block."""
    rng = np.random.default_rng(seed)
    at = WARM * PER_DAY + 2
    days: list[float | None] = []
    starts = []
    for _ in range(runs):
        drawn = blocks(Draw(rate=0.1, share=True, per_day=per_day, shift=shift, at=at), rng)
        first = next((one for one in changes(drawn, sensing(share=True)) if one.found >= at), None)
        days.append(None if first is None else (first.found + 1 - at) / PER_DAY)
        if first is not None:
            starts.append(first.earliest <= at <= first.latest)
    known = sorted(one for one in days if one is not None)
    return {
        "per_day": per_day, "points": round(100 * shift), "runs": runs, "found": len(known),
        "median_days": float(np.median(known)) if known else None,
        "p90_days": float(np.quantile(known, 0.9)) if known else None,
        "start_in_interval": sum(starts),
    }  # fmt: skip


def main() -> None:
    """Run it, keeping what is there after every part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=200)
    parser.add_argument("--delays", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    result: dict[str, Any] = {
        "what": "simulated traffic, no model asked",
        "machine": {"python": platform.python_version(), "cpu": platform.processor() or platform.machine()},
        "days": DAYS - WARM, "families": FAMILIES, "clean": [], "delays": [],
    }  # fmt: skip
    for per_day in (200, 1000, 5000):
        for shift in (0.05, 0.1, 0.2):
            result["delays"].append(delay(arguments.delays, per_day, shift, arguments.seed))
            _keep(result, result["delays"][-1], arguments.out)
    for per_day in (1000, 200, 5000):
        months = arguments.months if per_day == 1000 else max(1, arguments.months // 5)
        result["clean"].append({})
        for counted in false_alarms(months, per_day, arguments.seed + per_day):
            result["clean"][-1] = counted
            _keep(result, counted, arguments.out)


def _keep(result: dict[str, Any], last: dict[str, Any], out: Path | None) -> None:
    print(json.dumps(last), flush=True)
    if out is not None:
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
