"""The state of each endpoint for people to look at: by the model that really answered, and what failed last."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from answerable.core.call import Call
from answerable.core.rate import RateLimit

KEPT = 256  # times of each reported model; of more, the newest
VERSIONS = 8  # reported models of one asked name; of more, the newest
_ERROR_CHARS = 160
_SECRETS = re.compile(r"(?i)\b(?:bearer\s+\S+|sk-[\w-]+|key-[\w-]+|[\w-]{32,})|(?<=key=)\S+|\?\S+")

Key = tuple[str, str, str, str]  # use, provider, endpoint, the model asked for


@dataclass(slots=True, kw_only=True)
class Version:
    """What one reported model did since the process began. Times in milliseconds, of calls that ended well.

    A call that failed reports no model: it counts for the one that answered before it.
    """

    reported: str
    since: datetime
    last: datetime
    ok: int = 0
    failed: int = 0
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    first_texts: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))


@dataclass(slots=True, kw_only=True)
class Post:
    """One use at one endpoint."""

    versions: dict[str, Version] = field(default_factory=dict)
    current: str = ""
    fingerprint: str = ""
    error: str = ""
    error_at: datetime | None = None
    rate: RateLimit | None = None
    rate_at: datetime | None = None
    day: date = date.min
    cost: dict[str, Decimal] = field(default_factory=dict)  # of `day`, by currency
    unpriced: int = 0  # of `day`
    minutes: deque[datetime] = field(default_factory=lambda: deque(maxlen=1000))

    def calls_a_minute(self, now: datetime) -> int:
        """Calls of the last sixty seconds; at most 1000 are counted."""
        return sum((now - one).total_seconds() < 60.0 for one in self.minutes)


@dataclass(slots=True, kw_only=True)
class Board:
    """`observe` is an observer of calls."""

    posts: dict[Key, Post] = field(default_factory=dict)

    def observe(self, call: Call) -> None:
        """Take down a call; a cache's hit asked nobody."""
        if call.outcome == "hit":
            return
        key = (call.use, call.provider, call.endpoint, call.model)
        post = self.posts.get(key)
        if post is None:
            post = self.posts[key] = Post()
        post.minutes.append(call.at)
        if call.rate is not None:
            post.rate, post.rate_at = call.rate, call.at
        self._spent(post, call)
        if call.outcome == "ok":
            self._answered(post, call)
        elif call.outcome != "cancelled":
            self._failed(post, call)

    def post(self, use: str, provider: str, endpoint: str, model: str) -> Post:
        """What is known; an empty one where nothing is."""
        return self.posts.get((use, provider, endpoint, model)) or Post()

    def _answered(self, post: Post, call: Call) -> None:
        post.current = call.reported or call.model
        post.fingerprint = call.fingerprint or post.fingerprint
        version = self._version(post, call)
        version.ok += 1
        version.last = call.at
        version.durations.append(call.duration_ms)
        if call.first_text_ms is not None:
            version.first_texts.append(call.first_text_ms)

    def _failed(self, post: Post, call: Call) -> None:
        post.current = post.current or call.model
        self._version(post, call).failed += 1
        post.error, post.error_at = scrubbed(call.error or f"HTTP {call.status}"), call.at

    def _version(self, post: Post, call: Call) -> Version:
        version = post.versions.get(post.current)
        if version is None:
            if len(post.versions) >= VERSIONS:
                del post.versions[min(post.versions, key=lambda name: post.versions[name].last)]
            version = post.versions[post.current] = Version(reported=post.current, since=call.at, last=call.at)
        return version

    def _spent(self, post: Post, call: Call) -> None:
        day = call.at.astimezone(UTC).date()
        if day != post.day:
            post.day, post.cost, post.unpriced = day, {}, 0
        usage = call.usage
        if usage is None:
            return
        if usage.cost is None:
            post.unpriced += bool(usage.input or usage.output)
        else:
            post.cost[usage.currency] = post.cost.get(usage.currency, Decimal(0)) + usage.cost


def scrubbed(error: str) -> str:
    """An error without what may be a key, an id or a query, on one short line."""
    return _SECRETS.sub("…", " ".join(error.split()))[:_ERROR_CHARS]


def rank(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank quantile; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
