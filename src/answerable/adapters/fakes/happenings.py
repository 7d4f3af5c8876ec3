"""Happenings in memory: what users test watchers with. A wrong name or prop is an error here."""

from __future__ import annotations

from dataclasses import replace

from answerable.core.happenings import checked
from answerable.core.ports import Happening


class MemoryHappenings:
    """Happenings that forget everything when the process ends. `home` owns what belongs to no tenant."""

    def __init__(self, *, home: str = "default") -> None:
        self.written: list[Happening] = []
        self._home = home

    def write(self, happening: Happening) -> None:
        """Keep; the same id twice is one event. Raises ValueError for a name or a prop that is not in the list."""
        kept = replace(checked(happening), tenant=happening.tenant or self._home)
        if all((one.tenant, one.id) != (kept.tenant, kept.id) for one in self.written):
            self.written.append(kept)

    async def flush(self) -> None:
        """Everything is written already."""

    async def latest(self, *, tenant: str, name: str = "", limit: int = 50) -> list[Happening]:
        """Newest first."""
        found = [one for one in self.written if one.tenant == tenant and name in ("", one.name)]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]
