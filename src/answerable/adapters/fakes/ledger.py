"""A ledger in memory: what users test ingestion with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from answerable.core.errors import NotFound
from answerable.core.identity import random_id
from answerable.core.ports import EmbeddingModel, FileState, Vector


@dataclass(slots=True, kw_only=True)
class IngestRun:
    """One sync as it was reported. `counts` is None while it runs."""

    source: str
    counts: Mapping[str, int] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


class MemoryLedger:
    """A Ledger that forgets everything when the process ends."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, str], IngestRun] = {}  # by tenant and run
        self._files: dict[tuple[str, str], dict[str, FileState]] = {}
        self._vectors: dict[tuple[str, str], dict[str, Vector]] = {}
        self._codes: dict[tuple[str, str], dict[str, bytes]] = {}

    async def files(self, *, tenant: str, source: str) -> dict[str, FileState]:
        """By uri."""
        return dict(self._files.get((tenant, source), {}))

    async def record(self, *, tenant: str, source: str, states: Sequence[FileState]) -> None:
        """Insert or update by uri."""
        self._files.setdefault((tenant, source), {}).update({state.uri: state for state in states})

    async def forget(self, *, tenant: str, source: str, uris: Sequence[str]) -> None:
        """Unknown uris are no error."""
        known = self._files.get((tenant, source), {})
        for uri in uris:
            known.pop(uri, None)

    async def cached(self, *, tenant: str, model: EmbeddingModel, keys: Sequence[str]) -> dict[str, Vector]:
        """The vectors, float32, shape (dim,), as they were given."""
        known = self._vectors.get((tenant, model.key), {})
        return {key: known[key].copy() for key in keys if key in known}

    async def cache(self, *, tenant: str, model: EmbeddingModel, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors; a key that is there already keeps its vector."""
        known = self._vectors.setdefault((tenant, model.key), {})
        for key, vector in vectors.items():
            known.setdefault(key, vector.astype("float32"))

    async def cached_codes(self, *, tenant: str, form: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Token codes, as they were given."""
        known = self._codes.get((tenant, form), {})
        return {key: known[key] for key in keys if key in known}

    async def cache_codes(self, *, tenant: str, form: str, codes: Mapping[str, bytes]) -> None:
        """Keep the codes; a key that is there already keeps its code."""
        known = self._codes.setdefault((tenant, form), {})
        for key, code in codes.items():
            known.setdefault(key, code)

    async def start_run(self, *, tenant: str, source: str) -> str:
        """A new run's id."""
        run = random_id("run")
        self.runs[tenant, run] = IngestRun(source=source)
        return run

    async def finish_run(
        self, *, tenant: str, run: str, counts: Mapping[str, int], errors: Mapping[str, str]
    ) -> None:
        """Raises NotFound for a run that the tenant never started."""
        if (tenant, run) not in self.runs:
            raise NotFound(f"no ingest run {run}")
        self.runs[tenant, run].counts = dict(counts)
        self.runs[tenant, run].errors = dict(errors)

    def failed(self, *, tenant: str) -> int:
        """How many files are recorded as unreadable."""
        sources = (files for (owner, _), files in self._files.items() if owner == tenant)
        return sum(bool(state.error) for files in sources for state in files.values())
