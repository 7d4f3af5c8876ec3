"""Watches which model really answers: a swap of it, or of what it runs on, shows at the first reply."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from answerable.core.call import Call
from answerable.core.model_names import same, stands_for
from answerable.core.ports import Happening

Key = tuple[str, str, str]  # provider, endpoint, the model asked for

AWAY = timedelta(hours=1)  # seen again within it: two backends at once, not a change back
KEPT = 32  # names or fingerprints of one model that are remembered


@dataclass(slots=True, kw_only=True)
class Facet:
    """One thing that a provider says of its model, and since when: the name, or the backend's fingerprint."""

    value: str
    since: datetime
    calls: int = 0
    known: dict[str, datetime] = field(default_factory=dict)  # every value, when it was last seen

    def take(self, value: str, at: datetime) -> tuple[str, datetime, int] | None:
        """The value before, its since and its calls, where this one is a change; None where it is not."""
        if value == self.value:
            self.calls += 1
            return None
        seen, before = self.known.get(value), (self.value, self.since, self.calls)
        self.known[self.value] = at
        self.known[value] = at
        while len(self.known) > KEPT:
            del self.known[min(self.known, key=self.known.__getitem__)]
        self.value, self.calls = value, 1
        if seen is not None and at - seen < AWAY:
            return None
        self.since = at
        return before


@dataclass(slots=True, kw_only=True)
class Sight:
    """What was last seen of one model at one endpoint."""

    model: Facet
    fingerprint: Facet | None = None


@dataclass(slots=True, kw_only=True)
class ModelWatch:
    """`observe` is an observer of calls. It writes `model.changed` once a change, and nothing for a usual reply.

    The first reply is compared with the name that was asked for: a dated form of it is an alias that resolves, and
    only noted (`model.resolved`); any other name is a swap. `restore` takes up what an earlier process saw.
    """

    write: Callable[[Happening], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sights: dict[Key, Sight] = field(default_factory=dict)

    def observe(self, call: Call) -> None:
        """Look at one reply; other calls tell nothing."""
        if call.outcome != "ok" or not call.reported:
            return
        key = (call.provider, call.endpoint, call.model)
        sight = self.sights.get(key)
        if sight is None:
            self._first(key, call)
            return
        at = call.at
        if (was := sight.model.take(call.reported, at)) and not same(was[0], call.reported):
            self._changed(call, "model", was, call.reported)
        if not call.fingerprint:
            return
        if sight.fingerprint is None:
            sight.fingerprint = Facet(value=call.fingerprint, since=at, calls=1)
            self._noted(call)
        elif was := sight.fingerprint.take(call.fingerprint, at):
            self._changed(call, "fingerprint", was, call.fingerprint)

    def restore(self, happenings: Iterable[Happening]) -> None:
        """What was seen before, from `model.changed` and `model.resolved` in any order."""
        for one in sorted(happenings, key=lambda one: (one.at, one.id)):
            props = {name: str(value) for name, value in one.props.items()}
            key = (props.get("provider", ""), props.get("endpoint", ""), props.get("asked", ""))
            if one.name == "model.resolved":
                self._remember(key, "model", props.get("reported", ""), one.at)
                self._remember(key, "fingerprint", props.get("fingerprint", ""), one.at)
            elif one.name == "model.changed":
                self._remember(key, props.get("what", "model"), props.get("new", ""), one.at)

    def _first(self, key: Key, call: Call) -> None:
        sight = self.sights[key] = Sight(model=Facet(value=call.reported, since=call.at, calls=1))
        if call.fingerprint:
            sight.fingerprint = Facet(value=call.fingerprint, since=call.at, calls=1)
        alias = stands_for(call.model, call.reported)
        if alias or same(call.model, call.reported):
            if alias or call.fingerprint:
                self._noted(call)
        else:
            self._changed(call, "model", (call.model, call.at, 0), call.reported)
            if call.fingerprint:
                self._noted(call)

    def _remember(self, key: Key, what: str, value: str, at: datetime) -> None:
        if not value:
            return
        sight = self.sights.get(key)
        if sight is None:
            sight = self.sights[key] = Sight(model=Facet(value=key[2], since=at))
        if what == "model":
            sight.model.take(value, at)
            sight.model.calls = 0
        elif sight.fingerprint is None:
            sight.fingerprint = Facet(value=value, since=at)
        else:
            sight.fingerprint.take(value, at)

    def _noted(self, call: Call) -> None:
        props = _of(call) | {
            "reported": call.reported,
            "fingerprint": call.fingerprint,
            "alias": stands_for(call.model, call.reported),
        }
        self.write(Happening(name="model.resolved", trace_id=call.trace_id, at=self.now(), props=props))

    def _changed(self, call: Call, what: str, was: tuple[str, datetime, int], new: str) -> None:
        old, since, calls = was
        props = _of(call) | {"what": what, "old": old, "new": new, "since": since.isoformat(), "calls": calls}
        self.write(Happening(name="model.changed", trace_id=call.trace_id, at=self.now(), props=props))


def _of(call: Call) -> dict[str, str | int | bool]:
    return {"provider": call.provider, "endpoint": call.endpoint, "use": call.use, "asked": call.model}
