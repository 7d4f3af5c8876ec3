"""What every Calls promises. Subclass CallsContract in your tests and override the fixture `calls`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.ports import Calls

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SINCE, UNTIL = NOON - timedelta(days=2), NOON + timedelta(days=2)


def a_call(number: int, *, cost: str | None = "0.01", hours: float = 0.0, **changes: object) -> Call:
    """A call for an answer, `hours` after noon."""
    given: dict[str, object] = {
        "use": "answer",
        "provider": "main",
        "model": "m-1",
        "outcome": "ok",
        "id": f"cl_{number:04d}",
        "at": NOON + timedelta(hours=hours),
        "tenant": "acme",
        "trace_id": f"tr_{number:04d}",
        "usage": Usage(input=100, cached=40, output=20, cost=None if cost is None else Decimal(cost)),
        **changes,
    }
    return Call(**given)  # type: ignore[arg-type]


class CallsContract:
    """Nothing is lost, nothing is counted twice, and what has no price is counted and not called free."""

    @pytest.fixture
    def calls(self) -> Calls:
        """An empty book."""
        raise NotImplementedError

    async def test_sums_count_calls_tokens_money_hits_and_what_was_for_nothing(self, calls: Calls) -> None:
        calls.write(a_call(1))
        calls.write(a_call(2, outcome="transient", cost="0.002", trace_id="tr_0001"))
        calls.write(a_call(3, outcome="hit", usage=Usage(cost=Decimal(0)), saved=Decimal("0.01")))
        calls.write(a_call(4, outcome="permanent", usage=None))
        await calls.flush()
        (row,) = await calls.totals(tenant="acme", since=SINCE, until=UNTIL, by=[])
        assert (row["calls"], row["traces"], row["hits"], row["unpriced"]) == (4, 3, 1, 0)
        assert (row["input"], row["cached"], row["output"]) == (200, 80, 40)
        assert (row["cost"], row["wasted"], row["saved"]) == (Decimal("0.012"), Decimal("0.002"), Decimal("0.01"))

    async def test_a_call_without_a_price_is_counted_and_its_question_has_no_cost(self, calls: Calls) -> None:
        calls.write(a_call(1, cost=None))
        calls.write(a_call(2, trace_id="tr_0001"))
        calls.write(a_call(3, cost="0"))
        await calls.flush()
        (row,) = await calls.totals(tenant="acme", since=SINCE, until=UNTIL, by=[])
        assert (row["unpriced"], row["cost"]) == (1, Decimal("0.01"))
        questions = await calls.by_trace(tenant="acme", since=SINCE, until=UNTIL)
        assert [one["cost"] for one in questions] == [None, Decimal(0)]

    async def test_sums_are_parted_by_what_is_asked_for(self, calls: Calls) -> None:
        calls.write(a_call(1, prompt_id="answer", prompt_version="2", reported="m-1-2026-01-01", key="tk_1"))
        calls.write(a_call(2, cost="0.03", use="rewrite", hours=13.0))
        calls.write(a_call(3, cost="0.02", hours=1.0))
        await calls.flush()
        rows = await calls.totals(tenant="acme", since=SINCE, until=UNTIL, by=["day", "use"])
        assert [(row["day"], row["use"], row["cost"]) for row in rows] == [
            ("2026-11-22", "answer", Decimal("0.03")),
            ("2026-11-23", "rewrite", Decimal("0.03")),
        ]
        rows = await calls.totals(tenant="acme", since=SINCE, until=UNTIL, by=["prompt", "model", "key"])
        assert [(row["prompt"], row["model"], row["key"]) for row in rows] == [
            ("", "m-1", ""),
            ("answer@2", "m-1-2026-01-01", "tk_1"),
        ]
        assert "use" not in rows[0]

    async def test_the_time_asked_for_begins_with_its_start_and_ends_before_its_end(self, calls: Calls) -> None:
        for number, hours in enumerate((-1.0, 0.0, 1.0, 2.0)):
            calls.write(a_call(number, hours=hours))
        await calls.flush()
        found = await calls.by_trace(tenant="acme", since=NOON, until=NOON + timedelta(hours=2))
        assert [one["trace"] for one in found] == ["tr_0001", "tr_0002"]

    async def test_a_question_is_all_its_calls(self, calls: Calls) -> None:
        calls.write(a_call(1, use="embed", cost="0.0001", hours=-0.1))
        calls.write(a_call(2, trace_id="tr_0001", question="qu_1"))
        calls.write(a_call(3, trace_id="", use="judge"))
        await calls.flush()
        (one,) = await calls.by_trace(tenant="acme", since=SINCE, until=UNTIL)
        assert (one["trace"], one["calls"], one["hits"], one["question"]) == ("tr_0001", 2, 0, "qu_1")
        assert (one["cost"], one["generated"], one["day"]) == (Decimal("0.0101"), Decimal("0.01"), "2026-11-22")

    async def test_the_same_call_twice_is_one_call(self, calls: Calls) -> None:
        calls.write(a_call(1))
        await calls.flush()
        calls.write(a_call(1))
        await calls.flush()
        (row,) = await calls.totals(tenant="acme", since=SINCE, until=UNTIL, by=[])
        assert row["calls"] == 1

    async def test_a_tenant_reads_its_own_and_calls_of_nobody_are_somebodys(self, calls: Calls) -> None:
        calls.write(a_call(1))
        calls.write(a_call(2, tenant=""))
        await calls.flush()
        for tenant, trace in (("acme", "tr_0001"), ("default", "tr_0002")):
            found = await calls.by_trace(tenant=tenant, since=SINCE, until=UNTIL)
            assert [one["trace"] for one in found] == [trace]
