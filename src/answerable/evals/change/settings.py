"""Two configurations, key by key: which settings differ, and what kind of thing each decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.evals.change.kinds import BUILT, SECTIONS, Kind

_NAMES = ("id", "use", "name")  # by which an entry of a list is told from the others
_UNSHOWN = ("key", "url", "headers", "token", "password", "endpoints")  # may hold what is nobody's
_LONG = 60
_NONE = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A key with its two values; None where a side does not have it."""

    key: str
    before: Any
    after: Any

    @property
    def section(self) -> str:
        """The first part of the key, such as `retrieval`."""
        return self.key.partition(".")[0].partition("[")[0]

    @property
    def kind(self) -> Kind:
        """What it decides."""
        return SECTIONS.get(self.section, Kind.OTHER)

    @property
    def words(self) -> str:
        """`retrieval.keep 6 → 2`; values that may be secret or an address are not shown."""
        if self.key.rpartition(".")[2].lower().endswith(_UNSHOWN):
            return f"{self.key} changed"
        return f"{self.key} {_shown(self.before)} → {_shown(self.after)}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Setting, ...]:
    """Of two configurations as plain values (JSON), sorted by key."""
    old, new = dict(_flat("", before)), dict(_flat("", after))
    return tuple(
        Setting(key=key, before=old.get(key), after=new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def by_kind(settings: Sequence[Setting]) -> dict[Kind, tuple[Setting, ...]]:
    """Those of each kind, in the order of the kinds."""
    grouped: defaultdict[Kind, list[Setting]] = defaultdict(list)
    for one in settings:
        grouped[one.kind].append(one)
    return {kind: tuple(grouped[kind]) for kind in Kind if kind in grouped}


def builds_another_index(settings: Sequence[Setting]) -> bool:
    """Whether documents would be cut, embedded or kept otherwise."""
    return any(one.section in BUILT for one in settings)


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list | tuple) and value and all(isinstance(one, Mapping) for one in value):
        for n, one in enumerate(value):
            yield from _flat(f"{prefix}[{_name(one, n)}]", one)
    else:
        yield prefix, list(value) if isinstance(value, tuple) else value


def _name(entry: Mapping[str, Any], n: int) -> str:
    return next((str(entry[key]) for key in _NAMES if entry.get(key)), str(n))


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return _NONE
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
