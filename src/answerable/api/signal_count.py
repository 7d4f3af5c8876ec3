"""How much is taken in of what clients tell of an answer."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from answerable.api.problems import ProblemError

MOST = 200  # signals of one answer that a process takes
_KEPT = 10_000  # answers
_WAIT = {"Retry-After": "3600"}


@dataclass(slots=True, kw_only=True)
class SignalCount:
    """How many signals of each answer were taken: who has few answers cannot fill the log."""

    most: int = MOST
    _taken: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)

    def take(self, tenant: str, answer: str, count: int) -> None:
        """Raises ProblemError too_much."""
        taken = self._taken.pop((tenant, answer), 0) + count
        if taken <= self.most:
            self._taken[tenant, answer] = taken
            while len(self._taken) > _KEPT:
                self._taken.popitem(last=False)
            return
        self._taken[tenant, answer] = taken - count
        raise ProblemError("too_much", f"an answer takes {self.most} events", headers=_WAIT)
