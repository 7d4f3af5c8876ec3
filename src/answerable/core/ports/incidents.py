"""What is out of use until somebody closes it, for every process of a tenant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from answerable.core.incident import Exposure, Incident


class Incidents(Protocol):
    """Opening and closing are written into the audit log in the same transaction."""

    async def open(self, *, tenant: str, incident: Incident, by: str) -> Incident:
        """Begin it. One that stands already for the same thing stays, with the new reason and message.

        Raises NotFound where no such document or answer is known.
        """
        ...

    async def close(self, *, tenant: str, reference: str, by: str) -> Incident:
        """End it, by id or unique beginning of it. Raises NotFound; a closed one stays as it is."""
        ...

    async def listed(self, *, tenant: str, every: bool = False) -> list[Incident]:
        """Those that stand, newest first; with `every` the closed ones, too."""
        ...

    async def seen(self, *, tenant: str, incident: Incident, matches: Callable[[str], bool]) -> list[Exposure]:
        """Every stored answer that it touches, newest first. `matches`: whether a text has the topic."""
        ...
