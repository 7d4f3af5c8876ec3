"""What share of a tenant a scope sees: it decides which way a search goes, never what it finds."""

from __future__ import annotations

from collections import OrderedDict

from answerable.core.query import Scope

_KEPT = 4_096
_GROWN = 1.25  # an index that is so much larger or smaller is looked at anew


class Shares:
    """The shares measured lately, by scope."""

    def __init__(self) -> None:
        self._held: OrderedDict[object, tuple[float, int]] = OrderedDict()

    def get(self, scope: Scope, *, chunks: int) -> float | None:
        """In [0, 1]; None: it must be measured. `chunks` is the index's size now."""
        found = self._held.get(_key(scope))
        if found is None or not found[1] / _GROWN <= chunks <= found[1] * _GROWN:
            return None
        self._held.move_to_end(_key(scope))
        return found[0]

    def put(self, scope: Scope, share: float, *, chunks: int) -> None:
        """Keep it, measured in an index of so many chunks."""
        self._held[_key(scope)] = (share, chunks)
        if len(self._held) > _KEPT:
            self._held.popitem(last=False)


def _key(scope: Scope) -> object:
    wanted = scope.filter
    lists = (scope.groups, wanted.status, wanted.sources, wanted.languages, wanted.documents)
    return scope.tenant, lists, tuple(sorted(wanted.meta.items()))
