"""Answers that were given before there was a log of events, with their calls and what was said of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.query import EVALUATION

_SQL = statements("backfill")
_PAGE = 500
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Some answers, by time; `calls` and `feedback` are theirs."""

    answers: Rows
    calls: Rows
    feedback: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresPastAnswers:
    """Reads only. Raises Unreachable."""

    database: Database

    async def count(self, tenant: str, since: datetime, until: datetime) -> int:
        """How many answers of [since, until) no event tells of."""
        values = {"tenant": tenant, "since": since, "until": until, "evaluation": EVALUATION}
        return int((await self._read("count_untold", values))[0]["n"])

    async def pages(self, tenant: str, since: datetime, until: datetime) -> AsyncIterator[Past]:
        """Those answers; what is told of meanwhile does not come again."""
        values = {
            "tenant": tenant, "since": since, "until": until, "evaluation": EVALUATION, "limit": _PAGE,
            "after_at": _BEFORE_ALL, "after": "",
        }  # fmt: skip
        while answers := await self._read("list_untold", values):
            yield await self._past(tenant, answers)
            values |= {"after_at": answers[-1]["at"], "after": answers[-1]["answer"]}

    async def _past(self, tenant: str, answers: Rows) -> Past:
        ends = {"first": answers[0]["at"], "last": answers[-1]["at"]}
        traces = {"traces": [one["trace"] for one in answers]}
        named = {"answers": [one["answer"] for one in answers]}
        return Past(
            answers=answers,
            calls=await self._read("list_their_calls", {"tenant": tenant, **traces, **ends}),
            feedback=await self._read("list_their_feedback", {"tenant": tenant, **named}),
        )

    async def _read(self, name: str, values: Mapping[str, Any]) -> Rows:
        async with self.database.tenant(values["tenant"], readonly=True) as conn:
            return list(await (await conn.execute(_SQL[name], values)).fetchall())
