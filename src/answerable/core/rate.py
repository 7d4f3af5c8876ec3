"""What a provider says of its rate limits with a reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """What remains for this key, until `reset_s` seconds after the reply. None: the provider did not say."""

    remaining_requests: int | None = None
    remaining_tokens: int | None = None
    reset_s: float | None = None

    @property
    def used_up(self) -> bool:
        """Whether the provider says that nothing remains."""
        return self.remaining_requests == 0 or self.remaining_tokens == 0
