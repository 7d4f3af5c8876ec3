"""What the server was sent, as tests want to look at it; keys are masked on the way in."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MASK = "***"
SECRET_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie"})
_LEFT_KEPT = 1000


@dataclass(slots=True, kw_only=True)
class Recorded:
    """One request. `completed` is true once the end of the reply goes out; not when the client left before.

    Times are seconds of the server's monotonic clock, the system's own; `ended` is None while it is under way.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    endpoint: str = ""  # what stands before /v1 in the path
    model: str = ""
    system: str = ""
    user: str = ""
    stream: bool = False
    behavior: str = ""
    status: int | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    completed: bool = False
    left: bool = False  # the client went away before the end
    arrived: float = field(default_factory=time.monotonic)
    ended: float | None = None


@dataclass(slots=True, kw_only=True)
class Seen:
    """Sums over all requests since the server began, also of those that are no longer kept."""

    requests: int = 0
    under_way: int = 0
    most_at_once: int = 0
    completed: int = 0
    left_early: int = 0
    connections: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    by_behavior: Counter[str] = field(default_factory=Counter)
    by_endpoint: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    left: deque[Mapping[str, Any]] = field(default_factory=lambda: deque(maxlen=_LEFT_KEPT))

    def began(self) -> None:
        """A request has come."""
        self.requests += 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)

    def ended(self, one: Recorded) -> None:
        """It is answered, or its client has left."""
        one.ended = time.monotonic()
        self.under_way -= 1
        self.completed += one.completed
        self.input_tokens += one.input_tokens
        self.cached_tokens += one.cached_tokens
        self.output_tokens += one.output_tokens
        self.by_behavior[one.behavior] += 1
        self.by_endpoint[one.endpoint] += 1
        self.by_status[str(one.status or "none")] += 1
        if one.left:
            self.left_early += 1
            self.left.append(
                {
                    "arrived": one.arrived,
                    "left": one.ended,
                    "behavior": one.behavior,
                    "endpoint": one.endpoint,
                    "output_tokens": one.output_tokens,
                }
            )

    def told(self) -> dict[str, Any]:
        """All of it as JSON-able values, with the server's clock."""
        plain = {
            name: getattr(self, name)
            for name in (
                "requests", "under_way", "most_at_once", "completed", "left_early", "connections",
                "input_tokens", "cached_tokens", "output_tokens",
            )
        }  # fmt: skip
        sums = {name: dict(getattr(self, name)) for name in ("by_behavior", "by_endpoint", "by_status")}
        return {**plain, **sums, "left": list(self.left), "now": time.monotonic()}


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with every credential replaced."""
    return {name: MASK if name in SECRET_HEADERS else value for name, value in headers.items()}
