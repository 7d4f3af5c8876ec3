"""Spending and forecasts out of the book and the budgets in Postgres, as they are shown and exported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from answerable.adapters.postgres.budgets import PostgresBudgets
from answerable.adapters.postgres.calls import PostgresCalls
from answerable.adapters.postgres.database import Database
from answerable.app.costing import Period, show
from answerable.app.forecasting import forecast
from answerable.app.paying import Money, amounts
from answerable.app.project import Project
from answerable.cli.cost import as_csv
from answerable.cli.costs import forecast_record, print_forecast, print_spending, spending_record
from answerable.config import Settings
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError
from answerable.core.query import EVALUATION
from answerable.llm.purse import Purse

NOW = datetime.now(UTC)
SETTINGS = {
    "provider": {"main": {"kind": "openai-compatible", "base_url": "http://localhost/v1", "model": "m-1"}},
    "price": {"m-1": {"input": 10, "output": 20}, "m-2": {"input": 1, "output": 2}},
    "budget": {"daily": 1.0, "owner": "finance"},
}


def seeded() -> list[Call]:
    """60 questions over six days, one of them unpriced; one evaluation; one judge's call outside of any."""
    usage = Usage(input=1000, output=100, cost=Decimal("0.012"))
    calls = [
        Call(use="answer", provider="main", model="m-1", outcome="ok", tenant="default", trace_id=f"tr_{n}",
             at=NOW - timedelta(days=n % 6, hours=1), usage=usage, question=f"q{n % 20}", key="=1+1")
        for n in range(60)
    ]  # fmt: skip
    other = {"provider": "main", "outcome": "ok", "tenant": "default", "at": NOW - timedelta(hours=2)}
    return [
        *calls,
        Call(use="rewrite", model="odd", usage=Usage(input=5, output=1), trace_id="tr_0", **other),
        Call(use="answer", model="m-1", usage=usage, trace_id="tr_e", principal=EVALUATION, **other),
        Call(use="judge", model="m-1", usage=usage, **other),
    ]


async def test_what_was_spent_is_shown_forecast_and_exported(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project(settings=Settings.model_validate(SETTINGS), base=tmp_path)
    budgets = PostgresBudgets(database)
    async with PostgresCalls(database, spool=tmp_path / "calls", tenant="default") as calls:
        purse = Purse(amounts=amounts(project.settings.budget), budgets=budgets)
        money = Money(project=project, calls=calls, budgets=budgets, purse=purse)
        for call in seeded():
            calls.write(call)
        await calls.flush()
        held = await purse.hold(Decimal("0.5"), tenant="", key="", deadline=Deadline.after(20))
        purse.settle(held, Decimal("1.2"))
        await purse.aclose()
        period = Period(since=NOW - timedelta(days=30), until=NOW, tenants=("default",))
        found = await show(money, period, ["key", "use"], now=NOW)
        foretold = await forecast(money, period, [1.0, 10.0], days=30, model="", cache=False)
        cheaper = await forecast(money, period, [1.0], days=30, model="m-2", cache=False)
        with pytest.raises(ConfigError, match="nothing is parted by 'weather'"):
            await show(money, period, ["weather"], now=NOW)
        with pytest.raises(ConfigError, match="'m-9' has no price"):
            await forecast(money, period, [1.0], days=30, model="m-9", cache=None)
    assert (found.total["cost"], found.total["unpriced"], found.unpriced) == (Decimal("0.744"), 1, ("odd",))
    assert (found.questions.n, found.questions.priced, found.evaluations.n) == (60, 59, 1)
    assert round(found.questions.mean or 0, 6) == 0.012
    (budget,) = found.budgets
    assert (budget.over, budget.standing.spent, budget.standing.held) == (True, Decimal("1.2"), Decimal(0))
    lines = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert (lines[0]["key"], lines[0]["cost"]) == ("'=1+1", "0.720")
    one, ten = foretold.projections
    assert one.questions == pytest.approx(60 / foretold.basis.days * 30)
    assert ten.mean > 9 * one.mean - 9 * foretold.basis.asides * 30 > 0
    assert cheaper.basis.generation == pytest.approx(0.1)
    print_spending(found)
    print_forecast(foretold)
    said = capsys.readouterr().out
    assert "UNPRICED: 1 of the calls have no price, the sum is without them: odd" in said
    assert "SPENT" in said
    assert "fewer than 200 questions with a recorded key" in said
    assert spending_record(found)["budgets"][0]["over"]
    assert forecast_record(foretold)["can_tell"]
