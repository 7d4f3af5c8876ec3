"""One look under way: what stands, and what begins and ends in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.state import WatchState
from answerable.core.alert import Alert, short_id
from answerable.core.ports import Happening
from answerable.monitor.alerts.rules import Rule


@dataclass(slots=True, kw_only=True)
class Look:
    """`happened`: by time. Alerts are kept by rule and key; `changed` are those to be written, by id."""

    parts: AlertParts
    now: datetime
    state: WatchState
    happened: Sequence[Happening] = ()
    standing: dict[tuple[str, str], Alert] = field(default_factory=dict)
    changed: dict[str, Alert] = field(default_factory=dict)
    opened: list[Alert] = field(default_factory=list)
    resolved: list[Alert] = field(default_factory=list)

    def with_known(self, known: Iterable[Alert]) -> Self:
        """With the alerts that stand already."""
        self.standing = {(one.rule, one.key): one for one in known if one.stands}
        return self

    def open(
        self,
        rule: Rule,
        *,
        key: str = "",
        began_at: datetime | None = None,
        value: float | None = None,
        usual: float | None = None,
        counts: tuple[int, int] = (0, 0),
        blame: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """It begins; `counts` are units and bad ones."""
        one = Alert(
            id=short_id("al", self.parts.tenant, rule.id, key, self.now.isoformat()),
            tenant=self.parts.tenant,
            rule=rule.id,
            key=key,
            severity=rule.severity,
            opened_at=self.now,
            began_at=began_at or self.now,
            last_at=self.now,
            n=counts[0],
            bad=counts[1],
            value=value,
            usual=usual,
            blame=blame,
            facts=dict(facts or {}),
        )
        self.opened.append(one)
        self._put(one)

    def update(self, one: Alert) -> None:
        """It stands, with newer figures."""
        self._put(replace(one, last_at=self.now))

    def resolve(self, one: Alert) -> None:
        """It is over."""
        ended = replace(one, resolved_at=self.now)
        self.standing.pop((one.rule, one.key), None)
        self.changed[ended.id] = ended
        self.resolved.append(ended)

    def _put(self, one: Alert) -> None:
        self.standing[one.rule, one.key] = one
        self.changed[one.id] = one


def at(seconds: float) -> datetime:
    """Unix seconds as a time."""
    return datetime.fromtimestamp(seconds, UTC)
