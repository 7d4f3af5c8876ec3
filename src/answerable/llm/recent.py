"""The last few measurements of one kind, and a quantile of them that costs little to ask for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_KEPT = 256
_STALE = 16  # new values after which the quantile is worked out anew


@dataclass(slots=True, kw_only=True)
class Recent:
    """Of seconds, say."""

    quantile: float = 0.95
    values: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _new: int = 0
    _value: float = 0.0

    def add(self, value: float) -> None:
        """One more."""
        self.values.append(value)
        self._new -= 1

    def value(self, *, least: int) -> float | None:
        """The quantile (nearest rank), at most 16 values old; None for fewer than `least` values."""
        if len(self.values) < least:
            return None
        if self._new <= 0:
            ordered = sorted(self.values)
            self._value = ordered[min(len(ordered) - 1, int(self.quantile * len(ordered)))]
            self._new = _STALE
        return self._value
