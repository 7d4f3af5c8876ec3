"""The stakeholder report and the weekly report of a simulated month, to be looked at.

    python benchmarks/simulated_report.py [--needs 3000] [--look 120] [--folder benchmarks/results/reports]

The month is that of benchmarks/simulate.py: persons, answers and reviewers are drawn, no model was asked. The jobs
that make tasks, counts, alerts and findings of it are the real ones, and so is all that makes the pages.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from simulate_product import Product, opened
from simulate_worlds import last_look

from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.adapters.postgres.drift import PostgresDrift
from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.alerts.evaluating import evaluate_alerts
from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.rulebook import rules_of
from answerable.app.drift.daily import DriftParts, drift_daily
from answerable.app.reports.facts import FactParts, Facts, read_facts
from answerable.app.reports.pages import stakeholder_page
from answerable.app.reports.paper import to_page
from answerable.app.reports.stakeholder import stakeholder_report
from answerable.app.reports.weekly import weekly_report
from answerable.testing.simulation.month import simulate
from answerable.testing.simulation.world import World
from answerable.text.jargon import found_in
from answerable.text.readability import grade


async def watch(product: Product, world: World, until: datetime, look: timedelta) -> None:
    """Alerts at every look and drift once a day, as of their time, over what was logged."""
    settings, alerts = product.project.settings, PostgresAlerts(product.database)
    parts = AlertParts(
        tenant=world.tenant,
        events=product.events,
        happenings=product.happenings,
        alerts=alerts,
        settings=settings.alerts,
        rules=rules_of(settings.alerts),
    )
    drift = DriftParts(
        drift=PostgresDrift(product.database),
        topics=PostgresTopics(product.database),
        happenings=product.happenings,
        settings=settings.drift,
        tenant=world.tenant,
        model="simulated",
    )
    now, day = world.start, world.start
    while now < until:
        now += look
        await evaluate_alerts(parts, now=now)
        if now >= day + timedelta(days=1):
            day = now
            await drift_daily(drift, now=now)
            await product.happenings.flush()


async def month(options: argparse.Namespace) -> tuple[Facts, Facts]:
    """Of the month, and of its last week."""
    world = World(seed=options.seed, needs=options.needs, persons=max(50, options.needs // 3), tenant="default")
    simulated = simulate(world)
    now = last_look(simulated)
    async with opened(world.start.date(), world.days + 10) as product:
        await product.take([one for one in simulated.events if one.at < now], simulated.happenings)
        await product.close(world.tenant, now)
        await product.count(world.tenant, now)
        await watch(product, world, now, timedelta(minutes=options.look))
        settings = product.project.settings
        title = settings.ui.model_copy(update={"title": "Simulated help desk"})
        parts = FactParts(
            settings=settings.model_copy(update={"ui": title}),
            sources=product.sources,
            happenings=product.happenings,
            alerts=PostgresAlerts(product.database),
            documents=120,
        )
        whole = await read_facts(parts, now=now, days=world.days)
        week = await read_facts(parts, now=world.start + timedelta(days=world.days), days=7)
        return replace(whole, answers_by_ai=True), week


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--needs", type=int, default=3000)
    parser.add_argument("--look", type=int, default=120, help="minutes between two looks of the alerts")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/results/reports"))
    options = parser.parse_args()
    whole, week = asyncio.run(month(options))
    report = stakeholder_report(whole)
    options.folder.mkdir(parents=True, exist_ok=True)
    page = stakeholder_page(report, at=whole.board.until, version=version("answerable"))
    (options.folder / "stakeholder.html").write_text(page, encoding="utf-8")
    (options.folder / "weekly.html").write_text(to_page(weekly_report(week)), encoding="utf-8")
    words = " ".join(report.sentences)
    print(f"{len(words.split())} words, grade {grade(words):.1f}, words of the trade: {found_in(words) or 'none'}")
    for one in report.tiles:
        print(f"{one.label:<18}{one.number:<16}{one.says}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
