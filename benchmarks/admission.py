"""Overload in a simulation: how many questions are answered in time with a fixed limit and with one that adapts.

    python -m benchmarks.admission            about 20 s of one core
    python -m benchmarks.admission --write    and keep the figures

Arrivals are Poisson. A question needs 60 ms of processor (48 before the model, 12 while it writes) and waits
1.5 s for its model; processors are shared equally by whatever wants them. The admission is the shipped one, on a
simulated clock. Nothing here is a measurement of a model or of a machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from answerable.api.admission import Admission, AdmissionLimits, Ticket
from answerable.core.deadline import Deadline
from answerable.core.errors import Overloaded

RESULTS = Path(__file__).parent / "results" / "admission.json"
FIND_S, WRITE_S, MODEL_S, DEADLINE_S, CORES, TICK_S = 0.048, 0.012, 1.5, 4.0, 2.0, 0.005
CPU_S = FIND_S + WRITE_S
SECONDS, WARM_S = 60.0, 10.0
NOBODY = 10**9

POLICIES = {
    "no limit": AdmissionLimits(concurrent=NOBODY, adaptive=False),
    "200 at once": AdmissionLimits(concurrent=200, adaptive=False),
    "adaptive, 200 at most": AdmissionLimits(concurrent=200),
}


@dataclass(slots=True, kw_only=True, eq=False)
class Question:
    """One on its way: processor, model, processor."""

    tenant: str
    at: float
    ticket: Ticket
    cpu_s: float = FIND_S
    model_until: float = 0.0
    written: bool = False
    own_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Load:
    """One run of the simulation."""

    limits: AdmissionLimits
    rates: dict[str, float]  # questions a second, by tenant
    clock: float = 0.0
    waiting: list[Question] = field(default_factory=list)
    inside: list[Question] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    async def run(self, seed: int) -> None:
        """The whole of it."""
        chance, admission = random.Random(seed), Admission(self.limits, clock=lambda: self.clock)
        due = {tenant: chance.expovariate(rate) for tenant, rate in self.rates.items()}
        while self.clock < SECONDS:
            self.clock += TICK_S
            for tenant, rate in self.rates.items():
                while due[tenant] <= self.clock:
                    due[tenant] += chance.expovariate(rate)
                    self._arrive(admission, tenant)
            self._enter()
            self._work()

    def _arrive(self, admission: Admission, tenant: str) -> None:
        if WARM_S <= self.clock < SECONDS - DEADLINE_S:
            self.asked[tenant] = self.asked.get(tenant, 0) + 1
        try:
            ticket = admission.ask(tenant, Deadline.after(DEADLINE_S))
        except Overloaded:
            return
        self.waiting.append(Question(tenant=tenant, at=self.clock, ticket=ticket))

    def _enter(self) -> None:
        for one in list(self.waiting):
            if one.ticket.entered_at is not None:
                self.inside.append(one)
            elif not one.ticket.gone and self.clock - one.at < one.ticket.patience_s:
                continue
            else:
                one.ticket.leave()
            self.waiting.remove(one)

    def _work(self) -> None:
        """Processors are shared by those that want them; an answer past its deadline is given up."""
        busy = [one for one in self.inside if one.cpu_s > 0]
        each = min(TICK_S, CORES * TICK_S / len(busy)) if busy else 0.0
        for one in busy:
            one.cpu_s -= each
            if one.cpu_s <= 0 and not one.written:
                one.own_s = self.clock - (one.ticket.entered_at or 0.0)
                one.model_until = self.clock + MODEL_S
        for one in list(self.inside):
            if not one.written and one.cpu_s <= 0 and self.clock >= one.model_until:
                one.written, one.cpu_s = True, WRITE_S
            elif one.written and one.cpu_s <= 0:
                self._end(one, answered=True)
            elif self.clock - one.at > DEADLINE_S:
                self._end(one, answered=False)

    def _end(self, one: Question, *, answered: bool) -> None:
        self.inside.remove(one)
        one.ticket.own_s = one.own_s or self.clock - one.at
        one.ticket.leave()
        if answered and WARM_S <= one.at < SECONDS - DEADLINE_S:
            self.took.setdefault(one.tenant, []).append(self.clock - one.at)


def figures(limits: AdmissionLimits, rates: dict[str, float]) -> dict[str, float | None]:
    """Of one load: the shares of those asked after the warm-up."""
    load = Load(limits=limits, rates=rates)
    asyncio.run(load.run(seed=1))
    took = sorted(one for each in load.took.values() for one in each)
    found: dict[str, float | None] = {
        "asked": sum(load.asked.values()),
        "answered": round(len(took) / sum(load.asked.values()), 3),
        "answered_per_s": round(len(took) / (SECONDS - WARM_S - DEADLINE_S), 1),
        "p95_s": round(statistics.quantiles(took, n=20)[-1], 2) if len(took) > 20 else None,
    }
    for tenant in rates:
        if len(rates) > 1:
            found[f"answered_{tenant}"] = round(len(load.took.get(tenant, ())) / load.asked[tenant], 3)
    return found


def rows() -> Iterator[dict[str, object]]:
    """Every policy under every load."""
    capacity = CORES / CPU_S
    for times in (0.5, 1.0, 2.0, 5.0):
        for name, limits in POLICIES.items():
            yield {"load": times, "policy": name, **figures(limits, {"one": times * capacity})}
    for name, limits in POLICIES.items():
        rates = {"quiet": 0.4 * capacity, "loud": 4.0 * capacity}
        yield {"load": 4.4, "policy": name, "tenants": "loud sends ten times as much", **figures(limits, rates)}


def main() -> None:
    """Print the figures; with --write keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = []
    for row in rows():
        found.append(row)
        print(json.dumps(row))
    if arguments.write:
        setting = {"cpu_s": CPU_S, "model_s": MODEL_S, "deadline_s": DEADLINE_S, "cores": CORES}
        about = "a simulation with the shipped admission; no machine and no model was measured"
        text = json.dumps({"about": about, "seconds": SECONDS, "setting": setting, "rows": found}, indent=2)
        RESULTS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
