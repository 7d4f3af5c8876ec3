"""What a service does instead of answering, for the next so many requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One refusal. `status` 0: no reply at all for `delay_s`."""

    status: int = 0
    body: str = '{"error": {"code": "FAULT", "message": "as told"}}'
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    method: str = ""  # only for requests of this name: a path, or the name of a call


@dataclass(slots=True, kw_only=True)
class Faults:
    """Those to come, first one first; and how many requests there were in all."""

    planned: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def next(self, method: str) -> Fault | None:
        """The fault of this request, if there is one for it."""
        self.requests.append(method)
        if not self.planned or not method.endswith(self.planned[0].method):
            return None
        fault = self.planned.pop(0)
        await asyncio.sleep(fault.delay_s)
        return fault
