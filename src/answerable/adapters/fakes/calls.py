"""The book of calls in memory: what users test spending with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from answerable.core.call import Call
from answerable.core.completion import Usage

_NONE = Usage()


@dataclass(slots=True, kw_only=True)
class MemoryCalls:
    """The Calls port, until the process ends."""

    tenant: str = "default"
    kept: dict[tuple[str, str], Call] = field(default_factory=dict)

    def write(self, call: Call) -> None:
        """Keep it; a call that is already there stays as it is."""
        call = call if call.tenant else replace(call, tenant=self.tenant)
        self.kept.setdefault((call.tenant, call.id), call)

    async def flush(self) -> None:
        """Nothing waits here."""

    async def totals(
        self, *, tenant: str, since: datetime, until: datetime, by: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        """Sums of [since, until), the dearest first, days in their order."""
        groups: dict[tuple[str, ...], list[Call]] = {}
        for call in self._within(tenant, since, until):
            groups.setdefault(tuple(_facet(call, name) for name in by), []).append(call)
        rows = [{**dict(zip(by, key, strict=True)), **_sums(calls)} for key, calls in groups.items()]
        if not rows and not by:
            rows = [_sums([])]
        return sorted(rows, key=lambda row: (row.get("day", ""), -row["cost"], [row[name] for name in by]))

    async def by_trace(self, *, tenant: str, since: datetime, until: datetime) -> list[Mapping[str, Any]]:
        """Cost per question, in order of time."""
        calls = sorted(
            (one for one in self._within(tenant, since, until) if one.trace_id), key=lambda one: one.trace_id
        )
        rows = [_question(trace, list(each)) for trace, each in groupby(calls, key=lambda one: one.trace_id)]
        return sorted(rows, key=lambda row: (row["at"], row["trace"]))

    def _within(self, tenant: str, since: datetime, until: datetime) -> list[Call]:
        return [one for one in self.kept.values() if one.tenant == tenant and since <= one.at < until]


def _facet(call: Call, name: str) -> str:
    match name:
        case "day":
            return call.at.astimezone(UTC).date().isoformat()
        case "prompt":
            return f"{call.prompt_id}@{call.prompt_version}" if call.prompt_id else ""
        case "model":
            return call.reported or call.model
        case _:
            return str(getattr(call, name))


def _sums(calls: Sequence[Call]) -> dict[str, Any]:
    used = [call.usage or _NONE for call in calls]
    return {
        "calls": len(calls),
        "traces": len({call.trace_id for call in calls if call.trace_id}),
        "unpriced": sum(_is_unpriced(call) for call in calls),
        "hits": sum(call.outcome == "hit" for call in calls),
        "estimated": sum(one.estimated for one in used),
        **{
            name: sum(getattr(one, name) for one in used)
            for name in ("input", "cached", "written", "output", "searches")
        },
        "cost": _cost(calls),
        "wasted": _cost([call for call in calls if call.outcome not in ("ok", "hit")]),
        "saved": sum((call.saved or Decimal(0) for call in calls), Decimal(0)),
    }


def _question(trace: str, calls: Sequence[Call]) -> dict[str, Any]:
    first = min(call.at for call in calls)
    return {
        "trace": trace,
        "day": first.astimezone(UTC).date().isoformat(),
        "at": first,
        "calls": len(calls),
        "hits": sum(call.outcome == "hit" for call in calls),
        "question": max(call.question for call in calls),
        "principal": max(call.principal for call in calls),
        "cost": None if any(map(_is_unpriced, calls)) else _cost(calls),
        "generated": _cost([call for call in calls if call.use == "answer"]),
    }


def _is_unpriced(call: Call) -> bool:
    return call.usage is not None and call.usage.cost is None


def _cost(calls: Sequence[Call]) -> Decimal:
    return sum(((call.usage or _NONE).cost or Decimal(0) for call in calls), Decimal(0))
