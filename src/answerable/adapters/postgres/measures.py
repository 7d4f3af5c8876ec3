"""What is read of answers for metrics: sums by prompt, version, language, model and day. It writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.statements import statements
from answerable.core.query import EVALUATION

_SQL = statements("measures")
DIMENSIONS = ("prompt", "prompt.version", "prompt.sha256", "rollout", "language", "model", "day")
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Answers of one tenant in [since, until); `prompt`: of one prompt's id, empty: of all."""

    tenant: str
    since: datetime
    until: datetime
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresMeasures:
    """Answers of persons only: what evaluations asked is left out. Rows carry the dimensions in `by` alone."""

    database: Database

    async def answers(self, span: Span, by: Sequence[str], *, times: bool = False) -> Rows:
        """Counts by outcome and support; with `times` all their milliseconds, in rising order."""
        return await self._grouped(_SQL["sum_answers"], span, by, {"times": times})

    async def feedback(self, span: Span, by: Sequence[str]) -> Rows:
        """What people said of answers, and who went on asking."""
        return await self._grouped(_SQL["sum_feedback"], span, by, {})

    async def calls(self, span: Span, by: Sequence[str]) -> Rows:
        """Tokens and money of the calls that a prompt was sent with; here `prompt` is the call's own."""
        return await self._grouped(_SQL["sum_prompt_calls"], span, by, {})

    async def costs(self, span: Span, by: Sequence[str]) -> Rows:
        """What answers cost with all their calls: one cost an answer, and when it was given."""
        return await self._grouped(_SQL["list_costs"], span, by, {})

    async def reviewed(self, span: Span) -> Rows:
        """One row a drawn answer: item, answer_id, person and all DIMENSIONS."""
        return await self._read(_SQL["list_reviewed"], _values(span))

    async def marks(self, span: Span, names: Sequence[str]) -> Rows:
        """Happenings of these names, oldest first."""
        return await self._read(_SQL["list_marks"], _values(span) | {"names": list(names)})

    async def _grouped(
        self, statement: LiteralString, span: Span, by: Sequence[str], further: Mapping[str, Any]
    ) -> Rows:
        rows = await self._read(statement, {**_values(span), "by": list(by), **further})
        left_out = set(DIMENSIONS) - set(by)
        return [{key: value for key, value in row.items() if key not in left_out} for row in rows]

    async def _read(self, statement: LiteralString, values: Mapping[str, Any]) -> Rows:
        async with self.database.tenant(values["tenant"], readonly=True) as conn:
            cursor = conn.cursor(binary=True)  # arrays of times: printed and parsed they take ten times as long
            return list(await (await cursor.execute(statement, values)).fetchall())


def _values(span: Span) -> dict[str, Any]:
    return {
        "tenant": span.tenant,
        "since": span.since,
        "until": span.until,
        "prompt": span.prompt or None,
        "evaluation": EVALUATION,
    }
