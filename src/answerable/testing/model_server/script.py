"""Which behavior answers which request."""

from __future__ import annotations

from collections.abc import Mapping

from answerable.testing.model_server.behaviors import NAMED, Behavior, Cite

PREFIX = "scripted:"
HEADER = "x-scripted"


class Script:
    """Steps that are used up one a request; the last one stays. A request may name its own behavior instead."""

    def __init__(self, *steps: Behavior) -> None:
        self._steps: tuple[Behavior, ...] = steps or (Cite(),)
        self._used = 0

    def behavior(self, *, headers: Mapping[str, str], model: str) -> Behavior:
        """By the header `x-scripted`, by a model name such as `scripted:invent`, else the next step.

        Raises KeyError for a name that does not exist.
        """
        named = headers.get(HEADER, "") or (model.removeprefix(PREFIX) if model.startswith(PREFIX) else "")
        if named:
            return NAMED[named]
        step = self._steps[min(self._used, len(self._steps) - 1)]
        self._used += 1
        return step


class Scripts:
    """One script for all, and others for single endpoints: one server plays several providers, or several keys."""

    def __init__(self, *steps: Behavior) -> None:
        self._all = Script(*steps)
        self._some: dict[str, Script] = {}

    def put(self, *steps: Behavior, at: str = "") -> None:
        """Behave like this from the next request on. `at`: a path's beginning (`/a`), or `key:` and an API key."""
        if at:
            self._some[at] = Script(*steps)
        else:
            self._all = Script(*steps)

    def for_request(self, *, endpoint: str, key: str) -> Script:
        """By its key, else by its path, else the one for all."""
        return self._some.get(f"key:{key}") or self._some.get(endpoint) or self._all
