"""How many further calls a route may make in all, so that a bad hour does not become a storm."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 50  # requests


@dataclass(slots=True, kw_only=True)
class RetryBudget:
    """A token bucket (Finagle's retry budget): a request pays `share` in, a retry or a second request takes 1 out.

    It is full in the beginning and holds `share`·50, which is what a route with little traffic lives on. Nothing
    comes in by time. So over any stretch of n requests there are at most share·50 + share·n of them: twice the
    share of n for every n of 50 and more.
    """

    share: float = 0.1
    requests: int = 0
    retries: int = 0
    hedges: int = 0
    hedges_won: int = 0  # second requests that were faster
    refused: int = 0
    _tokens: float = -1.0

    def __post_init__(self) -> None:
        self._tokens = self.share * WINDOW

    def paid_in(self) -> None:
        """A request has come."""
        self.requests += 1
        self._tokens = min(self.share * WINDOW, self._tokens + self.share)

    def retry(self) -> bool:
        """Whether a retry may be made now; it is paid for."""
        allowed = self._take()
        self.retries += allowed
        return allowed

    def hedge(self) -> bool:
        """Whether a second request may be made now; it is paid for."""
        allowed = self._take()
        self.hedges += allowed
        return allowed

    def _take(self) -> bool:
        if self._tokens < 1.0 - 1e-9:  # sums of tenths
            self.refused += 1
            return False
        self._tokens -= 1.0
        return True
