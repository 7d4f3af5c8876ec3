"""What is kept of all rules between two looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from answerable.app.alerts.shares import ShareState
from answerable.app.alerts.usual import Usual


@dataclass(slots=True, kw_only=True)
class WatchState:
    """`hour`: the next one to be read; `usual_at`: the hour that `usual` and `same_hour` are of (Unix hours).

    `minutes`: by signal, what it came to in each of the last minutes; `beyond`: since when a level is beyond what
    is well; `told`: happenings that were seen; `unmeasured`: rules that nothing can be said of.
    """

    hour: int = 0
    usual_at: int = 0
    usual: dict[str, Usual] = field(default_factory=dict)
    same_hour: dict[str, list[float]] = field(default_factory=dict)
    shares: dict[str, ShareState] = field(default_factory=dict)
    minutes: dict[str, dict[str, float]] = field(default_factory=dict)
    beyond: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    levels: dict[str, float | None] = field(default_factory=dict)
    unmeasured: list[str] = field(default_factory=list)

    def share(self, rule: str) -> ShareState:
        """Of one rule."""
        return self.shares.setdefault(rule, ShareState())

    def as_json(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "hour": self.hour,
            "usual_at": self.usual_at,
            "usual": {name: asdict(one) for name, one in self.usual.items()},
            "same_hour": self.same_hour,
            "shares": {name: one.as_json() for name, one in self.shares.items()},
            "minutes": self.minutes,
            "beyond": self.beyond,
            "told": self.told,
            "levels": self.levels,
            "unmeasured": self.unmeasured,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> WatchState:
        """What `as_json` gave; of nothing a new one."""
        plain = {name: dict(kept.get(name, {})) for name in ("same_hour", "minutes", "beyond", "told", "levels")}
        return cls(
            hour=int(kept.get("hour", 0)),
            usual_at=int(kept.get("usual_at", 0)),
            usual={name: Usual(**one) for name, one in kept.get("usual", {}).items()},
            shares={name: ShareState.from_json(one) for name, one in kept.get("shares", {}).items()},
            unmeasured=list(kept.get("unmeasured", [])),
            **plain,
        )
