"""Numbers, times and ages as a reader's language writes them, for pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_COMMA = frozenset({"de", "es"})
_NARROW = "\u202f"
UNKNOWN = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Of one language. None is shown as a dash: unmeasured is not zero."""

    language: str
    say: Callable[..., str]

    def ms(self, value: float | None) -> str:
        """Milliseconds; from ten seconds on in seconds."""
        if value is None:
            return UNKNOWN
        return f"{value:.0f}{_NARROW}ms" if value < 10_000 else f"{self.decimal(value / 1000, 1)}{_NARROW}s"

    def percent(self, share: float) -> str:
        """A share in [0, 1], to a tenth."""
        return f"{self.decimal(100 * share, 1)}{_NARROW}%"

    def share(self, one: Mapping[str, Any]) -> str:
        """A percentage where there are enough, else k of n."""
        if not one["n"]:
            return UNKNOWN
        if one["enough"]:
            return self.percent(one["k"] / one["n"])
        return self.say("ops.k_of_n", {"k": one["k"], "n": one["n"]})

    def interval(self, one: Mapping[str, Any]) -> str:
        """The 95 % interval with its n; empty where k of n stands."""
        if not one["enough"]:
            return ""
        low, high = (self.decimal(100 * one[name], 1) for name in ("low", "high"))
        return f"{low}–{high}{_NARROW}%, n\u00a0=\u00a0{one['n']}"

    def points(self, difference: float) -> str:
        """A difference of shares in percentage points, with its sign."""
        sign = "+" if difference > 0 else "−" if difference < 0 else "±"
        return f"{sign}{self.decimal(abs(100 * difference), 1)}"

    def decimal(self, value: float, digits: int) -> str:
        """With the language's decimal mark."""
        text = f"{value:.{digits}f}"
        return text.replace(".", ",") if self.language in _COMMA else text

    def money(self, amount: str, currency: str) -> str:
        """An amount as it was summed, four digits after the mark."""
        return f"{self.decimal(float(amount), 4)}{_NARROW}{currency}"

    def ago(self, then: datetime | None, now: datetime) -> str:
        """How long ago, in its largest unit."""
        if then is None:
            return UNKNOWN
        seconds = max(0, int((now - then).total_seconds()))
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if seconds >= size:
                return self.say(f"ops.ago.{unit}", {"n": seconds // size})
        return self.say("ops.ago.second", {"n": seconds})


def told(happening: Mapping[str, Any]) -> str:
    """What a happening tells besides its name, in the order that a reader asks: where, from what, to what."""
    props = happening["props"]
    where = " ".join(dict.fromkeys(str(props[name]) for name in ("provider", "endpoint") if props.get(name)))
    if "old" in props:
        return f"{where}: {props['old']} → {props['new']}"
    if "asked" in props:
        reported = f" → {props['reported']}" if props.get("alias") else ""
        return f"{where}: {props['asked']}{reported}"
    told = {name: value for name, value in props.items() if name not in ("provider", "endpoint")}
    rest = ", ".join(str(value) if name == "reason" else f"{name} {value}" for name, value in told.items())
    return f"{where}: {rest}" if where and rest else where or rest
