"""How the models of each use are doing: counts since the start, and times over a sliding window."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from answerable.core.call import Call

WINDOW_S = 300.0
KEPT = 512  # calls of a row in the window; of more, the newest

Key = tuple[str, str, str, str]  # use, provider, endpoint, model


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """How an endpoint stands now."""

    breaker: str = "closed"  # closed | open | half-open | misconfigured
    under_way: int = 0
    ready_in_s: float = 0.0  # until something is sent there again


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """Milliseconds over the window; None where nothing was measured."""

    n: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @classmethod
    def of(cls, values: Sequence[float]) -> Quantiles:
        """Nearest-rank quantiles of the values."""
        if not values:
            return cls()
        ordered, n = sorted(values), len(values)
        p50, p95, p99 = (ordered[min(n - 1, int(share * n))] for share in (0.5, 0.95, 0.99))
        return cls(n=n, p50=p50, p95=p95, p99=p99)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRow:
    """One use at one endpoint. `calls` counts by outcome since the start; times are of the window's good calls.

    A row with an empty use stands for an endpoint that was not asked yet.
    """

    use: str
    provider: str
    endpoint: str
    model: str
    calls: Mapping[str, int]
    recent: Mapping[str, int]  # by outcome, in the window
    duration_ms: Quantiles
    first_text_ms: Quantiles
    state: EndpointState

    @property
    def success(self) -> float | None:
        """Share of the window's calls that went well, those we gave up ourselves left out; None without any."""
        judged = sum(count for outcome, count in self.recent.items() if outcome != "cancelled")
        return (self.recent.get("ok", 0) + self.recent.get("hit", 0)) / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    """What a route as a whole did since the start."""

    use: str
    requests: int = 0
    retries: int = 0
    hedges: int = 0
    hedges_won: int = 0
    unaffordable: int = 0  # retries and hedges that the retry budget did not allow


@dataclass(slots=True, kw_only=True)
class _Series:
    calls: Counter[str] = field(default_factory=Counter)
    recent: deque[tuple[float, str, float, float | None]] = field(default_factory=lambda: deque(maxlen=KEPT))


@dataclass(slots=True, kw_only=True)
class Meter:
    """`record` is an observer of calls. It only appends: what is costly waits for `snapshot`."""

    window_s: float = WINDOW_S
    clock: Callable[[], float] = time.monotonic
    _series: dict[Key, _Series] = field(default_factory=dict)
    _states: dict[tuple[str, str, str], Callable[[], EndpointState]] = field(default_factory=dict)
    _routes: dict[str, Callable[[], RouteRow]] = field(default_factory=dict)

    def record(self, call: Call) -> None:
        """Take down a call."""
        key = (call.use, call.provider, call.endpoint, call.model)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series()
        series.calls[call.outcome] += 1
        series.recent.append((self.clock(), call.outcome, call.duration_ms, call.first_text_ms))

    def watch(self, *, provider: str, endpoint: str, model: str, state: Callable[[], EndpointState]) -> None:
        """Show an endpoint, asked or not, with its state."""
        self._states[provider, endpoint, model] = state

    def watch_route(self, use: str, row: Callable[[], RouteRow]) -> None:
        """Show a route."""
        self._routes[use] = row

    def snapshot(self) -> tuple[MeterRow, ...]:
        """A row for each use at each endpoint, sorted."""
        asked = {key[1:] for key in self._series}
        unasked = [("", *name) for name in self._states if name not in asked]
        return tuple(self._row(key) for key in sorted([*self._series, *unasked]))

    def routes(self) -> tuple[RouteRow, ...]:
        """A row for each route, sorted by use."""
        return tuple(self._routes[use]() for use in sorted(self._routes))

    def _row(self, key: Key) -> MeterRow:
        use, provider, endpoint, model = key
        series = self._series.get(key, _Series())
        since = self.clock() - self.window_s
        recent = [one for one in series.recent if one[0] >= since]
        good = [one for one in recent if one[1] == "ok"]
        state = self._states.get((provider, endpoint, model), EndpointState)
        return MeterRow(
            use=use,
            provider=provider,
            endpoint=endpoint,
            model=model,
            calls=dict(series.calls),
            recent=dict(Counter(one[1] for one in recent)),
            duration_ms=Quantiles.of([one[2] for one in good]),
            first_text_ms=Quantiles.of([one[3] for one in good if one[3] is not None]),
            state=state(),
        )
