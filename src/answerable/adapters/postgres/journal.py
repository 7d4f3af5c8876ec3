"""The journal in Postgres: what is kept of every question, written behind the answer's back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerable.adapters.entry import Entry, Keeping, Record, make_entry, plain, with_scores
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.journal_rows import insert_entries, read_trace
from answerable.adapters.postgres.spool import Form, Spool
from answerable.adapters.postgres.spooled import CLOSE_S, Behind, Spooled, Writing
from answerable.adapters.postgres.statements import statements
from answerable.core.answer import Answer
from answerable.core.errors import NotFound
from answerable.core.ports import Feedback
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace

_SQL = statements("journal")
_SEES_ALL = frozenset({"engineer", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """An entry on its way, with what its scores are made of; what was on disk has no scores."""

    entry: Entry
    asked: tuple[Query, Answer] | None = None


ENTRIES: Form[Unwritten] = Form(
    dump=lambda one: asdict(one.entry), load=lambda values: Unwritten(entry=Entry(**values))
)


class PostgresJournal(Behind[Unwritten]):
    """A Journal whose writer runs beside the questions. Open it with `async with`."""

    def __init__(
        self,
        database: Database,
        *,
        record: Record,
        spool: Path,
        queue: int = 1000,
        close_s: float = CLOSE_S,
        keeping: Keeping = Keeping(),  # noqa: B008 - frozen
    ) -> None:
        self._database = database
        self._record, self._keeping = record, keeping
        self._partitioned_on = ""
        super().__init__(
            Spooled(
                Writing(
                    name="journal",
                    insert=self._insert,
                    label=lambda one: f"trace {one.entry.trace_id}",
                    prepare=self._make_partitions,
                ),
                spool=Spool(spool, ENTRIES),
                queue=queue,
                close_s=close_s,
            )
        )

    # --- writing -------------------------------------------------------------------------------------------

    def write(self, trace: Trace, query: Query, answer: Answer, rendered: Rendered | None) -> None:
        """Queue; returns at once."""
        self._keeping.told(trace, query, answer, rendered)
        entry = make_entry(trace, query, answer, rendered, self._record, self._keeping)
        self._writer.write(Unwritten(entry=entry, asked=(query, answer) if self._keeping.measure else None))

    async def _insert(self, batch: Sequence[Unwritten]) -> None:
        scored = any(one.asked for one in batch)
        entries = await asyncio.to_thread(self._scored, batch) if scored else [one.entry for one in batch]
        await insert_entries(self._database, entries)

    def _scored(self, batch: Sequence[Unwritten]) -> list[Entry]:
        """With the scores of each answer; one that was on disk has none."""
        measure = self._keeping.measure
        return [
            with_scores(one.entry, measure(*one.asked)) if measure and one.asked else one.entry for one in batch
        ]

    async def _make_partitions(self) -> None:
        today = datetime.now(UTC).date().isoformat()
        if self._partitioned_on != today:
            async with self._database.nobody() as conn:
                await conn.execute(_SQL["make_partitions"])
            self._partitioned_on = today

    # --- reading -------------------------------------------------------------------------------------------

    async def trace(self, *, tenant: str, reference: str) -> dict[str, Any]:
        """By id, unique prefix or `latest`, as JSON-able values. Raises NotFound."""
        await self.flush()
        async with self._database.tenant(tenant, readonly=True) as conn:
            return await read_trace(conn, reference)

    async def traces(self, *, tenant: str, limit: int = 20, outcome: str | None = None) -> list[dict[str, Any]]:
        """The newest first, without their steps."""
        await self.flush()
        async with self._database.tenant(tenant, readonly=True) as conn:
            rows = await (await conn.execute(_SQL["list_traces"], {"limit": limit, "outcome": outcome})).fetchall()
        found: list[dict[str, Any]] = plain(rows)
        return found

    async def answer(self, *, tenant: str, answer_id: str, principal: Principal) -> dict[str, Any]:
        """The stored answer object; only the asker's own unless the principal is an engineer. Raises NotFound."""
        await self.flush()
        wanted = {"id": answer_id, "principal": principal.id, "all": not _SEES_ALL.isdisjoint(principal.roles)}
        async with self._database.tenant(tenant, readonly=True) as conn:
            row = await (await conn.execute(_SQL["get_answer"], wanted)).fetchone()
        if row is None:
            raise NotFound(f"there is no answer {answer_id}")
        record: dict[str, Any] = row["record"]
        return record

    async def feedback(self, *, tenant: str, principal: Principal, feedback: Feedback) -> None:
        """Add to the history. Raises NotFound for an answer that is not the principal's own."""
        await self.flush()
        said = {
            "answer_id": feedback.answer_id,
            "principal": principal.id,
            "value": feedback.value,
            "reasons": plain(list(feedback.reasons)),
            "comment": plain(feedback.comment),
            "solved": feedback.solved,
        }
        async with self._database.tenant(tenant) as conn:
            if await (await conn.execute(_SQL["insert_feedback"], said)).fetchone() is None:
                raise NotFound(f"there is no answer {feedback.answer_id}")
