"""A call as a row: plain values that JSON, a table and a CSV file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from answerable.core.call import Call
from answerable.core.completion import Usage

_COUNTS = ("input", "cached", "written", "output", "searches")


def call_row(call: Call) -> dict[str, Any]:
    """Money as decimal strings, the time in ISO 8601 with its offset; None is not used, or not priced."""
    usage = call.usage
    row = {key: value for key, value in asdict(call).items() if key not in ("usage", "table", "saved")}
    return {
        **row,
        "at": call.at.isoformat(),
        **{name: None if usage is None else getattr(usage, name) for name in _COUNTS},
        "estimated": usage is not None and usage.estimated,
        "cost": None if usage is None or usage.cost is None else str(usage.cost),
        "saved": None if call.saved is None else str(call.saved),
        "currency": usage.currency if usage else "",
        "price_table": call.table,
    }


def read_call(row: Mapping[str, Any]) -> Call:
    """The call of a row. Raises KeyError, TypeError and ValueError where it is none."""
    plain = dict(row)
    counts = {name: plain.pop(name) for name in _COUNTS}
    cost, saved, currency = plain.pop("cost"), plain.pop("saved"), plain.pop("currency")
    estimated, table, at = (
        plain.pop("estimated"),
        plain.pop("price_table"),
        datetime.fromisoformat(plain.pop("at")),
    )
    usage = None
    if counts["input"] is not None:
        usage = Usage(**counts, cost=_money(cost), currency=currency, estimated=estimated)
    return Call(**plain, at=at, usage=usage, saved=_money(saved), table=table)


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
