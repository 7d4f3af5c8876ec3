"""What a sync has to do, from what the source lists and what the ledger remembers; nothing is read for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from answerable.core.ports import Candidate, FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every known and every listed file, in exactly one place."""

    removed: tuple[FileState, ...] = ()  # known, no longer listed
    due: tuple[Candidate, ...] = ()  # new, perhaps changed, or unreadable: to be tried
    unchanged: int = 0  # size, time and settings are as they were
    still_failed: Mapping[str, str] = field(default_factory=dict)  # unchanged, and failed before: uri → cause

    @property
    def total(self) -> int:
        """Files listed."""
        return len(self.due) + self.unchanged + len(self.still_failed)


def plan(
    known: Mapping[str, FileState], listed: Iterable[Candidate], *, prefix: str, retry_failed: bool = False
) -> Plan:
    """Compare. A file without a time (mtime_ns 0) is always due; a failed one only when it or a setting changed,
    or on `retry_failed`: the same bytes fail the same way."""
    due, still_failed, unchanged = list[Candidate](), dict[str, str](), 0
    seen = {candidate.uri: candidate for candidate in listed}
    for uri, candidate in seen.items():
        state = known.get(uri)
        if state is None or not _same(state, candidate, prefix) or (retry_failed and state.error):
            due.append(candidate)
        elif state.error:
            still_failed[uri] = state.error
        else:
            unchanged += 1
    return Plan(
        removed=tuple(state for uri, state in known.items() if uri not in seen),
        due=tuple(due),
        unchanged=unchanged,
        still_failed=still_failed,
    )


def _same(state: FileState, candidate: Candidate, prefix: str) -> bool:
    stat = (candidate.size, candidate.mtime_ns)
    known = candidate.mtime_ns > 0 and not candidate.error
    return known and (state.size, state.mtime_ns) == stat and state.sha256.startswith(prefix)
