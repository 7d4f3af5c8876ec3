"""A measured metric as the API gives it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class NumberObject(BaseModel):
    """One number. Shares are in [0, 1]; null is unmeasured, never 0."""

    value: float | None
    k: int | None = Field(description="Of a share: how many of n.")
    n: int
    low: float | None
    high: float | None
    unmeasured: int


class MetricRowObject(BaseModel):
    """What is the same in all its items. `withheld`: of fewer than five persons, so without numbers."""

    key: dict[str, str]
    n: int
    withheld: bool
    numbers: dict[str, NumberObject]


class MarkObject(BaseModel):
    """What changed, and when."""

    at: datetime
    kind: str
    label: str
    detail: str


class MetricObject(BaseModel):
    """A metric over [since, until); `total` is null where it would give a withheld row away."""

    metric: str
    since: datetime
    until: datetime
    by: list[str]
    ci: int
    currency: str
    rows: list[MetricRowObject]
    total: MetricRowObject | None
    marks: list[MarkObject]
    notes: list[str]
    definition: dict[str, Any] = Field(description="What each number is, its interval, and what it cannot tell.")
