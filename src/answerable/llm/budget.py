"""How many retries a model may cost in all, so that a bad hour does not become a storm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class RetryBudget:
    """gRPC's retry throttling (proposal A6): `tokens` fall by 1 a failure and rise by `refill` a success.

    Retries are allowed while more than half of `burst` is left.
    """

    burst: float = 10.0
    refill: float = 0.1
    tokens: float = -1.0

    def __post_init__(self) -> None:
        if self.tokens < 0.0:
            self.tokens = self.burst

    def succeeded(self) -> None:
        """A call went well."""
        self.tokens = min(self.burst, self.tokens + self.refill)

    def failed(self) -> None:
        """A call failed, for a reason that a retry could help."""
        self.tokens = max(0.0, self.tokens - 1.0)

    @property
    def allows(self) -> bool:
        """Whether a retry may be made now."""
        return self.tokens > self.burst / 2
