"""Evaluation runs in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from answerable.adapters.entry import plain
from answerable.adapters.reference import select_run, unknown_run
from answerable.core.evaluation import Row, Run
from answerable.core.rows import row_of, row_record, run_of, run_record


class MemoryRuns:
    """Runs that are forgotten with the process. What is kept went through JSON, as it would elsewhere."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], Run] = {}  # by tenant and id
        self._rows: dict[tuple[str, str], dict[tuple[str, int], Row]] = {}  # by case and repeat
        self._by_key: dict[tuple[str, str], tuple[str, str, int]] = {}  # tenant and key: run, case, repeat

    async def start(self, run: Run) -> Run:
        """Begin, or take up again: a run that has this id is returned as it stands."""
        self._rows.setdefault((run.tenant, run.id), {})
        return self._runs.setdefault((run.tenant, run.id), run_of(plain(run_record(run))))

    async def add(self, *, tenant: str, run: str, row: Row) -> None:
        """The same case and repeat again replaces the row. Raises NotFound."""
        if (tenant, run) not in self._runs:
            raise unknown_run(run)
        self._rows[tenant, run][row.case, row.repeat] = row_of(plain(row_record(row)))
        if row.passed is not None:
            self._by_key[tenant, row.key] = (run, row.case, row.repeat)

    async def finish(self, *, tenant: str, run: str) -> Run:
        """Raises NotFound."""
        if (tenant, run) not in self._runs:
            raise unknown_run(run)
        ended = replace(self._runs[tenant, run], finished_at=datetime.now(UTC))
        self._runs[tenant, run] = ended
        return ended

    async def run(self, *, tenant: str, reference: str) -> Run:
        """By id, label, `latest`, branch, commit, or unique beginning of an id, in that order. Raises NotFound."""
        return select_run(self._newest_first(tenant), reference)

    async def runs(self, *, tenant: str, limit: int = 20) -> list[Run]:
        """Newest first."""
        return self._newest_first(tenant)[:limit]

    async def rows(self, *, tenant: str, run: str) -> list[Row]:
        """By case id, then repeat. Raises NotFound."""
        if (tenant, run) not in self._runs:
            raise unknown_run(run)
        found = self._rows[tenant, run]
        return [found[place] for place in sorted(found)]

    async def cached(self, *, tenant: str, keys: Sequence[str]) -> Mapping[str, Row]:
        """Rows that were measured, by key: the newest of each. Missing keys are left out."""
        found = {}
        for key in keys:
            if (place := self._by_key.get((tenant, key))) is None:
                continue
            run, case, repeat = place
            row = self._rows[tenant, run][case, repeat]
            if row.key == key and row.passed is not None:
                found[key] = row
        return found

    def _newest_first(self, tenant: str) -> list[Run]:
        own = [run for (owner, _), run in self._runs.items() if owner == tenant]
        return sorted(own, key=lambda run: (run.started_at, run.id), reverse=True)
